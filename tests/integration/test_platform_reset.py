"""`make reset` deletes the state folder: only one that the platform made, and none that it runs in."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings


def reset(state: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "scripts/reset.sh"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "STATE_DIR": str(state), **changes},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder as a first start leaves it."""
    made = tmp_path / "state"
    (made / "keys").mkdir(parents=True)
    (made / "keys" / "django-secret").write_text("secret")
    (made / "db.sqlite3").write_bytes(b"data")
    return made


def test_the_state_folder_goes_and_nothing_beside_it(state: Path) -> None:
    (state.parent / "neighbour").write_text("stays")
    done = reset(state)
    assert done.returncode == 0, done.stderr
    assert "deleted" in done.stdout
    assert [path.name for path in state.parent.iterdir()] == ["neighbour"]


def test_there_may_be_nothing_to_delete(tmp_path: Path) -> None:
    done = reset(tmp_path / "never-made")
    assert done.returncode == 0
    assert "nothing to delete" in done.stdout


def test_a_folder_that_the_platform_did_not_make_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photos.zip").write_bytes(b"somebody's")
    done = reset(tmp_path)
    assert done.returncode == 1
    assert "not deleted" in done.stderr
    assert (tmp_path / "photos.zip").exists()


def test_a_home_folder_is_left_alone_whatever_lies_in_it(state: Path) -> None:
    done = reset(state, HOME=str(state))
    assert done.returncode == 1
    assert (state / "db.sqlite3").exists()


def test_a_folder_that_is_in_use_is_left_alone_until_it_is_not(state: Path) -> None:
    held = os.open(state, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_SH)
        done = reset(state)
        assert done.returncode == 1
        assert "stop make run first" in done.stderr
        assert (state / "db.sqlite3").exists()
    finally:
        os.close(held)
    assert reset(state).returncode == 0
    assert not state.exists()

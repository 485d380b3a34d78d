"""`manage.py transcode INPUT --out DIR --json`: what it prints and how it ends, for whoever calls it from a script."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from media_pipeline.objects import FolderStore
from tests.integration.media_pipeline.hostile_films import Ffmpeg, film

KEYS = {
    "name", "path", "codec", "width", "height", "fps", "bytes", "kbit_s", "vmaf_mean", "vmaf_p5", "cpu_s"
}  # fmt: skip
"""Of every rung."""


@pytest.fixture(scope="module")
def short(clips: Path, ffmpeg: Ffmpeg) -> Path:
    """Six seconds of a moving picture and a tone."""
    film(ffmpeg)
    return clips / "film.mp4"


def as_process(path: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "transcode", str(path), "--out", str(out), "--json"]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=dict(os.environ), capture_output=True, text=True, timeout=120, check=False
    )


def last_line(printed: str) -> Any:
    return json.loads(printed.splitlines()[-1])


def refused(path: Path, out: Path) -> dict[str, str]:
    """The error that the command prints as its last line when it ends with another status than 0."""
    printed = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("transcode", path, out=out, as_json=True, stdout=printed)
    assert ended.value.code not in (0, None)
    error: dict[str, str] = last_line(printed.getvalue())["error"]
    assert error["message"] and error["message_en"]
    return error


def test_the_last_line_tells_the_source_the_plan_and_every_rung(short: Path, tmp_path: Path) -> None:
    done = as_process(short, tmp_path / "new" / "folder")
    assert done.returncode == 0, done.stderr
    report = last_line(done.stdout)
    assert {"source", "plan", "rungs"} <= set(report)
    assert report["source"]["path"] == str(short)
    assert {"opus-16", "aac-24", "poster", "h264-240", "muxed-240"} <= set(report["plan"]["rungs"])
    assert report["rungs"][0]["name"] == "opus-16"
    for rung in report["rungs"]:
        assert set(rung) >= KEYS
        assert Path(rung["path"]).stat().st_size == rung["bytes"] > 0
        assert rung["cpu_s"] > 0, rung["name"]
        seen = rung["kind"] == "video"
        assert (rung["fps"] is not None) == (rung["kind"] in ("video", "muxed"))
        for score in ("vmaf_mean", "vmaf_p5"):
            assert (rung[score] is not None) == seen
            assert not seen or 0 < rung[score] <= 100
    (smallest,) = (rung for rung in report["rungs"] if rung["name"] == "h264-240")
    assert (smallest["width"], smallest["height"], smallest["fps"]) == (160, 90, 25.0)
    assert smallest["codec"].startswith("avc1.")
    assert not [path for path in (tmp_path / "new" / "folder").iterdir() if path.name.startswith(".")]


def test_a_refused_file_ends_with_a_status_an_error_as_json_and_no_traceback(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("这不是视频。\n" * 100, encoding="utf-8")
    done = as_process(text, tmp_path / "out")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    error = last_line(done.stdout)["error"]
    assert error["code"] == "probe"
    assert error["message"]
    assert not list((tmp_path / "out").iterdir())


def empty(folder: Path, _short: Path) -> tuple[Path, Path]:
    (folder / "empty.mp4").touch()
    return folder / "empty.mp4", folder / "out"


def missing(folder: Path, _short: Path) -> tuple[Path, Path]:
    return folder / "missing.mp4", folder / "out"


def no_file(folder: Path, _short: Path) -> tuple[Path, Path]:
    return folder, folder / "out"


def pipe(folder: Path, _short: Path) -> tuple[Path, Path]:
    os.mkfifo(folder / "pipe.mp4")
    return folder / "pipe.mp4", folder / "out"


def unreadable(folder: Path, _short: Path) -> tuple[Path, Path]:
    # A name that no file system takes is refused to the superuser, too.
    return folder / f"{'x' * 300}.mp4", folder / "out"


def out_is_a_file(folder: Path, short: Path) -> tuple[Path, Path]:
    (folder / "out").touch()
    return short, folder / "out"


def out_below_a_file(folder: Path, short: Path) -> tuple[Path, Path]:
    (folder / "file").touch()
    return short, folder / "file" / "out"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (empty, "probe"),
        (missing, "source-missing"),
        (no_file, "source-missing"),
        (pipe, "source-missing"),
        (unreadable, "source-unreadable"),
        (out_is_a_file, "folder"),
        (out_below_a_file, "folder"),
    ],
)
def test_a_path_that_cannot_be_used_is_an_error_with_a_code(
    given: Callable[[Path, Path], tuple[Path, Path]], code: str, short: Path, tmp_path: Path
) -> None:
    assert refused(*given(tmp_path, short))["code"] == code


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk-full"), (errno.EDQUOT, "disk-full"), (errno.EIO, "folder")]
)
def test_a_disk_that_fills_up_or_breaks_in_mid_work_is_an_error_with_a_code(
    number: int, code: str, short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_store: FolderStore, _reader: io.BytesIO) -> str:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(FolderStore, "put_stream", refuses)
    assert refused(short, tmp_path / "out")["code"] == code
    assert not list((tmp_path / "out").iterdir()), "nothing half-made is left"

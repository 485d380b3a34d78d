"""`make run`: a taken port is said in words; Ctrl-C leaves nothing running; a dead child comes back."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from tests.services.processes import free_port

SCRIPT = [sys.executable, "scripts/run.py"]


def environment(state: Path, port: int) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TEST_STATE", "PYTEST", "DJANGO"))
    }
    return {**kept, "STATE_DIR": str(state), "PORT": str(port), "HOST": "127.0.0.1", "DEMO": "0"}


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.2)


def answers(port: int, trusted: ssl.SSLContext | None = None) -> bool:
    scheme = "https" if trusted else "http"
    try:
        with urllib.request.urlopen(f"{scheme}://127.0.0.1:{port}/health/live/", timeout=2, context=trusted) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def children_of(pid: int) -> dict[int, str]:
    """Process ids and command lines of the direct children."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if parent == pid:
            found[int(entry.name)] = command
    return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def running(state: Path, port: int, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        SCRIPT, cwd=settings.BASE_DIR, env={**environment(state, port), **changes}, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One state folder for all starts: the first prepares it."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def platform(state: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    with running(state, port) as process:
        wait_for(lambda: answers(port) or process.poll() is not None)
        yield process, port


def test_a_taken_port_is_said_in_both_languages(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            SCRIPT, cwd=settings.BASE_DIR, env=environment(tmp_path, port), capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert f"端口 {port} 已被别的程序占用" in done.stderr
    assert f"Port {port} is taken" in done.stderr


def test_a_port_that_is_no_number_is_refused(tmp_path: Path) -> None:
    changed = {**environment(tmp_path, 1), "PORT": "eighty"}
    done = subprocess.run(SCRIPT, cwd=settings.BASE_DIR, env=changed, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "PORT=eighty" in done.stderr


def test_make_reset_leaves_alone_what_runs(platform: tuple[subprocess.Popen[bytes], int], state: Path) -> None:
    """In a process of its own: another test may have stopped `platform` already, which prepared the folder."""
    port = free_port()
    with running(state, port) as process:
        wait_for(lambda: children_of(process.pid) or process.poll() is not None)
        done = subprocess.run(
            ["bash", "scripts/reset.sh"],
            cwd=settings.BASE_DIR,
            env=environment(state, port),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "stop make run first" in done.stderr
        assert (state / "db.sqlite3").exists()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_a_killed_web_process_comes_back_and_a_signal_stops_everything(
    platform: tuple[subprocess.Popen[bytes], int],
) -> None:
    process, port = platform
    first = children_of(process.pid)
    web = next(pid for pid, command in first.items() if "uvicorn" in command)
    assert any("run_worker" in command for command in first.values())

    os.kill(web, signal.SIGKILL)
    wait_for(lambda: not is_running(web))
    wait_for(lambda: answers(port))

    last = children_of(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    wait_for(lambda: not any(is_running(pid) for pid in {*first, *last}), 15)
    assert not answers(port)


def test_the_demos_accounts_stand_below_the_address_and_no_audit_line_pushes_them_away(tmp_path: Path) -> None:
    port = free_port()
    with (tmp_path / "said").open("w+") as said:
        process = subprocess.Popen(
            SCRIPT,
            cwd=settings.BASE_DIR,
            env={**environment(tmp_path / "state", port), "DEMO": "1"},
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_for(lambda: "is running" in (tmp_path / "said").read_text() or process.poll() is not None, 300)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        text = (tmp_path / "said").read_text()
    block = text[text.index("is running") :]
    assert "reviewer1" in block
    assert "/join/" in block
    assert "INFO wagtail:" not in text


def test_https_is_served_with_a_certificate_of_its_own_made_once(
    platform: tuple[subprocess.Popen[bytes], int], state: Path
) -> None:
    """`platform` has prepared the folder, so that this start has nothing else to do."""
    port = free_port()
    certificate, key = state / "keys" / "https-cert.pem", state / "keys" / "https-key.pem"
    with running(state, port, HTTPS="1") as process:
        wait_for(lambda: certificate.exists() or process.poll() is not None)
        trusted = ssl.create_default_context(cafile=str(certificate))
        wait_for(lambda: answers(port, trusted) or process.poll() is not None)
        assert answers(port, trusted), "over TLS, the certificate and its address checked"
        assert not answers(port), "and not in clear"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert key.stat().st_mode & 0o077 == 0, "nobody else reads the key"
    made = certificate.read_bytes()
    subprocess.run(
        [sys.executable, "scripts/certificate.py"], cwd=settings.BASE_DIR, env=environment(state, port), check=True
    )
    assert certificate.read_bytes() == made

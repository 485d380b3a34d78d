"""What a child can't do behind the sandbox, tried by real children: connect, start, look around, take too much."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from media_pipeline.errors import TimeLimit
from media_pipeline.outputs import silent_tick
from media_pipeline.supervisor import Limits, Outcome, failure, ffmpeg_executable, run

PLENTY = Limits(cpu_s=10, wall_s=60, file_bytes=0, memory_bytes=2 << 30)


def child(code: str, *arguments: str, limits: Limits = PLENTY) -> Outcome:
    return run([sys.executable, "-I", "-c", code, *arguments], limits, silent_tick)


def tried(code: str, *arguments: str, limits: Limits = PLENTY) -> str:
    """What came of a line of Python in a child: "done", or the name of the exception."""
    outcome = child(
        f"import os, socket, sys\ntry:\n    {code}\n    print('done')\n"
        "except BaseException as e:\n    print(type(e).__name__)\n",
        *arguments,
        limits=limits,
    )
    assert outcome.status == 0, outcome.stderr
    return outcome.stdout.strip()


def told(expression: str, *arguments: str) -> object:
    """The value of an expression in a child."""
    outcome = child(f"import json, os, sys\nprint(json.dumps({expression}))", *arguments)
    assert outcome.status == 0, outcome.stderr
    return json.loads(outcome.stdout)


def hidden(path: Path) -> str:
    """A path as an argument that doesn't look like one, so that naming it gives no right to it."""
    return str(path).removeprefix("/")


def landlock_version() -> int:
    return int(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1))


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        yield listening


def test_a_child_is_in_a_network_of_its_own_that_is_down() -> None:
    # Where this machine doesn't let root leave the network, this test must fail: decoders would have one.
    assert told("os.readlink('/proc/self/ns/net')") != str(Path("/proc/self/ns/net").readlink())
    lines = told("open('/proc/self/net/dev').read()")
    assert [line.split(":")[0].strip() for line in str(lines).splitlines()[2:]] == ["lo"]
    assert "127.0.0.1" not in str(told("open('/proc/self/net/fib_trie').read()"))


def test_a_child_has_no_socket_and_nobody_hears_of_it(server: socket.socket) -> None:
    port = str(server.getsockname()[1])
    assert tried("socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2)", port) == "PermissionError"
    assert tried("socket.socket(socket.AF_UNIX)") == "PermissionError"
    with pytest.raises(TimeoutError):
        server.accept()


def test_the_network_namespace_alone_is_enough(server: socket.socket) -> None:
    code = (
        "import ctypes, socket, sys\nfrom media_pipeline import sandbox\nsandbox._leave_network(ctypes.CDLL(None))\n"
        "try:\n    socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2)\n"
        "except OSError as e:\n    print(e.errno)\n"
    )
    command = [sys.executable, "-c", code, str(server.getsockname()[1])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=settings.BASE_DIR, timeout=30)
    assert done.stdout.strip() == "101"  # ENETUNREACH
    with pytest.raises(TimeoutError):
        server.accept()


def test_ffmpeg_itself_can_reach_nobody_even_when_it_is_asked_to(server: socket.socket) -> None:
    address = f"http://127.0.0.1:{server.getsockname()[1]}/x.mp4"
    outcome = run([ffmpeg_executable(), "-v", "error", "-i", address, "-f", "null", "-"], PLENTY, silent_tick)
    assert outcome.status != 0
    with pytest.raises(TimeoutError):
        server.accept()


def test_a_child_knows_no_secret_of_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a-very-secret-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
    assert set(told("dict(os.environ)")) <= {"LC_CTYPE"}  # which Python sets for itself
    seen = child("import os\nprint(open('/proc/self/environ').read(), os.environ)").stdout
    assert "secret" not in seen


def test_a_child_sees_its_libraries_and_what_its_command_names_and_nothing_else(tmp_path: Path) -> None:
    secret = tmp_path / "signing-key"
    secret.write_text("secret")
    # Kernels before 5.13 have no Landlock; there the empty environment and the missing network must do.
    refused = "PermissionError" if landlock_version() >= 1 else "done"
    assert tried("open('/' + sys.argv[1]).read()", hidden(secret)) == refused
    assert tried("open('/' + sys.argv[1], 'a')", hidden(secret)) == refused
    assert tried("os.listdir('/' + sys.argv[1])", hidden(Path(settings.BASE_DIR) / "config")) == refused
    assert tried("open('/proc/%d/environ' % os.getppid()).read()") == refused
    assert tried("os.kill(os.getppid(), 0)") in (refused, "done")
    assert tried("open(sys.argv[1]).read()", str(secret)) == "done"
    assert tried("open(sys.argv[1], 'a')", str(secret)) == refused


def test_ffmpeg_reads_its_input_and_writes_its_output_and_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    source = tmp_path / "in" / "tone.wav"
    make = [ffmpeg_executable(), "-v", "error", "-f", "lavfi", "-i", "sine=d=1"]
    subprocess.run([*make, str(source)], check=True, timeout=30)
    before = source.read_bytes()
    limits = Limits(cpu_s=10, wall_s=60, file_bytes=1 << 20)
    copying = [ffmpeg_executable(), "-v", "error", "-y", "-i", f"file:{source}", f"file:{tmp_path}/out/copy.wav"]
    for _time in ("made", "made anew"):
        assert run(copying, limits, silent_tick).status == 0
    # A relative path names the same files and gives no right to them.
    beside = os.path.relpath(source)
    assert run([*copying, "-t", "0.1", beside], limits, silent_tick).status == (0 if landlock_version() < 1 else 243)
    if landlock_version() >= 1:
        assert source.read_bytes() == before


def test_a_child_starts_threads_and_no_process() -> None:
    assert tried("os.fork()") == "PermissionError"
    assert tried("os.posix_spawn('/bin/true', ['true'], {})") == "PermissionError"
    assert tried("__import__('threading').Thread(target=len, args=('',)).start()") == "done"


def test_a_child_that_computes_for_too_long_is_stopped() -> None:
    with pytest.raises(TimeLimit):
        child("while True: pass", limits=Limits(cpu_s=1, wall_s=60, file_bytes=0))


def test_a_child_that_waits_for_too_long_is_stopped_and_gone() -> None:
    seen: list[int] = []
    others = set(children_of(os.getpid()))
    with pytest.raises(TimeLimit):
        run(
            [sys.executable, "-I", "-c", "import time; time.sleep(60)"],
            Limits(cpu_s=10, wall_s=1.0, file_bytes=0),
            lambda _progress: seen.extend(children_of(os.getpid())),
        )
    own = set(seen) - others
    assert own
    assert not own & set(children_of(os.getpid()))


def children_of(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(word) for task in tasks for word in task.read_text().split()]


def test_a_child_that_wants_too_much_memory_does_not_get_it() -> None:
    small = Limits(cpu_s=10, wall_s=60, file_bytes=0, memory_bytes=256 << 20)
    assert tried("bytearray(512 << 20)", limits=small) == "MemoryError"
    assert tried("bytearray(64 << 20)", limits=small) == "done"


def test_an_ffmpeg_that_wants_too_much_memory_ends_as_such() -> None:
    small = Limits(cpu_s=10, wall_s=60, file_bytes=0, memory_bytes=512 << 20)
    picture = "color=s=16000x16000:r=1:d=1"
    outcome = run(
        [ffmpeg_executable(), "-v", "error", "-f", "lavfi", "-i", picture, "-f", "null", "-"], small, silent_tick
    )
    assert outcome.status != 0
    assert failure(outcome, needed_mb=1).code == "memory"


def test_an_ffmpeg_that_computes_for_too_long_is_stopped() -> None:
    endless = [ffmpeg_executable(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360", "-f", "null", "-"]
    with pytest.raises(TimeLimit):
        run(endless, Limits(cpu_s=1, wall_s=60, file_bytes=0), silent_tick)


def test_a_child_that_writes_too_much_is_stopped(tmp_path: Path) -> None:
    target = tmp_path / "large.wav"
    command = [ffmpeg_executable(), "-v", "error", "-f", "lavfi", "-i", "sine=d=60", "-y", f"file:{target}"]
    outcome = run(command, Limits(cpu_s=10, wall_s=60, file_bytes=100_000), silent_tick)
    assert outcome.status != 0
    assert target.stat().st_size <= 100_000


def test_a_child_that_opens_too_many_files_is_refused() -> None:
    assert tried("held = [open('/dev/null') for number in range(300)]") == "OSError"
    assert tried("held = [open('/dev/null') for number in range(100)]") == "done"


def test_a_child_dies_with_its_worker(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom media_pipeline.supervisor import Limits, run\n"
        "run([sys.executable, '-I', '-c', 'import time; time.sleep(60)'], Limits(10, 60, 0), lambda p: None)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=settings.BASE_DIR)
    try:
        waiting: list[int] = []
        while not waiting:
            assert worker.poll() is None
            waiting = children_of(worker.pid)
        # It sleeps once it is the program; before that the sandbox sets itself up and looks for its parent.
        while b"time.sleep" not in Path(f"/proc/{waiting[0]}/cmdline").read_bytes().split(b"--")[0]:
            pass
    finally:
        worker.kill()
        worker.wait()
    for _turn in range(200):
        if not Path(f"/proc/{waiting[0]}").exists() or _is_zombie(waiting[0]):
            return
        os.sched_yield()
        _pause()
    pytest.fail("the child outlived its worker")


def _is_zombie(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def _pause() -> None:
    subprocess.run(["sleep", "0.02"], check=True)


def test_only_the_two_children_hold_a_decoder() -> None:
    holders = {
        path.name
        for folder in ("media_pipeline", "cms", "offline", "search", "education", "accounts", "config")
        for path in (Path(settings.BASE_DIR) / folder).rglob("*.py")
        if any(line.split()[:2] in (["import", "av"], ["from", "av"]) for line in path.read_text().splitlines())
    }
    assert holders == {"probe_child.py", "decode_child.py"}

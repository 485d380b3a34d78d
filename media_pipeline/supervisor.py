"""Runs ffmpeg and the probe: own process group, limits, progress, time limit, and an end within two seconds."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from media_pipeline.errors import DiskFull, EncodeFailed, MediaError, MemoryLimit, TimeLimit, VerifyFailed

_POLL_S = 0.5
_KEEP_BYTES = 256 << 10
_SANDBOX = Path(__file__).with_name("sandbox.py")
_NO_ROOM = ("No space left on device", "Disk quota exceeded")
_NO_MEMORY = ("Cannot allocate memory", "malloc of size", "bad_alloc", "pthread_create() failed")
_NEARLY = 0.95
"""The kernel's two ways of counting processor time differ by a little; ffmpeg ends by itself at its limit."""
_TOO_MANY_ERRORS = 69
"""ffmpeg's exit status when `-max_error_rate` was exceeded."""
_CHATTER = "Svt["
"""SVT-AV1 tells about itself on the error output, whatever ffmpeg's level is."""
_SECRETS = re.compile(r"(?:file:)?/[^\s':\"]+")


@dataclass(frozen=True)
class Limits:
    """What a child may take. Memory is address space, of which codecs reserve far more than they use.

    Of each output the last `kept_bytes` are kept.
    """

    cpu_s: int
    wall_s: float
    file_bytes: int
    memory_bytes: int = 6 << 30
    kept_bytes: int = _KEEP_BYTES


@dataclass(frozen=True)
class Progress:
    """How far ffmpeg says it is: seconds of output and frames."""

    seconds: float = 0.0
    frames: int = 0


@dataclass(frozen=True)
class Outcome:
    """How a child ended. `stdout` and `stderr` are what was kept of them."""

    status: int
    stdout: str
    stderr: str
    progress: Progress
    cpu_s: float


Tick = Callable[[Progress], None]
"""Called two or three times a second; an exception it raises ends the child and goes on to the caller."""


def ffmpeg_executable() -> str:
    """The ffmpeg of the platform: `IMAGEIO_FFMPEG_EXE` where set, else the one inside `imageio-ffmpeg`."""
    return imageio_ffmpeg.get_ffmpeg_exe()


def run(command: Sequence[str], limits: Limits, on_tick: Tick) -> Outcome:
    """Run a command behind the sandbox until it ends, and whatever happens leave no process of it behind.

    Raises:
        TimeLimit: it took longer than `limits.wall_s`, or used up its processor time.
        Exception: whatever `on_tick` raises.
    """
    started = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_SANDBOX), *_as_words(limits), str(os.getpid()), "--", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={},
        close_fds=True,
    )
    usage: list[float] = []
    reader = _Reader(child, limits.kept_bytes)
    try:
        while not reader.finished:
            reader.read(_POLL_S)
            if time.monotonic() - started > limits.wall_s:
                raise TimeLimit
            on_tick(reader.progress)
        _pid, status, resources = os.wait4(child.pid, 0)
        usage.append(resources.ru_utime + resources.ru_stime)
        child.returncode = os.waitstatus_to_exitcode(status)
    finally:
        _end(child)
        reader.close()
    if child.returncode == -signal.SIGXCPU or (child.returncode and usage[0] >= _NEARLY * limits.cpu_s):
        raise TimeLimit
    return Outcome(child.returncode, reader.text(1), reader.text(2), reader.progress, usage[0])


def _as_words(limits: Limits) -> list[str]:
    return [str(limits.cpu_s), str(limits.memory_bytes), str(limits.file_bytes)]


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the whole group of a child that still runs, and reap it."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


class _Reader:
    """Collects both outputs of a child without blocking, and reads ffmpeg's progress out of the first."""

    def __init__(self, child: subprocess.Popen[bytes], kept_bytes: int) -> None:
        self._kept_bytes = kept_bytes
        assert child.stdout is not None and child.stderr is not None
        self._streams = {1: child.stdout, 2: child.stderr}
        self._kept = {1: bytearray(), 2: bytearray()}
        self._selector = selectors.DefaultSelector()
        self._line = b""
        self.progress = Progress()
        for number, stream in self._streams.items():
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, selectors.EVENT_READ, number)

    @property
    def finished(self) -> bool:
        """Both outputs are at their end."""
        return not self._selector.get_map()

    def read(self, timeout_s: float) -> None:
        """Take in what is there, waiting at most `timeout_s`."""
        for key, _events in self._selector.select(timeout_s):
            piece = os.read(key.fd, 1 << 16)
            if not piece:
                self._selector.unregister(key.fileobj)
                continue
            kept = self._kept[key.data]
            kept += piece
            del kept[: -self._kept_bytes]
            if key.data == 1:
                self._follow(piece)

    def _follow(self, piece: bytes) -> None:
        *lines, self._line = (self._line + piece).split(b"\n")
        self._line = self._line[-1024:]
        seconds, frames = self.progress.seconds, self.progress.frames
        for line in lines:
            name, _equals, value = line.partition(b"=")
            if name == b"out_time_us" and value.strip().lstrip(b"-").isdigit():
                seconds = max(seconds, int(value) / 1e6)
            elif name == b"frame" and value.strip().isdigit():
                frames = max(frames, int(value))
        self.progress = Progress(seconds, frames)

    def text(self, number: int) -> str:
        """The end of one output."""
        return self._kept[number].decode("utf-8", "replace")

    def close(self) -> None:
        """Let go of the pipes."""
        self._selector.close()
        for stream in self._streams.values():
            stream.close()


def failure(outcome: Outcome, *, needed_mb: int) -> MediaError:
    """The error that a failed ffmpeg run stands for; paths of this machine are left out of its text."""
    if any(text in outcome.stderr for text in _NO_ROOM):
        return DiskFull(needed_mb=needed_mb)
    if outcome.status == -signal.SIGXFSZ or "File too large" in outcome.stderr:
        return EncodeFailed(reason="output larger than allowed")
    if any(text in outcome.stderr for text in _NO_MEMORY) or outcome.status == -signal.SIGKILL:
        # Nobody but the kernel, when memory runs out, kills a child that is not cancelled.
        return MemoryLimit()
    if outcome.status == _TOO_MANY_ERRORS:
        return VerifyFailed(reason="decode errors")
    lines = [line.strip() for line in outcome.stderr.splitlines() if line.strip() and not line.startswith(_CHATTER)]
    told = _SECRETS.sub("…", lines[-1])[:200] if lines else f"exit status {outcome.status}"
    return EncodeFailed(reason=told)

"""Started in front of every program that touches a stranger's file: sets limits, then becomes the program.

Run as `python -I -S sandbox.py CPU_S MEMORY_BYTES FILE_BYTES PARENT -- PROGRAM ARGUMENT…`, with an empty environment.
It is a process of its own because doing this between fork and exec of a threaded worker may deadlock, and imports as
little as it can, since it starts with every child. PARENT is the worker's process id.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

_PR_SET_PDEATHSIG = 1
_SIGKILL = 9
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000


def _limit(kind: int, value: int) -> None:
    _soft, hard = resource.getrlimit(kind)
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (allowed, allowed))


def _leave_network(libc: ctypes.CDLL) -> None:
    """Enter an empty network namespace where the kernel lets us; the protocol list holds either way."""
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def main(arguments: list[str]) -> None:
    """Apply the limits and replace this process by the program."""
    cpu_s, memory_bytes, file_bytes, parent, separator, *program = arguments
    if separator != "--" or not program:
        raise SystemExit("usage: sandbox.py CPU_S MEMORY_BYTES FILE_BYTES PARENT -- PROGRAM ARGUMENT…")
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    if os.getppid() != int(parent):
        raise SystemExit("the worker is gone already")
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    try:  # noqa: SIM105 — contextlib costs more to import than all of this does
        _leave_network(libc)
    except AttributeError:
        pass
    _limit(resource.RLIMIT_CPU, int(cpu_s))
    _limit(resource.RLIMIT_AS, int(memory_bytes))
    _limit(resource.RLIMIT_FSIZE, int(file_bytes))
    _limit(resource.RLIMIT_CORE, 0)
    os.execve(program[0], program, {})  # noqa: S606 — no shell is the point


if __name__ == "__main__":
    main(sys.argv[1:])

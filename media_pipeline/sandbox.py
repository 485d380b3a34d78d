"""Started in front of every program that touches a stranger's file: sets limits, then becomes the program.

Run as `python -I -S sandbox.py CPU_S MEMORY_BYTES FILE_BYTES PARENT -- PROGRAM ARGUMENT…`, with an empty environment.
It is a process of its own because doing this between fork and exec of a threaded worker may deadlock, and imports as
little as it can, since it starts with every child. PARENT is the worker's process id.

Beyond the limits the program gets no network (a namespace of its own, and no sockets at all), no second process, and,
where the kernel knows Landlock, no file but the system's libraries and what its own command line names: the site's
keys, its database and its worker's environment stay out of reach even of a decoder that has been taken over.
What a kernel doesn't offer is left out; the protocol list of the commands holds either way.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

_PR_SET_PDEATHSIG, _SIGKILL = 1, 9
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000
_MAX_OPEN_FILES = 256
"""A run opens its source, its outputs and some forty libraries."""


def _limit(kind: int, value: int, spare: int = 0) -> None:
    _soft, hard = resource.getrlimit(kind)
    highest = value + spare if hard == resource.RLIM_INFINITY else min(value + spare, hard)
    resource.setrlimit(kind, (min(value, highest), highest))


def _leave_network(libc: ctypes.CDLL) -> None:
    """Enter an empty network namespace where the kernel lets us."""
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


# Files: Landlock (linux/landlock.h; the rights are bits in the order given there).

_EXECUTE, _WRITE, _READ, _LIST, _REMOVE, _CREATE, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 8, 1 << 14
_LOOK = _EXECUTE | _READ | _LIST
_CHANGE = _WRITE | _READ | _LIST | _REMOVE | _CREATE | _TRUNCATE
_OF_A_FILE = _EXECUTE | _WRITE | _READ | _TRUNCATE
_RIGHTS_BY_VERSION = ((1, 0x1FFF), (2, 0x3FFF), (3, 0x7FFF), (5, 0xFFFF))
_NO_TCP, _NO_TCP_SINCE = 0b11, 4
_OWN_SIGNALS_AND_SOCKETS, _SCOPED_SINCE = 0b11, 6
_SYS_CREATE_RULESET, _SYS_ADD_RULE, _SYS_RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_SYSTEM = (
    "/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/proc/self", "/proc/cpuinfo",
    "/proc/meminfo", "/sys/devices/system/cpu", "/dev/urandom",
)  # fmt: skip


def _leave_files(libc: ctypes.CDLL, program: list[str]) -> None:
    """Let the program see its libraries and what its command line names, and nothing else, where Landlock exists."""
    libc.syscall.restype = ctypes.c_long
    version = libc.syscall(_SYS_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return
    handled = max(rights for since, rights in _RIGHTS_BY_VERSION if since <= version)
    words = [handled]
    if version >= _NO_TCP_SINCE:
        words.append(_NO_TCP)
    if version >= _SCOPED_SINCE:
        words.append(_OWN_SIGNALS_AND_SOCKETS)
    scope = b"".join(word.to_bytes(8, sys.byteorder) for word in words)
    ruleset = libc.syscall(_SYS_CREATE_RULESET, scope, ctypes.c_size_t(len(scope)), 0)
    for path, rights in _reachable(program):
        try:
            handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        allowed = rights & handled & (~0 if os.path.isdir(path) else _OF_A_FILE)  # noqa: PTH112
        rule = allowed.to_bytes(8, sys.byteorder) + handle.to_bytes(4, sys.byteorder)
        libc.syscall(_SYS_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
        os.close(handle)
    libc.syscall(_SYS_RESTRICT_SELF, ruleset, 0)


def _reachable(program: list[str]) -> list[tuple[str, int]]:
    """Paths with the rights the program has there: inputs are looked at, outputs and their folders written to."""
    home = os.path.dirname
    roots = [*_SYSTEM, sys.base_prefix, home(home(sys.executable)), home(os.path.realpath(program[0]))]
    reachable = [(root, _LOOK) for root in roots if root != "/"]
    reachable.append(("/dev/null", _LOOK | _WRITE))
    only_reads = program[0] == sys.executable
    for place, word in enumerate(program[1:]):
        for path in _paths_in(word):
            if program[place] == "-i" or only_reads:
                reachable.append((path, _LOOK))
            elif os.path.exists(path):  # noqa: PTH110
                reachable.append((path, _CHANGE))
            elif home(path) != "/":
                reachable.append((home(path), _CHANGE))
    return reachable


def _paths_in(word: str) -> list[str]:
    """The absolute paths a word of a command line names: the word itself, `file:` and it, or pieces of a filter."""
    whole = word.removeprefix("file:")
    if not whole.startswith("/"):
        for separator in "=:,;'\"[]":
            whole = whole.replace(separator, "\0")
    paths = [os.path.realpath(piece) for piece in whole.split("\0") if piece.startswith("/")]
    return [path for path in paths if path != "/"]


# Calls: seccomp (linux/filter.h). Counting processes by RLIMIT_NPROC would count all of the user's, the web server's
# threads too; here a thread may be started and a process may not.

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _EACCES, _ENOSYS = 1, 13, 38
_AT_NUMBER, _AT_MACHINE, _AT_FIRST_ARGUMENT = 0, 4, 16
_CLONE_THREAD = 0x10000
_FOREIGN_NUMBERS = 0x40000000
"""Where the numbers of the x32 calls begin, which would lead around the list."""
_MACHINES = {
    "x86_64": (0xC000003E, 41, 56, (57, 58, 101, 310, 311)),
    "aarch64": (0xC00000B7, 198, 220, (117, 270, 271)),
}
"""The architecture's mark, then the numbers of `socket` and `clone`, then those of what is simply refused: `fork`,
`vfork`, `ptrace`, `process_vm_readv`, `process_vm_writev`."""
_IO_URING_SETUP, _CLONE3 = 425, 435


def _instruction(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    order = sys.byteorder
    return code.to_bytes(2, order) + bytes((then, otherwise)) + (value & 0xFFFFFFFF).to_bytes(4, order)


def _call_filter(machine: str) -> bytes:
    """The filter for a machine by the name `uname` gives; nothing where its numbers aren't known."""
    if machine not in _MACHINES or sys.maxsize < 1 << 32:
        return b""
    architecture, socket, clone, others = _MACHINES[machine]
    # Refused as unknown, the newer ways of doing the same make libraries fall back to the older ones.
    refused = {socket: _EACCES, _IO_URING_SETUP: _ENOSYS, _CLONE3: _ENOSYS} | dict.fromkeys(others, _EPERM)
    lines = [
        _instruction(_LOAD, _AT_MACHINE),
        _instruction(_EQUAL, architecture, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _AT_NUMBER),
        _instruction(_AT_LEAST, _FOREIGN_NUMBERS, 0, 1),
        _instruction(_RETURN, _REFUSE | _EPERM),
    ]
    for number, error in refused.items():
        lines += [_instruction(_EQUAL, number, 0, 1), _instruction(_RETURN, _REFUSE | error)]
    lines += [
        _instruction(_EQUAL, clone, 0, 3),
        _instruction(_LOAD, _AT_FIRST_ARGUMENT),
        _instruction(_ANY_BIT, _CLONE_THREAD, 1, 0),
        _instruction(_RETURN, _REFUSE | _EPERM),
        _instruction(_RETURN, _ALLOW),
    ]
    return b"".join(lines)


class _Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("lines", ctypes.c_char_p)]


def _forbid_calls(libc: ctypes.CDLL) -> None:
    """No sockets, no second process, no looking into other processes."""
    lines = _call_filter(os.uname().machine)
    if lines:
        libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(_Filter(len(lines) // 8, lines)), 0, 0)


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
    _leave_network(libc)
    _leave_files(libc, program)
    _forbid_calls(libc)
    # The second between the limits lets SIGXCPU tell why; at the higher one the kernel just kills.
    _limit(resource.RLIMIT_CPU, int(cpu_s), spare=1)
    _limit(resource.RLIMIT_AS, int(memory_bytes))
    _limit(resource.RLIMIT_FSIZE, int(file_bytes))
    _limit(resource.RLIMIT_NOFILE, _MAX_OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    os.execve(program[0], program, {})  # noqa: S606 — no shell is the point


if __name__ == "__main__":
    main(sys.argv[1:])

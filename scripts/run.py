"""`make run`: the web server and the worker in one process tree (standard library only).

A child that dies is started again, later each time; Ctrl-C or SIGTERM stops all of them and what they started.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from prepare import is_prepared, wants_demo

ROOT = Path(__file__).resolve().parent.parent
STATE_DIR = Path(os.environ.get("STATE_DIR", ROOT / "var")).resolve()
PYTHON = sys.executable

GRACE_S = 10.0
"""How long children may take to stop before they are killed."""
FIRST_DELAY_S, LONGEST_DELAY_S = 1.0, 30.0
STEADY_S = 60.0
"""A child that has run this long starts again without delay when it dies."""
ACCOUNTS_S = 60.0
"""How long the address waits for the accounts that are printed with it."""
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A process that is kept running."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    delay_s: float = FIRST_DELAY_S
    start_at: float = field(default=0.0)

    def start(self, environment: dict[str, str]) -> None:
        """Start it at the head of a process group of its own."""
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=environment, start_new_session=True, preexec_fn=_die_with_parent
        )
        self.started_at = time.monotonic()

    def look_after(self, environment: dict[str, str], now: float) -> None:
        """Start it again when it has died, after a delay that doubles while it keeps dying."""
        if self.process is not None and self.process.poll() is not None:
            code = self.process.returncode
            _signal_group(self.process.pid, signal.SIGKILL)
            self.delay_s = 0.0 if now - self.started_at > STEADY_S else min(self.delay_s * 2 or 1.0, LONGEST_DELAY_S)
            self.start_at = now + self.delay_s
            self.process = None
            _say(f"{self.name} 停了（{code}），{self.delay_s:.0f} 秒后重新启动 / ended, starting again")
        if self.process is None and now >= self.start_at:
            self.start(environment)


def _die_with_parent() -> None:
    """Have the kernel stop this child when the supervisor is killed outright (Linux)."""
    with contextlib.suppress(OSError):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def main() -> int:
    """Serve until told to stop; the exit status."""
    port = _port()
    https = os.environ.get("HTTPS", "") in {"1", "true", "yes"}
    if not _is_free(port):
        print(
            f"端口 {port} 已被别的程序占用。请关掉那个程序，或换一个端口：make run PORT={port + 1}\n"
            f"Port {port} is taken by another program. Close it, or choose another: make run PORT={port + 1}",
            file=sys.stderr,
        )
        return 1
    _allow_many_connections()
    _hold_state()
    environment = _environment(port, https)
    if (
        not is_prepared(STATE_DIR)
        and subprocess.run([PYTHON, "scripts/prepare.py"], cwd=ROOT, env=environment, check=False).returncode
    ):
        print("准备工作没有完成，原因见上 / Preparing failed, see above", file=sys.stderr)
        return 1
    return _supervise(_children(port, https, environment), environment, port, https)


def _port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        print(f"PORT={text}：请写 1–65535 的数 / write a number from 1 to 65535", file=sys.stderr)
        raise SystemExit(1)
    return int(text)


def _host() -> str:
    return os.environ.get("HOST", "0.0.0.0")  # noqa: S104 - phones in the LAN are who it is for


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_host(), port))
        except OSError:
            return False
    return True


def _hold_state() -> None:
    """Keep `make reset` off the state folder while this process lives (a lock on the folder itself)."""
    STATE_DIR.mkdir(parents=True, exist_ok=True)
    fcntl.flock(os.open(STATE_DIR, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_SH)


def _allow_many_connections() -> None:
    """A slow phone holds a socket and a file: let the processes open as many as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _environment(port: int, https: bool) -> dict[str, str]:
    scheme = "https" if https else "http"
    lan = _lan_address() if _host() == "0.0.0.0" else None  # noqa: S104 - only then do phones reach it
    return {
        "PUBLIC_ADDRESS": f"{scheme}://127.0.0.1:{port}",
        "LAN_ADDRESS": f"{scheme}://{lan}:{port}" if lan else "",
        "WAGTAIL_LOG_LEVEL": "WARNING",  # the demo's day of work would push the address and the accounts away
        **os.environ,
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings.dev"),
        "STATE_DIR": str(STATE_DIR),
        "HTTPS": "1" if https else "0",
        "PYTHONUNBUFFERED": "1",
        "PATH": f"{Path(PYTHON).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }


def _children(port: int, https: bool, environment: dict[str, str]) -> list[Child]:
    web = [PYTHON, "-m", "uvicorn", "config.asgi:application", "--host", _host(), "--port", str(port)]
    web += ["--log-level", "warning", "--no-access-log", "--timeout-graceful-shutdown", "5", "--no-server-header"]
    web += ["--timeout-keep-alive", "30"]
    if https:
        subprocess.run([PYTHON, "scripts/certificate.py"], cwd=ROOT, env=environment, check=True)
        web += ["--ssl-keyfile", str(STATE_DIR / "keys" / "https-key.pem")]
        web += ["--ssl-certfile", str(STATE_DIR / "keys" / "https-cert.pem")]
    return [Child("web", web), Child("worker", [PYTHON, "manage.py", "run_worker"])]


def _supervise(children: list[Child], environment: dict[str, str], port: int, https: bool) -> int:
    stop_signals: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: stop_signals.append(received))
    is_announced = False
    accounts = _Accounts(environment) if wants_demo() else None
    try:
        while not stop_signals:
            now = time.monotonic()
            for child in children:
                child.look_after(environment, now)
            if not is_announced and _answers(port, https) and (accounts is None or accounts.are_known()):
                is_announced = True
                _announce(port, https, accounts.text() if accounts else "")
            time.sleep(0.2)
    finally:
        if accounts is not None:
            accounts.stop()
        _stop(children)
    return 0


class _Accounts:
    """The demo's accounts, asked for while the site starts, so that they stand below its address at once."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [PYTHON, "manage.py", "load_demo", "--accounts"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        self._deadline = time.monotonic() + ACCOUNTS_S

    def are_known(self) -> bool:
        """Whether to wait no longer: they are there, or something is wrong with them."""
        return self._process.poll() is not None or time.monotonic() > self._deadline

    def text(self) -> str:
        """What was printed; empty where it took too long."""
        if self._process.poll() is None or self._process.stdout is None:
            return ""
        return self._process.stdout.read()

    def stop(self) -> None:
        """Leave nothing running."""
        if self._process.poll() is None:
            _signal_group(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _stop(children: list[Child]) -> None:
    _say("正在停止 / stopping")
    running = [child.process for child in children if child.process is not None]
    for process in running:
        _signal_group(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    for process in running:
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()


def _answers(port: int, https: bool) -> bool:
    context = ssl._create_unverified_context() if https else None  # noqa: S323 - asks itself
    address = f"{'https' if https else 'http'}://127.0.0.1:{port}/health/live/"
    try:
        with urllib.request.urlopen(address, timeout=2, context=context) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def _announce(port: int, https: bool, accounts: str) -> None:
    scheme = "https" if https else "http"
    lines = [f"    {scheme}://127.0.0.1:{port}/", f"    {scheme}://127.0.0.1:{port}/admin/"]
    if (address := _lan_address()) is not None:
        lines.insert(1, f"    {scheme}://{address}:{port}/")
    _say("\n高原先锋课堂已启动 / is running (Ctrl-C 停止 / stops it):\n" + "\n".join(lines) + f"\n\n{accounts}")


def _lan_address() -> str | None:
    """This machine's address towards the outside; nothing is sent to find it."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return None


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())

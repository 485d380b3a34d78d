"""A private PostgreSQL: a cluster in a temporary folder, reached by a socket in it, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.processes import MissingComponent, free_port

START_TIMEOUT_S = 60


@dataclass(frozen=True)
class Postgres:
    """How to reach the cluster; the superuser needs no password on its socket."""

    socket_folder: str
    port: int
    user: str = "postgres"

    def environment(self) -> dict[str, str]:
        """The variables that config.settings.test_postgres reads."""
        return {
            "DATABASE_HOST": self.socket_folder,
            "DATABASE_PORT": str(self.port),
            "DATABASE_USER": self.user,
        }


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("pg_ctl"):
        return Path(on_path).resolve().parent
    raise MissingComponent("PostgreSQL is not installed: run `make test`, which installs it")


def _as_database_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: use Debian's user for it then."""
    return (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command] if os.getuid() == 0 else command
    )


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a cluster until the block ends. Durability is off: the data does not outlive the tests."""
    programs = _programs()
    # A short path (a socket's name may have 107 bytes) that PostgreSQL's user can reach, whatever TMPDIR says.
    folder = Path(tempfile.mkdtemp(prefix="gypg-", dir="/tmp"))
    try:
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data, port = folder / "data", free_port()
        _run(
            programs / "initdb", "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        options = f"-k {folder} -p {port} -c listen_addresses='' -c fsync=off -c full_page_writes=off"
        options += " -c synchronous_commit=off -c max_connections=200"
        _run(
            programs / "pg_ctl", "-D", str(data), "-w", "-t", str(START_TIMEOUT_S),
            "-l", str(folder / "log"), "-o", options, "start",
        )  # fmt: skip
        try:
            yield Postgres(str(folder), port)
        finally:
            _run(programs / "pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: Path, *arguments: str) -> None:
    done = subprocess.run(
        _as_database_user([str(program), *arguments]), cwd="/", stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{program.name} failed:\n{done.stdout[-2000:]}")

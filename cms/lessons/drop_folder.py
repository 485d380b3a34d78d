"""The drop folder: recordings that are copied in by any other way than the browser, taken in by a running worker.

`settings.DROP_DIR/<account>/` holds what that account brings; it is the author, so it may not review (domain.md §2).
A group of files is claimed by moving it to `working/<batch>/`, its outcome is written down, and only then do the files
go to `done/` or `refused/`. Each step may be killed: a claim that is not whole is taken back, an import finds what it
imported by its hash, and an outcome that was written is not decided again.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connections

from accounts.errors import PersonError
from cms.lessons import drop_rules, import_service, importing
from cms.lessons.drop_rules import TABLE, NoRecording, NotDescribed, Watch
from cms.lessons.errors import FileTroubled

logger = logging.getLogger(__name__)

DONE, REFUSED, WORKING = "done", "refused", "working"
CLAIMED, OUTCOME = ".claimed", ".outcome.json"


@dataclass
class Outcome:
    """Which files were taken; why the others were not, in both languages, by name."""

    taken: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


class DropFolder:
    """One person's folder.

    Args:
        clock: monotonic seconds.
        author: the account that it is named after.
    """

    def __init__(self, root: Path, *, author: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self.root = root
        self._author = author
        self._clock = clock
        self._watch = Watch()

    def take(self) -> None:
        """Take in what has arrived, and finish what a killed worker began; a second worker leaves at once.

        Raises:
            OSError: a disk is full or gone; what was claimed waits for the next time.
        """
        with (self.root / ".lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            for batch in sorted((self.root / WORKING).glob("*/")):
                self._finish(batch)
            for names in self._arrived():
                self._finish(self._claim(names))

    def _arrived(self) -> list[list[str]]:
        files = {
            path.name: path for path in self.root.iterdir() if drop_rules.is_candidate(path.name) and path.is_file()
        }
        stamps = {name: (found.st_size, found.st_mtime_ns) for name, found in _stats(files).items()}
        unchanged_s = self._watch.look(stamps, now=self._clock())
        for name, path in files.items():
            if name in unchanged_s and is_being_written(path):
                unchanged_s[name] = 0.0
        table = _named_in(files[TABLE]) if TABLE in files else set()
        companions = {
            name: drop_rules.companions_of(name, _head(path), set(files))
            for name, path in files.items()
            if path.suffix.lower() == ".json"
        }
        return drop_rules.batches(unchanged_s, table, companions)

    def _claim(self, names: list[str]) -> Path:
        batch = self.root / WORKING / f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}"
        batch.mkdir(parents=True)
        for name in names:
            (self.root / name).rename(batch / name)
        (batch / CLAIMED).touch()
        return batch

    def _finish(self, batch: Path) -> None:
        if not (batch / CLAIMED).exists():
            self._take_back(batch)
            return
        outcome = self._outcome(batch)
        for path in _files(batch):
            if path.name in outcome.taken:
                self._move(path, self.root / DONE / batch.name)
                continue
            why = outcome.refused.get(path.name) or _said(NotDescribed(name=path.name))
            folder = self.root / REFUSED / batch.name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{path.name}.txt").write_text(why, encoding="utf-8")
            self._move(path, folder)
        for name in (OUTCOME, CLAIMED):
            (batch / name).unlink(missing_ok=True)
        batch.rmdir()

    def _take_back(self, batch: Path) -> None:
        for path in _files(batch):
            target = self.root / path.name
            path.rename(target if not target.exists() else self.root / f"{batch.name}-{path.name}")
        (batch / f"{OUTCOME}.new").unlink(missing_ok=True)
        batch.rmdir()

    @staticmethod
    def _move(path: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path.rename(folder / path.name)

    def _outcome(self, batch: Path) -> Outcome:
        written = batch / OUTCOME
        if written.exists():
            return Outcome(**json.loads(written.read_text(encoding="utf-8")))
        names = {path.name for path in _files(batch)}
        outcome = Outcome()
        if TABLE in names:
            self._import_table(batch, lambda: _text(batch / TABLE), outcome, described=TABLE)
        else:
            self._import_loose(batch, names, outcome)
        partial = batch / f"{OUTCOME}.new"
        partial.write_text(json.dumps(asdict(outcome), ensure_ascii=False), encoding="utf-8")
        partial.replace(written)
        return outcome

    def _import_table(self, batch: Path, read: Callable[[], str], outcome: Outcome, *, described: str) -> None:
        try:
            result = import_service.import_table(
                batch, read(), author=self._author, dry_run=False, report=lambda line, title, what: None
            )
        except PersonError as error:
            outcome.refused[described] = _said(error)
            return
        for row in result.taken:
            outcome.taken += [name for name in (row.file, row.subtitle) if name]
        if result.problems:
            outcome.refused[described] = "\n".join(_said(problem) for problem in result.problems)
        else:
            outcome.taken.append(described)

    def _import_loose(self, batch: Path, names: set[str], outcome: Outcome) -> None:
        """One recording, perhaps with the JSON that describes it."""
        descriptions = sorted(name for name in names if name.lower().endswith(".json"))
        described = descriptions[0] if descriptions else ""
        try:
            said = drop_rules.description(described, _head(batch / described)) if described else {}
            recordings = sorted(names - {described, said.get("subtitle", "")})
            if not recordings:
                raise NoRecording(name=described)
            if said.get("outline") and said.get("unit"):
                table = importing.table_of(recordings[0], said)
                self._import_table(batch, lambda: table, outcome, described=described)
                if described not in outcome.taken:
                    outcome.refused[recordings[0]] = outcome.refused[described]
                return
            title = said.get("title") or Path(recordings[0]).stem
            import_service.import_recording(batch / recordings[0], title=title, author=self._author)
            outcome.taken += [name for name in (recordings[0], described) if name]
        except PersonError as error:
            outcome.refused |= dict.fromkeys(names, _said(error))
        except OSError as error:
            logger.warning("%s could not be taken in", batch, exc_info=True)
            reason = error.strerror or type(error).__name__
            outcome.refused |= {name: _said(FileTroubled(name=name, reason=reason)) for name in names}


def _said(error: PersonError) -> str:
    return f"{error.zh}\n{error.en}\n"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _stats(files: dict[str, Path]) -> dict[str, os.stat_result]:
    found = {}
    for name, path in files.items():
        try:
            found[name] = path.stat()
        except FileNotFoundError:
            continue  # Moved away since the folder was read.
    return found


def _head(path: Path) -> bytes:
    with path.open("rb") as reader:
        return reader.read(drop_rules.LIMIT_JSON_BYTES + 1)


def _text(path: Path) -> str:
    with path.open("rb") as reader:
        return importing.decode(reader.read(importing.LIMIT_BYTES + 1))


def _named_in(table: Path) -> set[str]:
    """What the table speaks of; nothing where it cannot be read, which is said when it is imported."""
    try:
        return importing.named_files(_text(table))
    except PersonError:
        return set()


def is_being_written(path: Path) -> bool:
    """Whether a program of this machine has the file open for writing; False where the system cannot tell.

    A read lease is refused for such a file (fcntl(2), F_SETLEASE). It is given back at once; should somebody open the
    file in between, the signal sent is one that does nothing.
    """
    try:
        reader = path.open("rb")
    except OSError:
        return True  # It cannot be taken now, whatever it is.
    with reader:
        try:
            fcntl.fcntl(reader, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(reader, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        fcntl.fcntl(reader, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return False


_folders: dict[str, DropFolder] = {}
_running = threading.Lock()


def take_all() -> None:
    """Take in what has arrived in every person's folder; one folder in trouble stops no other."""
    root = Path(settings.DROP_DIR)
    if not root.is_dir():
        return
    for path in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")):
        author = get_user_model().objects.filter(username=path.name, is_active=True).first()
        if author is None:
            logger.warning("the drop folder %s is named after no active account: nothing in it is taken", path)
            continue
        folder = _folders.setdefault(str(path), DropFolder(path, author=author))
        try:
            folder.take()
        except Exception:
            logger.exception("the drop folder %s is in trouble; what was claimed waits for the next time", path)


def take_all_aside() -> None:
    """`take_all` in a thread of its own: a film of many GB must not hold up the worker's beat."""
    if not Path(settings.DROP_DIR).is_dir() or not _running.acquire(blocking=False):
        return

    def work() -> None:
        try:
            take_all()
        finally:
            connections.close_all()
            _running.release()

    threading.Thread(target=work, name="drop-folder", daemon=True).start()

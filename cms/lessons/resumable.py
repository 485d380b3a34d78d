"""Uploads in pieces that survive a cut line, a closed lid and an expired sign-in; docs/adr/0007-tus-uploads.md.

A file arrives in pieces, appended to `<id>.part` in `settings.WORK_DIR/uploads`; beside it lies `<id>.json` with the
owner, the name and the announced length. Only when every byte is there, and their SHA-256 is the sender's, does the
part become a LectureMedia; until then nothing of it can be seen, and after `KEPT_S` it is swept away. The note
outlives the part by as long, so that whoever lost the last answer on a bad line is told the outcome again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from io import FileIO
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.files.base import File

from cms.core import sniff, uploads
from cms.lessons.errors import (
    UploadCorrupted,
    UploadExpired,
    UploadNotFound,
    UploadOutOfStep,
    UploadPieceTooLarge,
    UploadPieceWrong,
)
from cms.lessons.tus import Checksum

PIECE_BYTES = 4 << 20
"""The largest piece that can be checked by its own checksum; also what is written between two syncs."""
KEPT_S = 2 * 24 * 3600


class Body(Protocol):
    """Where a piece is read from."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Announcement:
    """What the browser said it would send; once it became media, which."""

    upload_id: str
    owner: int
    name: str
    length: int
    media_type: str
    fingerprint: str = ""
    metadata: str = ""
    media_id: int | None = None
    sha256: str = ""

    @property
    def is_finished(self) -> bool:
        return self.media_id is not None


class PartFile(File):
    """A complete upload that storage may take over by renaming it."""

    def temporary_file_path(self) -> str:
        return str(self.file.name)  # type: ignore[union-attr]


class UploadFolder:
    """The unfinished uploads of one installation."""

    def __init__(self, root: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.root = root
        self._clock = clock

    def start(
        self, *, owner: int, name: str, length: int, media_type: str, fingerprint: str = "", metadata: str = ""
    ) -> Announcement:
        """Announce an upload.

        Args:
            fingerprint: what the sender knows the same file by when it comes again.
            metadata: the header it came with, told again to whoever asks.

        Raises:
            EmptyUpload, UploadTooLarge, NoRoomForUpload: before a byte is sent.
        """
        uploads.check_size(length)
        self.root.mkdir(parents=True, exist_ok=True)
        self.sweep()
        announced = Announcement(
            uuid.uuid4().hex, owner, _plain_name(name), length, media_type, fingerprint[:300], metadata
        )
        self._part(announced.upload_id).touch()
        self._write_note(announced)
        return announced

    def find(self, upload_id: str, *, owner: int) -> Announcement:
        """The announcement of one's own upload, unfinished or finished.

        Raises:
            UploadNotFound: unknown, swept away, or somebody else's.
            UploadExpired: nobody continued it for `KEPT_S`.
        """
        announced = self._read_note(self._note(upload_id))
        if announced is None or announced.owner != owner:
            raise UploadNotFound
        if self._clock() > self.expires_at(upload_id):
            raise UploadExpired
        if not announced.is_finished and not self._part(upload_id).exists():
            raise UploadNotFound
        return announced

    def of_owner(self, owner: int) -> list[Announcement]:
        """A person's uploads, the one last continued first."""
        notes = [(self.expires_at(note.stem), note) for note in self.root.glob("*.json")]
        found = [self._read_note(note) for last, note in sorted(notes, reverse=True) if last >= self._clock()]
        return [announced for announced in found if announced is not None and announced.owner == owner]

    def offset(self, announced: Announcement) -> int:
        """How many bytes have arrived.

        Raises:
            UploadNotFound: it was given up meanwhile.
        """
        if announced.is_finished:
            return announced.length
        try:
            return self._part(announced.upload_id).stat().st_size
        except FileNotFoundError as error:
            raise UploadNotFound from error

    def expires_at(self, upload_id: str) -> float:
        """When the upload is swept away, in seconds of the clock, unless it is continued before."""
        last = 0.0
        for path in (self._note(upload_id), self._part(upload_id)):
            with contextlib.suppress(FileNotFoundError):
                last = max(last, path.stat().st_mtime)
        return last + KEPT_S

    def append(
        self, announced: Announcement, *, offset: int, body: Body, length: int, checksum: Checksum | None = None
    ) -> int:
        """Add `length` bytes of `body`; returns the new offset.

        Raises:
            UploadOutOfStep: they do not start where the part ends.
            UploadPieceTooLarge: more than was announced, or a checksum over more than `PIECE_BYTES`.
            UploadPieceWrong: they are not what the checksum says; nothing of them is kept.
            NotARecording: the first bytes are those of no audio or video file; the upload is forgotten.
            OSError: a full disk; the last whole piece is kept, so that the upload can go on later.
        """
        with self._locked(announced.upload_id) as part:
            have = os.fstat(part.fileno()).st_size
            if offset != have:
                raise UploadOutOfStep(offset=have)
            if have + length > announced.length or (checksum is not None and length > PIECE_BYTES):
                raise UploadPieceTooLarge
            end = have + length
            while have < end and (piece := body.read(min(PIECE_BYTES, end - have))):
                if checksum is not None and not checksum.fits(piece):
                    raise UploadPieceWrong
                if have < sniff.HEAD_BYTES:
                    self._check_head(announced, part, have, piece)
                _write(part, have, piece)
                have += len(piece)
            return have

    @contextmanager
    def _locked(self, upload_id: str) -> Iterator[FileIO]:
        """The part, held by this request alone: on a poor line a piece is sent again while the first is written.

        Raises:
            UploadNotFound: it was finished or forgotten while we waited.
        """
        path = self._part(upload_id)
        try:
            part = path.open("r+b", buffering=0)
        except FileNotFoundError as error:
            raise UploadNotFound from error
        with part:
            fcntl.flock(part, fcntl.LOCK_EX)
            if not path.exists() or not os.path.samestat(path.stat(), os.fstat(part.fileno())):
                raise UploadNotFound
            yield part

    def _check_head(self, announced: Announcement, part: FileIO, have: int, piece: bytes) -> None:
        part.seek(0)
        head = part.read(have) + piece
        if len(head) < min(sniff.HEAD_BYTES, announced.length):
            return
        try:
            uploads.check_head(head[: sniff.HEAD_BYTES], name=announced.name)
        except Exception:
            self.forget(announced.upload_id)
            raise

    def take(self, announced: Announcement, *, sha256: str, into: Callable[[PartFile], int]) -> int:
        """Turn the whole file into media by `into`, which returns its id; the id is kept in the note.

        Asked again, by a sender who lost the answer or twice at once, it returns the same id.

        Raises:
            UploadOutOfStep: bytes are missing.
            UploadCorrupted: the bytes are not the sender's; an unfinished upload is forgotten.
            UploadNotFound: it was given up meanwhile, or finished with other bytes.
        """
        if announced.media_id is None:
            try:
                return self._take_unfinished(announced, sha256=sha256, into=into)
            except UploadNotFound:
                announced = self.find(announced.upload_id, owner=announced.owner)
        if announced.media_id is None or announced.sha256 != sha256:
            # Other bytes under the same name: that upload is over, and this one is to begin anew.
            raise UploadNotFound
        return announced.media_id

    def _take_unfinished(self, announced: Announcement, *, sha256: str, into: Callable[[PartFile], int]) -> int:
        with self._locked(announced.upload_id) as part:
            have = os.fstat(part.fileno()).st_size
            if have != announced.length:
                raise UploadOutOfStep(offset=have)
            path = self._part(announced.upload_id)
            with path.open("rb") as reader:
                if hashlib.file_digest(reader, "sha256").hexdigest() != sha256:
                    self.forget(announced.upload_id)
                    raise UploadCorrupted(name=announced.name)
                reader.seek(0)
                media_id = into(PartFile(reader, name=announced.name))
            self._write_note(replace(announced, media_id=media_id, sha256=sha256))
            path.unlink(missing_ok=True)
            return media_id

    def forget(self, upload_id: str) -> None:
        """Remove what has arrived."""
        for path in (self._part(upload_id), self._note(upload_id), self._note(upload_id).with_suffix(".new")):
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove uploads that nobody continued for `KEPT_S`, and what a killed process left half-announced."""
        for path in [*self.root.glob("*.json"), *self.root.glob("*.part"), *self.root.glob("*.new")]:
            if self._clock() > self.expires_at(path.stem):
                self.forget(path.stem)

    def _read_note(self, note: Path) -> Announcement | None:
        try:
            return Announcement(**json.loads(note.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _write_note(self, announced: Announcement) -> None:
        note = self._note(announced.upload_id)
        partial = note.with_suffix(".new")
        partial.write_text(json.dumps(asdict(announced)), encoding="utf-8")
        partial.replace(note)

    def _part(self, upload_id: str) -> Path:
        return self.root / f"{self._checked(upload_id)}.part"

    def _note(self, upload_id: str) -> Path:
        return self.root / f"{self._checked(upload_id)}.json"

    @staticmethod
    def _checked(upload_id: str) -> str:
        try:
            return uuid.UUID(hex=upload_id).hex
        except ValueError as error:
            raise UploadNotFound from error


def _write(part: FileIO, at: int, piece: bytes) -> None:
    part.seek(at)
    try:
        left = memoryview(piece)
        while left:
            left = left[part.write(left) :]
        os.fsync(part.fileno())
    except OSError:
        # A full disk: cut back to the last whole piece, so that the upload can go on later.
        part.truncate(at)
        raise


def _plain_name(name: str) -> str:
    """The last part of the name, without what neither a file system nor a database keeps."""
    return Path(name.replace("\0", "").encode("utf-8", "replace").decode()).name[:200]


def default_folder() -> UploadFolder:
    """The unfinished uploads of this installation; on the file system of the media, so that taking over is a rename."""
    return UploadFolder(Path(settings.WORK_DIR) / "uploads")

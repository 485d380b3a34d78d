"""Uploads in pieces that survive a cut line, a closed lid and an expired sign-in.

A file arrives in pieces of at most `PIECE_BYTES`, appended to `<id>.part` in `settings.WORK_DIR/uploads`; beside
it lies `<id>.json` with the owner, the name and the announced length. Only when every byte is there does the
part become a LectureMedia; until then nothing of it can be seen, and after `KEPT_S` it is swept away.
"""

from __future__ import annotations

import fcntl
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from django.conf import settings
from django.core.files.base import File

from cms.core import sniff, uploads
from cms.lessons.errors import UploadNotFound, UploadOutOfStep, UploadPieceTooLarge

PIECE_BYTES = 4 << 20
KEPT_S = 2 * 24 * 3600


@dataclass(frozen=True)
class Announcement:
    """What the browser said it would send."""

    upload_id: str
    owner: int
    name: str
    length: int
    media_type: str


class PartFile(File):
    """A complete upload that storage may take over by renaming it."""

    def temporary_file_path(self) -> str:
        return str(self.file.name)  # type: ignore[union-attr]


class UploadFolder:
    """The unfinished uploads of one installation."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def start(self, *, owner: int, name: str, length: int, media_type: str, now: float) -> Announcement:
        """Announce an upload.

        Raises:
            EmptyUpload, UploadTooLarge, NoRoomForUpload: before a byte is sent.
        """
        uploads.check_size(length)
        self.root.mkdir(parents=True, exist_ok=True)
        self.sweep(now=now)
        announced = Announcement(uuid.uuid4().hex, owner, _plain_name(name), length, media_type)
        self._part(announced.upload_id).touch()
        self._note(announced.upload_id).write_text(json.dumps(asdict(announced)), encoding="utf-8")
        return announced

    def find(self, upload_id: str, *, owner: int) -> Announcement:
        """The announcement of one's own unfinished upload.

        Raises:
            UploadNotFound: unknown, swept away, finished, or somebody else's.
        """
        try:
            announced = Announcement(**json.loads(self._note(upload_id).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError) as error:
            raise UploadNotFound from error
        if announced.owner != owner or not self._part(upload_id).exists():
            raise UploadNotFound
        return announced

    def offset(self, upload_id: str) -> int:
        """How many bytes have arrived."""
        return self._part(upload_id).stat().st_size

    def append(self, announced: Announcement, *, offset: int, piece: bytes) -> int:
        """Add a piece; returns the new offset. A piece that was already taken is answered with the offset.

        Raises:
            UploadOutOfStep: the piece does not start where the part ends.
            UploadPieceTooLarge: more than `PIECE_BYTES`, or more than was announced.
            NotARecording: the first bytes are those of no audio or video file; the upload is forgotten.
        """
        with self._locked(announced.upload_id) as part:
            have = os.fstat(part.fileno()).st_size
            if offset != have:
                raise UploadOutOfStep(offset=have)
            if len(piece) > PIECE_BYTES or have + len(piece) > announced.length:
                raise UploadPieceTooLarge
            if have < sniff.HEAD_BYTES:
                self._check_head(announced, part.read(have) + piece)
            part.seek(have)
            try:
                left = memoryview(piece)
                while left:
                    left = left[part.write(left) :]
                os.fsync(part.fileno())
            except OSError:
                # A full disk: cut back to the last whole piece, so that the upload can go on later.
                part.truncate(have)
                raise
            return have + len(piece)

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

    def _check_head(self, announced: Announcement, head: bytes) -> None:
        if len(head) < min(sniff.HEAD_BYTES, announced.length):
            return
        try:
            uploads.check_head(head[: sniff.HEAD_BYTES], name=announced.name)
        except Exception:
            self.forget(announced.upload_id)
            raise

    @contextmanager
    def complete(self, announced: Announcement) -> Iterator[PartFile]:
        """The whole file, to be taken over; forgotten afterwards unless an error leaves the block.

        Raises:
            UploadOutOfStep: bytes are missing.
            UploadNotFound: it was finished meanwhile.
        """
        with self._locked(announced.upload_id) as part:
            have = os.fstat(part.fileno()).st_size
            if have != announced.length:
                raise UploadOutOfStep(offset=have)
            with self._part(announced.upload_id).open("rb") as reader:
                yield PartFile(reader, name=announced.name)
            self.forget(announced.upload_id)

    def forget(self, upload_id: str) -> None:
        """Remove what has arrived."""
        self._part(upload_id).unlink(missing_ok=True)
        self._note(upload_id).unlink(missing_ok=True)

    def sweep(self, *, now: float) -> None:
        """Remove uploads that nobody continued for `KEPT_S`."""
        for note in self.root.glob("*.json"):
            part = note.with_suffix(".part")
            last = max(note.stat().st_mtime, part.stat().st_mtime if part.exists() else 0)
            if now - last > KEPT_S:
                self.forget(note.stem)

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


def _plain_name(name: str) -> str:
    """The last part of the name, without what neither a file system nor a database keeps."""
    return Path(name.replace("\0", "").encode("utf-8", "replace").decode()).name[:200]


def default_folder() -> UploadFolder:
    """The unfinished uploads of this installation; on the file system of the media, so that taking over is a rename."""
    return UploadFolder(Path(settings.WORK_DIR) / "uploads")

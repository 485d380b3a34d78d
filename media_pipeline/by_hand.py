"""The whole pipeline on one file into a folder, without the site's database: what `manage.py transcode` runs."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from media_pipeline.chunks import MemoryShelf
from media_pipeline.durable import link_or_copy
from media_pipeline.errors import DiskFull, FolderUnusable, InputMissing, InputUnreadable
from media_pipeline.hls import codecs_of
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.objects import FolderStore, ObjectStore
from media_pipeline.picture import Cutting
from media_pipeline.presets import ladder
from media_pipeline.runner import free_bytes
from media_pipeline.sound import SoundPiece
from media_pipeline.steps import Steps

_ENDINGS = {"poster": ".webp", "deck": ".webps", "sprite": ".webp"}
_INDEX_ENDINGS = {"sprite": ".vtt"}


class FolderDesk:
    """Keeps what a run reports in memory (`steps.Desk`)."""

    def __init__(self) -> None:
        self.source = MediaSource()
        self.ladder = ladder()
        self.stored_plan: dict[str, Any] = {}
        self._renditions: dict[str, Rendition] = {}

    def step(self, state: str, label: str, progress: float) -> None:
        """Nobody looks."""

    def tick(self, progress: float) -> None:
        """Nobody looks."""

    def border(self) -> None:
        """Nobody else waits."""

    def remember_plan(self, plan: dict[str, Any]) -> None:
        """Keep the plan."""
        self.stored_plan = dict(plan)

    def remember_facts(self, *, duration_s: float, facts: dict[str, Any]) -> None:
        """Keep the facts."""
        self.source.duration_s, self.source.probe = duration_s, facts

    def remember_chunks(self, cutting: Cutting) -> dict[str, Any]:
        """There is no earlier version."""
        return {}

    def remember_sound(self, pieces: Sequence[SoundPiece]) -> float | None:
        """There is no earlier version."""
        return None

    def renditions(self) -> list[Rendition]:
        """What was made so far, in that order."""
        return list(self._renditions.values())

    def publish(self, rendition: Rendition) -> None:
        """Keep the rung."""
        self._renditions[rendition.name] = rendition

    def call_for_help(self) -> None:
        """Nobody helps."""


def transcode_file(path: Path, out: Path) -> dict[str, Any]:
    """Write every rung and its index into the folder, which is made if missing; returns the report.

    Returns:
        {"source": {…}, "plan": {…}, "rungs": [{"name", "path", "codec", "width", "height", "fps", "bytes", "kbit_s",
        "vmaf_mean", "vmaf_p5", "cpu_s", …}]}; a rung that has no such number says null.

    Raises:
        MediaError: the file can't be read or taken, the folder can't be used, or the disk is full.
    """
    length = _readable_length(path)
    try:
        out.mkdir(parents=True, exist_ok=True)
        return _transcoded(path.resolve(), out.resolve())
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(needed_mb=max(1, length >> 20)) from error
        raise FolderUnusable(path=out, reason=error.strerror or error) from error


def _readable_length(path: Path) -> int:
    """Bytes of a file that was found to be readable."""
    try:
        # A pipe or a device would wait, or never end.
        if not path.is_file():
            raise InputMissing(path=path)
        with path.open("rb") as reader:
            reader.read(1)
            return os.fstat(reader.fileno()).st_size
    except OSError as error:
        raise InputUnreadable(path=path, reason=error.strerror or error) from error


def _transcoded(path: Path, out: Path) -> dict[str, Any]:
    desk = FolderDesk()
    with tempfile.TemporaryDirectory(prefix=".transcode", dir=out) as name:
        folder = Path(name)
        store = FolderStore(folder / "objects")
        steps = Steps(desk, path, folder, store, MemoryShelf(), free_bytes)
        steps.all()
        facts, plan = desk.source.probe, desk.stored_plan
        rungs = [_delivered(rendition, store, out, plan, steps.cpu_s) for rendition in desk.renditions()]
    return {"source": {"path": str(path), **facts}, "plan": plan, "rungs": rungs}


def _delivered(
    rendition: Rendition, store: ObjectStore, out: Path, plan: dict[str, Any], cpu_s: dict[str, float]
) -> dict[str, Any]:
    target = out / f"{rendition.name}{_ENDINGS.get(rendition.kind, '.mp4')}"
    _place(store, rendition.sha256, target)
    index_ending = _INDEX_ENDINGS.get(rendition.kind, ".index.json")
    if rendition.index_sha256:
        _place(store, rendition.index_sha256, out / f"{rendition.name}{index_ending}")
    pictured = rendition.kind in (Rendition.Kind.VIDEO, Rendition.Kind.MUXED)
    return {
        "name": rendition.name,
        "path": str(target),
        "codec": codecs_of(rendition.mime) or rendition.mime,
        "width": rendition.width,
        "height": rendition.height,
        "fps": _rate(plan) if pictured else None,
        "bytes": rendition.length,
        "kbit_s": round(rendition.length * 8 / 1000 / rendition.duration_s, 2) if rendition.duration_s else None,
        "vmaf_mean": rendition.measures.get("vmaf_mean"),
        "vmaf_p5": rendition.measures.get("vmaf_p5"),
        "cpu_s": round(cpu_s[rendition.name], 2) if rendition.name in cpu_s else None,
        "kind": str(rendition.kind),
        "mime": rendition.mime,
        "sha256": rendition.sha256,
        "duration_s": rendition.duration_s,
    }


def _rate(plan: dict[str, Any]) -> float | None:
    if "rate" not in plan:
        return None
    frames, seconds = plan["rate"].split("/")
    return round(int(frames) / int(seconds), 3)


def _place(store: ObjectStore, sha256: str, target: Path) -> None:
    target.unlink(missing_ok=True)
    with store.local_file(sha256) as path:
        link_or_copy(path, target)

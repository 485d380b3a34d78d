"""Joining stored chunks: every object they lie in is read through once and compared with its name first.

What lay on a disk for years, or in a bucket, is not to become a new rung because its boxes can still be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from media_pipeline import assembly
from media_pipeline.chunks import Shelf
from media_pipeline.fmp4 import BadFragmentedMp4
from media_pipeline.objects import ObjectStore, StoreDamaged
from media_pipeline.supervisor import Progress, Tick

ATTEMPTS = 3
"""How often chunks that were lost are made again, before the store is to blame."""


class ChunksLost(Exception):
    """Chunks, or objects that they lie in, are not there; damaged ones were deleted just now."""


def join_stored(store: ObjectStore, shelf: Shelf, keys: Sequence[str], target: Path, on_tick: Tick) -> None:
    """Write one file out of the chunks of the keys, in their order.

    Raises:
        ChunksLost: some are to be made again.
        BadFragmentedMp4: they don't fit each other; they are forgotten, so that the next try makes new ones.
        OSError: the disk is full, or the store is away.
        Exception: whatever `on_tick` raises.
    """
    found = shelf.find(keys)
    if missing := set(keys) - set(found):
        raise ChunksLost(f"{len(missing)} of {len(keys)}")
    runs = [found[key] for key in keys]
    files = {}
    with ExitStack() as held:
        for sha256 in dict.fromkeys(run.object_sha256 for run in runs):
            try:
                path = held.enter_context(store.checked_file(sha256))
            except (FileNotFoundError, StoreDamaged) as error:
                raise ChunksLost(str(error)) from error
            files[sha256] = held.enter_context(path.open("rb")), path.stat().st_size
            on_tick(Progress())
        parts = [assembly.Part(*files[run.object_sha256], run.first, run.count) for run in runs]
        try:
            with target.open("wb") as writer:
                assembly.join(parts, writer)
        except BadFragmentedMp4:
            for key in keys:
                shelf.forget(key)
            raise

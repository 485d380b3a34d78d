"""The public tree `public/b/<aa>/<sha256>` (offline.md §2): only what is published for everybody lies there.

Whoever wants an object public names it as a *holder*, out of what the database says at that moment. An object lies in
the tree if a holder names it; the tree is only the trace of that. `settle` brings some objects in step after a
change, `reconcile` finds and settles every one that is not, whoever died in between. One change is made at a time and
asks the holders anew, so that of two that race the later one sees what both have committed.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings

from media_pipeline.durable import link_or_copy
from media_pipeline.objects import ObjectStore, default_store, shard_path

logger = logging.getLogger(__name__)

BATCH = 256
"""Objects settled under one lock: a take-down waits for a large publication no longer than that takes."""


class Holder(Protocol):
    """A layer that wants objects public."""

    def named(self, shas: Collection[str] | None = None) -> set[str]:
        """Those of `shas` (of all objects where None) that are wanted public as of now."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How many objects appeared in the tree and how many left it."""

    shown: int
    withdrawn: int


class PublicTree:
    """Publishes objects of a private store by hard link, where the file system allows it, else by copy."""

    def __init__(self, root: Path, store: ObjectStore) -> None:
        self.root = root
        self.store = store

    def path(self, sha256: str) -> Path:
        """The public file of an object; it need not exist.

        Raises:
            ValueError: not a SHA-256.
        """
        return shard_path(self.root / "b", sha256)

    def is_published(self, sha256: str) -> bool:
        """Whether the object can be fetched by anybody."""
        return self.path(sha256).is_file()

    def hashes(self) -> Iterator[str]:
        """Every public object's hash, in no order."""
        return ObjectStore(self.root / "b").hashes()

    def publish(self, shas: Iterable[str]) -> None:
        """Make the objects public; a repeated call changes nothing.

        Raises:
            FileNotFoundError: one of them is not in the private store; then none was published by this call.
        """
        wanted = list(dict.fromkeys(shas))
        for sha256 in wanted:
            if not self.store.exists(sha256):
                raise FileNotFoundError(f"object {sha256} is not in the store")
        for sha256 in wanted:
            link_or_copy(self.store.path(sha256), self.path(sha256))

    def withdraw(self, shas: Iterable[str]) -> None:
        """Remove the objects from public view; the private copies stay."""
        for sha256 in shas:
            self.path(sha256).unlink(missing_ok=True)

    def remove_debris(self) -> None:
        """Remove what a killed publication left half-made. Call it inside `alone`."""
        for path in (self.root / "b").glob("??/.*.part"):
            path.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody else changes the tree, then keep others waiting; a killed holder of the lock frees it."""
        self.store.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.store.root / "publication.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


_holders: dict[str, Holder] = {}


def register_holder(name: str, holder: Holder) -> None:
    """Ask `holder`, too, before anything leaves the tree; called while the applications start."""
    _holders[name] = holder


def default_tree() -> PublicTree:
    """The public tree of this installation (`settings.PUBLIC_TREE_DIR`)."""
    return PublicTree(Path(settings.PUBLIC_TREE_DIR), default_store())


def settle(shas: Iterable[str]) -> Settled:
    """Withdraw those of the objects that nobody names, then show those that somebody does.

    Call it outside a transaction: inside one, what others committed may not be seen. A named object that is not in
    the private store is left out.

    Raises:
        OSError: the disk is full or broken; what had to go is gone by then, the next `reconcile` shows the rest.
    """
    tree, withdrawn, shown = default_tree(), 0, 0
    staying: list[str] = []
    for batch in _batches(sorted(set(shas))):
        with tree.alone():
            named = _named(batch)
            leaving = [sha256 for sha256 in batch if sha256 not in named and tree.is_published(sha256)]
            tree.withdraw(leaving)
        withdrawn += len(leaving)
        staying += sorted(named)
    for batch in _batches([sha256 for sha256 in staying if not tree.is_published(sha256)]):
        with tree.alone():
            appearing = [sha256 for sha256 in sorted(_named(batch)) if tree.store.exists(sha256)]
            tree.publish(appearing)
        shown += len(appearing)
    return Settled(shown, withdrawn)


def reconcile() -> Settled:
    """Settle every object of the tree that nobody names and every named one that it lacks; harmless at any time.

    Raises:
        OSError: as `settle`.
    """
    tree = default_tree()
    with tree.alone():
        tree.remove_debris()
    settled = settle(set(tree.hashes()) ^ _named(None))
    if settled.shown or settled.withdrawn:
        logger.warning("public tree: %s objects were missing, %s were too many", settled.shown, settled.withdrawn)
    return settled


def _named(shas: Collection[str] | None) -> set[str]:
    return {sha256 for holder in _holders.values() for sha256 in holder.named(shas)}


def _batches(shas: list[str]) -> Iterator[list[str]]:
    return (shas[start : start + BATCH] for start in range(0, len(shas), BATCH))

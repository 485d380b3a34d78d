"""The public tree `b/<aa>/<sha256>` (offline.md §2): only what is published for everybody lies there.

Whoever wants an object public names it as a *holder*, out of what the database says at that moment. An object lies in
the tree if a holder names it; the tree is only the trace of that. `settle` brings some objects in step after a
change, `reconcile` finds and settles every one that is not, whoever died in between. One change is made at a time and
asks the holders anew, so that of two that race the later one sees what both have committed.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from django.conf import settings

from media_pipeline.durable import link_or_copy
from media_pipeline.locks import file_lock
from media_pipeline.objects import FolderStore, ObjectStore, shard_path
from media_pipeline.purging import configured_caches, object_path

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

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


class PublicTree(ABC):
    """What anybody can fetch: published objects of a private store."""

    store: ObjectStore

    @abstractmethod
    def published(self, shas: Collection[str]) -> set[str]:
        """Those of the objects that can be fetched by anybody.

        Raises:
            ValueError: not a SHA-256.
            OSError: a remote tree cannot be reached; so for every method.
        """

    @abstractmethod
    def hashes(self) -> Iterator[str]:
        """Every public object's hash, in no order."""

    @abstractmethod
    def remove_debris(self) -> None:
        """Remove what a killed publication left half-made. Call it inside `alone`."""

    @abstractmethod
    def alone(self) -> AbstractContextManager[None]:
        """Wait until nobody else changes the tree, then keep others waiting; a killed holder of the lock frees it."""

    @abstractmethod
    def _show(self, sha256: str) -> None:
        """Make one stored object public; a repeated call changes nothing."""

    @abstractmethod
    def _hide(self, sha256: str) -> None:
        """Remove one object from public view, and note it for `purge` first."""

    @abstractmethod
    def unpurged(self) -> list[str]:
        """Objects that were withdrawn, but that caches have not been told of."""

    @abstractmethod
    def _purged(self, sha256: str) -> None:
        """Caches have dropped it."""

    def is_published(self, sha256: str) -> bool:
        """Whether the object can be fetched by anybody."""
        return bool(self.published([sha256]))

    def publish(self, shas: Iterable[str]) -> None:
        """Make the objects public; a repeated call changes nothing.

        Raises:
            FileNotFoundError: one of them is not in the private store; then none was published by this call.
        """
        wanted = list(dict.fromkeys(shas))
        for sha256, is_there in zip(wanted, self._each(self.store.exists, wanted), strict=True):
            if not is_there:
                raise FileNotFoundError(f"object {sha256} is not in the store")
        self._each(self._show, wanted)

    def withdraw(self, shas: Iterable[str]) -> None:
        """Remove the objects from public view; the private copies stay. Caches are told by `purge`."""
        self._each(self._hide, list(shas))

    def _each(self, act: Callable[[str], Answer], shas: Sequence[str]) -> list[Answer]:
        """Do it to every object; a remote tree does several at a time."""
        return [act(sha256) for sha256 in shas]

    def purge(self) -> None:
        """Tell caches of what was withdrawn; one that doesn't listen is told again by the next call."""
        caches = configured_caches()
        for sha256 in self.unpurged():
            # What was published again meanwhile may be dropped as well: it is fetched anew.
            if caches.purge(object_path(sha256)):
                self._purged(sha256)


class FolderTree(PublicTree):
    """Publishes objects of a folder by hard link, where the file system allows it, else by copy."""

    def __init__(self, root: Path, store: FolderStore) -> None:
        self.root = root
        self.store: FolderStore = store

    def path(self, sha256: str) -> Path:
        """The public file of an object; it need not exist.

        Raises:
            ValueError: not a SHA-256.
        """
        return shard_path(self.root / "b", sha256)

    def published(self, shas: Collection[str]) -> set[str]:
        return {sha256 for sha256 in shas if self.path(sha256).is_file()}

    def hashes(self) -> Iterator[str]:
        return FolderStore(self.root / "b").hashes()

    def remove_debris(self) -> None:
        for path in (self.root / "b").glob("??/.*.part"):
            path.unlink(missing_ok=True)

    def alone(self) -> AbstractContextManager[None]:
        return file_lock(self.store.root / "publication.lock")

    def unpurged(self) -> list[str]:
        folder = self._withdrawn
        return [path.name for path in folder.iterdir()] if folder.is_dir() else []

    def _show(self, sha256: str) -> None:
        link_or_copy(self.store.path(sha256), self.path(sha256))

    def _hide(self, sha256: str) -> None:
        path = self.path(sha256)
        if configured_caches().templates and path.is_file():
            self._withdrawn.mkdir(parents=True, exist_ok=True)
            (self._withdrawn / sha256).touch()
        path.unlink(missing_ok=True)

    def _purged(self, sha256: str) -> None:
        (self._withdrawn / sha256).unlink(missing_ok=True)

    @property
    def _withdrawn(self) -> Path:
        return self.store.root / "withdrawn"


_holders: dict[str, Holder] = {}


def register_holder(name: str, holder: Holder) -> None:
    """Ask `holder`, too, before anything leaves the tree; called while the applications start."""
    _holders[name] = holder


def default_tree() -> PublicTree:
    """The public tree of this installation: in the bucket of `STORAGES["objects"]`, or else `PUBLIC_TREE_DIR`."""
    if "objects" in settings.STORAGES:
        from media_pipeline.publication_s3 import configured_tree

        return configured_tree()
    return FolderTree(Path(settings.PUBLIC_TREE_DIR), FolderStore(Path(settings.OBJECTS_DIR)))


def settle(shas: Iterable[str]) -> Settled:
    """Withdraw those of the objects that nobody names, then show those that somebody does.

    Call it outside a transaction: inside one, what others committed may not be seen. A named object that is not in
    the private store is left out.

    Raises:
        OSError: the disk is full or broken, the store is away; the next `reconcile` does the rest.
    """
    tree, withdrawn, shown = default_tree(), 0, 0
    staying: list[str] = []
    for batch in _batches(sorted(set(shas))):
        with tree.alone():
            named = _named(batch)
            leaving = tree.published([sha256 for sha256 in batch if sha256 not in named])
            tree.withdraw(sorted(leaving))
        withdrawn += len(leaving)
        staying += sorted(named)
    if withdrawn:
        # Outside the lock: a cache may be slow. What it doesn't hear now, the next `reconcile` says again.
        tree.purge()
    present = tree.published(staying)
    for batch in _batches([sha256 for sha256 in staying if sha256 not in present]):
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
    tree.purge()
    settled = settle(set(tree.hashes()) ^ _named(None))
    if settled.shown or settled.withdrawn:
        logger.warning("public tree: %s objects were missing, %s were too many", settled.shown, settled.withdrawn)
    return settled


def _named(shas: Collection[str] | None) -> set[str]:
    return {sha256 for holder in _holders.values() for sha256 in holder.named(shas)}


def _batches(shas: list[str]) -> Iterator[list[str]]:
    return (shas[start : start + BATCH] for start in range(0, len(shas), BATCH))

"""The public tree `public/b/<aa>/<sha256>` (offline.md §2): only what is published for everybody lies there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from media_pipeline.durable import link_or_copy
from media_pipeline.objects import ObjectStore, default_store, shard_path


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


def default_tree() -> PublicTree:
    """The public tree of this installation (`settings.PUBLIC_TREE_DIR`)."""
    return PublicTree(Path(settings.PUBLIC_TREE_DIR), default_store())


def publish_objects(shas: Iterable[str]) -> None:
    """Make objects of the private store public.

    Raises:
        FileNotFoundError: one of them is not in the private store; then none was published by this call.
    """
    default_tree().publish(shas)


def withdraw_objects(shas: Iterable[str]) -> None:
    """Remove objects from the public tree; the caller knows that nothing published refers to them."""
    default_tree().withdraw(shas)

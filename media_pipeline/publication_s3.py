"""The public tree in a bucket: `public/b/<aa>/<sha256>`, copied inside the store from the private objects.

The bucket's policy lets anybody read below `public/` and nothing else (`manage.py prepare_bucket`); nginx or a CDN
hands it out under the address that the folder has, `/b/<aa>/<sha256>` (docs/adr/0006-objects-in-s3.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

from media_pipeline.locks import shared_lock
from media_pipeline.objects_s3 import S3Store, configured_store, object_key
from media_pipeline.publication import Answer, PublicTree
from media_pipeline.purging import configured_caches

FOREVER = "public, max-age=31536000, immutable"
_ROOM = "public/b"
_WITHDRAWN = "withdrawn/"
_AT_ONCE = 8
"""Requests at the same time when many objects are asked for; below the connections that a client keeps."""


class S3Tree(PublicTree):
    """Publishes objects of a bucket by a copy that the store makes by itself; no byte passes through here."""

    def __init__(self, store: S3Store) -> None:
        self.store: S3Store = store

    def published(self, shas: Collection[str]) -> set[str]:
        keys = {sha256: object_key(sha256, _ROOM) for sha256 in shas}
        lengths = self._each(self.store.bucket.length, list(keys.values()))
        return {sha256 for sha256, length in zip(keys, lengths, strict=True) if length is not None}

    def hashes(self) -> Iterator[str]:
        return (entry.key.rpartition("/")[2] for entry in self.store.bucket.entries(f"{_ROOM}/"))

    def remove_debris(self) -> None:
        """Nothing: the store shows a copy whole or not at all."""

    def alone(self) -> AbstractContextManager[None]:
        return shared_lock("publication")

    def read(self, sha256: str, start: int, length: int) -> bytes:
        """Bytes of a public object.

        Raises:
            FileNotFoundError: it is not public.
            OSError: the store cannot be reached.
        """
        return self.store.bucket.read(object_key(sha256, _ROOM), start, length)

    def length(self, sha256: str) -> int | None:
        """Bytes of a public object; None if it is not public.

        Raises:
            OSError: the store cannot be reached.
        """
        return self.store.bucket.length(object_key(sha256, _ROOM))

    def unpurged(self) -> list[str]:
        return [entry.key.removeprefix(_WITHDRAWN) for entry in self.store.bucket.entries(_WITHDRAWN)]

    def _each(self, act: Callable[[str], Answer], shas: Sequence[str]) -> list[Answer]:
        if len(shas) < 2:
            return [act(sha256) for sha256 in shas]
        with ThreadPoolExecutor(min(_AT_ONCE, len(shas))) as pool:
            return list(pool.map(act, shas))

    def _show(self, sha256: str) -> None:
        if not self.published([sha256]):
            parameters = {"CacheControl": FOREVER, "ContentType": "application/octet-stream"}
            self.store.bucket.copy(object_key(sha256), object_key(sha256, _ROOM), **parameters)

    def _hide(self, sha256: str) -> None:
        if configured_caches().templates:
            self.store.bucket.put(f"{_WITHDRAWN}{sha256}", b"")
        self.store.bucket.delete(object_key(sha256, _ROOM))

    def _purged(self, sha256: str) -> None:
        self.store.bucket.delete(f"{_WITHDRAWN}{sha256}")


def configured_tree() -> S3Tree:
    """The tree of an installation whose objects lie in a bucket."""
    return S3Tree(configured_store())

"""Rendered pages in memory, the least recently asked-for thrown out first."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from config.page_cache.rules import Key

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Page:
    """A response as it is sent, plain and compressed; `is_personal` marks one that must not be shared."""

    generation: int
    made_at: float
    headers: Headers
    body: bytes
    gzipped: bytes
    etag: bytes
    is_personal: bool = False

    @property
    def size(self) -> int:
        return len(self.body) + len(self.gzipped) + 1024


def page(generation: int, made_at: float, headers: Headers, body: bytes) -> Page:
    """A page to keep. `made_at` is in seconds of a monotonic clock."""
    kept = [(name, value) for name, value in headers if name.lower() not in _OURS]
    digest = hashlib.sha256(body).hexdigest()[:32].encode()
    return Page(generation, made_at, kept, body, gzip.compress(body, 9, mtime=0), digest)


def personal(generation: int, made_at: float) -> Page:
    """Remembers, for one generation, that this address answers each person differently."""
    return Page(generation, made_at, [], b"", b"", b"", is_personal=True)


_OURS = frozenset({b"content-length", b"etag", b"cache-control", b"vary"})


class Store:
    """A size-bounded, least-recently-used table. Used from one event loop only, so it has no lock."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._pages: OrderedDict[Key, Page] = OrderedDict()

    def get(self, key: Key) -> Page | None:
        found = self._pages.get(key)
        if found is not None:
            self._pages.move_to_end(key)
        return found

    def put(self, key: Key, value: Page) -> None:
        if (old := self._pages.pop(key, None)) is not None:
            self._bytes -= old.size
        self._pages[key] = value
        self._bytes += value.size
        while self._bytes > self._max_bytes and self._pages:
            _, thrown_out = self._pages.popitem(last=False)
            self._bytes -= thrown_out.size

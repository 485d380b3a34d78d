"""Indices and aliases of one site: generations `…-materials-v3`, behind an alias to read and one to write.

Readers and writers only know the aliases. A rebuild makes the next generation, adds it to the alias to write, so that
changes reach both, and moves the alias to read in one call when the new one is whole; the one before stays.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from search.backends.base import EngineUnavailable, RebuildFailed
from search.backends.elastic_client import EngineRefused, translated
from search.backends.elastic_documents import FAMILIES, SETTINGS, index_body

BEAT_EVERY_S = 15.0
ABANDONED_AFTER_S = 120.0
"""A generation that is not read and gave no sign of life for so long was left behind by a rebuild that was killed."""


_FIRST = next(iter(FAMILIES))


class RebuildRunning(RebuildFailed):
    """Another process is making the next generation of the index."""


class Indices:
    """The indices of the site whose names begin with `prefix`."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self.prefix = prefix

    def reading(self, family: str) -> str:
        """The alias that searches go to."""
        return f"{self.prefix}-{family}"

    def writing(self, family: str) -> str:
        """The alias that lists where changes go."""
        return f"{self.prefix}-{family}-write"

    def name(self, family: str, generation: int) -> str:
        """An index by its number."""
        return f"{self.prefix}-{family}-v{generation}"

    def targets(self, family: str) -> tuple[str, ...]:
        """The indices that a change must reach: two while a rebuild runs, none before the first one."""
        try:
            with translated():
                return tuple(sorted(self._client.indices.get_alias(name=self.writing(family)).body))
        except EngineUnavailable as error:
            if isinstance(error.__cause__, NotFoundError):
                return ()
            raise

    def exist(self) -> bool:
        """Whether there is something to read."""
        with translated():
            return all(self._client.indices.exists_alias(name=self.reading(family)) for family in FAMILIES)

    def ensure(self) -> None:
        """Make the first generation, empty and readable, where there is none."""
        for family in FAMILIES:
            with translated():
                missing = not self._client.indices.exists_alias(name=self.reading(family))
            if missing:
                self._create(family, 1, aliases=(self.reading(family), self.writing(family)))

    def generations(self) -> list[int]:
        """The numbers of all that are there, old ones and unfinished ones among them."""
        pattern = re.compile(rf"{re.escape(self.prefix)}-(?:{'|'.join(FAMILIES)})-v(\d+)")
        with translated():
            names = self._client.indices.get(index=f"{self.prefix}-*-v*", features="aliases").body
        return sorted({int(found[1]) for found in map(pattern.fullmatch, names) if found})

    def read_generation(self) -> int:
        """The number of the one that is searched; 0 when there is none."""
        if not self.exist():
            return 0
        with translated():
            (name,) = self._client.indices.get_alias(name=self.reading(_FIRST)).body
        return int(str(name).rpartition("-v")[2])

    def begin(self) -> int:
        """Make the next generation, which takes part in every change from now on; its number.

        Raises:
            RebuildRunning: another one is being made.
        """
        read = self.read_generation()
        unfinished = [each for each in self.generations() if each > read]
        for number in unfinished:
            if time.time() - self._alive_at(number) < ABANDONED_AFTER_S:
                raise RebuildRunning
            self.remove([number])
        number = read + 1
        for family in FAMILIES:
            if not self._create(family, number, aliases=(self.writing(family),), refresh_interval="-1"):
                raise RebuildRunning
        return number

    def finish(self, number: int) -> None:
        """Let everything be read from this generation, in one call, and forget all but the one before."""
        names = [self.name(family, number) for family in FAMILIES]
        with translated():
            self._client.indices.put_settings(index=names, settings={"refresh_interval": SETTINGS["refresh_interval"]})
            self._client.indices.refresh(index=names)
        before = self.read_generation()
        actions: list[dict[str, dict[str, object]]] = []
        for family in FAMILIES:
            if before:
                aliases = [self.reading(family), self.writing(family)]
                actions.append({"remove": {"index": self.name(family, before), "aliases": aliases}})
            actions.append({"add": {"index": self.name(family, number), "alias": self.reading(family)}})
        with translated():
            self._client.indices.update_aliases(actions=actions)
        self.remove(each for each in self.generations() if each < before)

    def remove(self, numbers: Iterable[int]) -> None:
        """Delete generations."""
        names = [self.name(family, number) for number in numbers for family in FAMILIES]
        if names:
            with translated():
                self._client.indices.delete(index=names, ignore_unavailable=True)

    def remove_all(self) -> None:
        """Delete everything of this site."""
        self.remove(self.generations())

    def _create(self, family: str, number: int, *, aliases: Iterable[str], refresh_interval: str | None = None) -> bool:
        """Whether it was made; another process may have been faster."""
        body = index_body(family)
        body["mappings"]["_meta"] = {"alive_at": time.time()}
        if refresh_interval is not None:
            body["settings"]["refresh_interval"] = refresh_interval
        try:
            with translated():
                self._client.indices.create(
                    index=self.name(family, number), aliases={alias: {} for alias in aliases}, **body
                )
        except EngineRefused as error:
            cause = error.__cause__
            if isinstance(cause, BadRequestError) and cause.error == "resource_already_exists_exception":
                return False
            raise
        return True

    def beat(self, number: int) -> None:
        """A sign of life of the rebuild that fills this generation, every `BEAT_EVERY_S`."""
        with translated():
            self._client.indices.put_mapping(
                index=self.name(_FIRST, number), meta={"alive_at": time.time()}, dynamic="strict"
            )

    def _alive_at(self, number: int) -> float:
        """When a generation last gave a sign of life, in seconds since 1970."""
        try:
            with translated():
                (found,) = self._client.indices.get_mapping(index=self.name(_FIRST, number)).body.values()
        except EngineUnavailable as error:
            if isinstance(error.__cause__, NotFoundError):
                return 0.0
            raise
        return float(found["mappings"]["_meta"]["alive_at"])

"""Collects objects that nobody refers to, in two runs, so that none is lost to a race.

What is old enough and has no reference is *discarded*: laid aside, and brought back by whoever asks for it, if only to
store it again. A later run deletes what has lain aside for as long and still has no reference. A publication that uses
an old object at the very moment it is discarded therefore loses nothing, and needs no lock; it would have to hold back
its commit for longer than the grace period.

Each layer registers what it refers to. A referrer that cannot tell raises, and then nothing is collected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.apps import apps

from media_pipeline.locks import shared_lock
from media_pipeline.objects import ObjectStore

LEAST_GRACE_S = 3600
"""What is younger may be a reference that is just being written."""


class Referrer(Protocol):
    """A layer that keeps hashes of objects."""

    def referenced(self) -> set[str]:
        """Every object that the layer may still need, as of now.

        Raises:
            Exception: it cannot tell; then nothing is collected.
        """


class TooMuchGarbage(Exception):
    """So much is without a reference that something else is wrong; nothing was collected."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a run found, as hashes; without `delete` nothing was done.

    Attributes:
        discarded: without a reference and old enough; laid aside.
        deleted: laid aside by an earlier run, still without a reference; gone for good.
        restored: laid aside, but referred to again; brought back.
    """

    discarded: frozenset[str]
    deleted: frozenset[str]
    restored: frozenset[str]


_referrers: dict[str, Referrer] = {}


def register_referrer(name: str, referrer: Referrer) -> None:
    """Ask `referrer`, too, before anything is collected; called while the applications start."""
    _referrers[name] = referrer


def referenced() -> set[str]:
    """Every object that some layer refers to."""
    return {sha256 for referrer in _referrers.values() for sha256 in referrer.referenced()}


def collect(
    store: ObjectStore,
    *,
    public: Callable[[], set[str]],
    now: float,
    grace_s: float,
    delete: bool,
    is_plausible: Callable[[int, int], bool] = lambda unreferenced, all_objects: True,
) -> Collected:
    """One run; only one is made at a time.

    Args:
        public: the hashes that lie in the public tree; they stay, whatever the references say.
        now: seconds since 1970.
        grace_s: how old an object, and how long aside, it must be.
        delete: False only looks.
        is_plausible: may say no to so many unreferenced among so many objects in all, before anything is done.

    Raises:
        TooMuchGarbage: it said no.
        Exception: what a referrer raises, or OSError from the store; what was discarded by then stays aside.
    """
    with shared_lock("garbage"):
        # What lay aside before this run: nothing is discarded and deleted by the same one.
        aside = dict(store.discarded())
        ages = dict(store.aged())
        old = {sha256 for sha256, stored_at in ages.items() if stored_at <= now - grace_s}
        # Asked after the listing: a reference written since then is seen.
        kept = referenced() | public()
        back = {sha256 for sha256 in aside if sha256 in kept}
        gone = {sha256 for sha256, since in aside.items() if sha256 not in kept and since <= now - grace_s}
        unreferenced = old - kept
        if not is_plausible(len(unreferenced), len(ages)):
            raise TooMuchGarbage(f"{len(unreferenced)} of {len(ages)} objects have no reference")
        if delete:
            _carry_out(store, back, gone, unreferenced)
    return Collected(frozenset(unreferenced), frozenset(gone), frozenset(back))


def _carry_out(store: ObjectStore, back: set[str], gone: set[str], unreferenced: set[str]) -> None:
    for sha256 in back:
        store.restore(sha256)
    for sha256 in gone:
        store.forget(sha256)
    for sha256 in unreferenced:
        store.discard(sha256)
    # A reference that was written while this ran brings its object back at once.
    for sha256 in unreferenced & referenced():
        store.restore(sha256)


class Columns:
    """Every column of an application's models whose name ends in `sha256`, so that a new model is never forgotten."""

    def __init__(self, app_label: str) -> None:
        self._app_label = app_label

    def referenced(self) -> set[str]:
        found: set[str] = set()
        for model in apps.get_app_config(self._app_label).get_models():
            names = [field.name for field in model._meta.concrete_fields if field.name.endswith("sha256")]
            for row in model._default_manager.values_list(*names) if names else ():
                found.update(sha256 for sha256 in row if sha256)
        return found

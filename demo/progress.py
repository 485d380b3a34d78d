"""How far each lecture is, and what is due next. Pure: `demo.lectures` reads the states and carries out the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The way of a lecture."""

    MISSING = "missing"
    """A draft without a lecture."""
    TRANSCODING = "transcoding"
    """Uploaded; its sound is not finished."""
    REVIEWABLE = "reviewable"
    """The sound of every track is finished; it can pass the review."""
    LIVE = "live"
    """Published; its picture is still being made."""
    COMPLETE = "complete"
    """Published with every rendition."""
    FAILED = "failed"
    """Could not be made or transcoded; nothing is tried again until `load_demo` runs."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do now."""

    make: str | None
    publish: tuple[str, ...]
    build_package: bool
    finished: bool


def next_steps(states: Mapping[str, State], packed: Sequence[str], *, package_asked_for: bool) -> Steps:
    """Decide from the states, which stand in the order of making.

    `packed` are the lectures of the package: it is built once all of them are complete. Failed lectures stop
    nothing but the package that needs them.
    """
    missing = [slug for slug, state in states.items() if state is State.MISSING]
    publish = tuple(slug for slug, state in states.items() if state is State.REVIEWABLE)
    ready = all(states.get(slug) is State.COMPLETE for slug in packed)
    blocked = any(states.get(slug) is State.FAILED for slug in packed)
    build = ready and not package_asked_for
    ended = all(state in (State.COMPLETE, State.FAILED) for state in states.values())
    return Steps(
        make=missing[0] if missing else None,
        publish=publish,
        build_package=build,
        finished=ended and (package_asked_for or blocked),
    )

"""Reads the demo's content files into typed values. Pure apart from reading `demo/content/`.

Everything has a stable id made from its key, so that loading twice finds what is there.
"""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "content"
_NAMESPACE = uuid.UUID("6d8f0c52-4b4e-5f6c-9a54-632726632726")
PASSWORD = "gaoyuan-demo"  # noqa: S105 - printed at every start; the demo is never loaded in production


def demo_id(kind: str, key: str) -> uuid.UUID:
    """The id of a demo thing: always the same for the same key."""
    return uuid.uuid5(_NAMESPACE, f"{kind}/{key}")


@dataclass(frozen=True, slots=True)
class LectureSlide:
    """A slide: its heading and its lines."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lecture:
    """A lesson or a case, and what is needed to make its lecture.

    `planned_minutes` is what the training plan gives it; the recording made here is an excerpt and plays far shorter.
    """

    slug: str
    kind: str
    title: str
    planned_minutes: int
    teacher: str
    content_class: str
    summary: str
    slides: tuple[LectureSlide, ...]
    narration: tuple[str, ...]
    genre: str = "lecture"
    place: str = ""
    amdo_placeholder: bool = False

    @property
    def material_id(self) -> uuid.UUID:
        return demo_id("lecture", self.slug)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of an outline."""

    slug: str
    title: str
    role: str
    learning_form: str
    summary: str
    lectures: tuple[Lecture, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline with its audience."""

    slug: str
    title: str
    summary: str
    fields: tuple[str, ...]
    groups: tuple[str, ...]
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """The whole demo. What is stored as it is written stays a mapping."""

    outlines: tuple[Outline, ...]
    organisations: tuple[Mapping[str, Any], ...]
    people: Mapping[str, Any]
    teachers: tuple[Mapping[str, Any], ...]
    places: Mapping[str, Any]
    quizzes: tuple[Mapping[str, Any], ...]
    package: Mapping[str, Any] = field(default_factory=dict)

    def lectures(self) -> tuple[Lecture, ...]:
        """All lectures in the order in which they are made: those of the package first, in its order."""
        by_slug = {each.slug: each for outline in self.outlines for unit in outline.units for each in unit.lectures}
        packed = [by_slug.pop(slug) for slug in self.package["lessons"]]
        return (*packed, *by_slug.values())

    def packed(self) -> tuple[Lecture, ...]:
        """The lectures of the package, in its order."""
        return self.lectures()[: len(self.package["lessons"])]

    def lecture(self, slug: str) -> Lecture:
        """The lecture of that slug; raises KeyError."""
        return {each.slug: each for each in self.lectures()}[slug]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _lecture(data: Mapping[str, Any]) -> Lecture:
    slides = tuple(LectureSlide(heading, tuple(lines)) for heading, *lines in data["slides"])
    narration = tuple(line.strip() for line in data["narration"].splitlines() if line.strip())
    named = ("slug", "title", "planned_minutes", "teacher", "content_class", "summary")
    optional = {name: data[name] for name in ("genre", "place", "amdo_placeholder") if name in data}
    values = {name: data[name] for name in named}
    return Lecture(kind=data.get("kind", "lesson"), slides=slides, narration=narration, **values, **optional)


def _unit(data: Mapping[str, Any]) -> Unit:
    lectures = tuple(_lecture(each) for each in data.get("lessons", ()))
    return Unit(data["slug"], data["title"], data["role"], data["learning_form"], data["summary"], lectures)


def _outline(data: Mapping[str, Any]) -> Outline:
    return Outline(
        slug=data["slug"],
        title=data["title"],
        summary=data["summary"],
        fields=tuple(data["fields"]),
        groups=tuple(data["groups"]),
        units=tuple(_unit(each) for each in data["units"]),
    )


@lru_cache(maxsize=1)
def library() -> Library:
    """Everything, read once."""
    outlines = sorted(path.name for path in (FOLDER / "outlines").glob("*.toml"))
    return Library(
        outlines=tuple(_outline(_read(f"outlines/{name}")) for name in outlines),
        organisations=tuple(_read("organisations.toml")["organisations"]),
        people=_read("people.toml"),
        teachers=tuple(_read("teachers.toml")["teachers"]),
        places=_read("places.toml"),
        quizzes=tuple(_read("quizzes.toml")["quizzes"]),
        package=_read("package.toml"),
    )

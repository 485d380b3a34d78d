"""The documents of a package and how to read them strictly (docs/spec/offline-package.md §2).

Pure: no Django, no clock, no storage. Parsers bound everything (§2.8) and raise ManifestTooLarge, ManifestMalformed
or ManifestTooNew ("update the app"); fields they don't know are ignored (§2.7).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from offline.canonical import canonical_json, strict_json
from offline.packages.errors import ManifestMalformed, ManifestTooLarge, ManifestTooNew

SPEC_VERSION = "1.1"
"""Version of docs/spec/offline-package.md that this module implements."""

DOCUMENT_VERSION = 1
MAX_PACKAGE_BYTES = 1024 * 1024
MAX_LESSON_BYTES = 256 * 1024
MAX_QUIZ_BYTES = 1024 * 1024
MAX_LESSONS = 500
MAX_QUIZZES = 100
MAX_RECALLED = 5_000
MAX_ITEMS = 200
MAX_QUESTIONS = 500
MAX_TITLE = 300
MAX_SUMMARY = 20_000
MAX_OBJECT_BYTES = 4 * 1024**3 - 1
"""FAT32 holds nothing larger."""
MAX_MINUTES = 100_000

ITEM_KINDS = frozenset({"audio", "video", "deck", "subtitle", "poster", "text", "attachment"})

_HASH = re.compile(r"[0-9a-f]{64}")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """A document of a material, by hash and length in bytes."""

    material: UUID
    sha256: str
    length: int

    def as_dict(self) -> dict[str, Any]:
        return {"material": str(self.material), "sha256": self.sha256, "length": self.length}


@dataclass(frozen=True, slots=True)
class PackageManifest:
    """What a package holds (§2.2); the only document that TUF signs."""

    package: UUID
    version: int
    title: str
    campaign: str
    organisation: str
    published: str
    minutes: int
    lessons: tuple[ObjectReference, ...]
    quizzes: tuple[ObjectReference, ...] = ()
    card: dict[str, Any] | None = None
    recalled: tuple[UUID, ...] = ()

    def as_bytes(self) -> bytes:
        """Canonical JSON; optional fields are left out when empty."""
        document: dict[str, Any] = {
            "v": DOCUMENT_VERSION,
            "package": str(self.package),
            "version": self.version,
            "title": self.title,
            "campaign": self.campaign,
            "organisation": self.organisation,
            "published": self.published,
            "minutes": self.minutes,
            "lessons": [lesson.as_dict() for lesson in self.lessons],
            "quizzes": [quiz.as_dict() for quiz in self.quizzes],
        }
        if self.card is not None:
            document["card"] = self.card
        if self.recalled:
            document["recalled"] = [str(material) for material in self.recalled]
        return canonical_json(document)


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a lesson (§2.4). Lengths in bytes, duration in milliseconds."""

    kind: str
    language: str | None
    label: str
    profile: str
    mime: str
    sha256: str
    length: int
    index: str | None = None
    index_length: int | None = None
    placeholder: bool = False
    duration_ms: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class LessonManifest:
    """One lesson's texts and objects (§2.3): the same bytes in every package that holds the same revision."""

    material: UUID
    revision: str
    title: str
    summary: str
    minutes: int
    genre: str
    teacher: str
    items: tuple[Item, ...] = field(default=())

    def as_bytes(self) -> bytes:
        return canonical_json(
            {
                "v": DOCUMENT_VERSION,
                "material": str(self.material),
                "revision": self.revision,
                "title": self.title,
                "summary": self.summary,
                "minutes": self.minutes,
                "genre": self.genre,
                "teacher": self.teacher,
                "items": [item.as_dict() for item in self.items],
            }
        )

    def objects(self) -> dict[str, int]:
        """Every object the items name, index objects included: {sha256: length in bytes}."""
        found = {item.sha256: item.length for item in self.items}
        found.update({item.index: item.index_length or 0 for item in self.items if item.index})
        return found


def parse_package(data: bytes) -> PackageManifest:
    """Read a package manifest that a signature vouches for."""
    document = _open(data, MAX_PACKAGE_BYTES, "package")
    card = document.get("card")
    if card is not None and not isinstance(card, dict):
        raise ManifestMalformed(where="card")
    return PackageManifest(
        package=_field(document, "package", _uuid),
        version=_field(document, "version", _count),
        title=_field(document, "title", _title),
        campaign=_field(document, "campaign", _title),
        organisation=_field(document, "organisation", _title),
        published=_field(document, "published", _title),
        minutes=_field(document, "minutes", _minutes),
        lessons=_references(document, "lessons", MAX_LESSONS, MAX_LESSON_BYTES),
        quizzes=_references(document, "quizzes", MAX_QUIZZES, MAX_QUIZ_BYTES),
        card=card,
        recalled=tuple(_each(document.get("recalled", []), "recalled", MAX_RECALLED, _uuid)),
    )


def parse_lesson(data: bytes) -> LessonManifest:
    """Read a lesson manifest; items of a kind that this version doesn't know are skipped."""
    document = _open(data, MAX_LESSON_BYTES, "lesson")
    items = _each(_field(document, "items", _list), "items", MAX_ITEMS, _item)
    return LessonManifest(
        material=_field(document, "material", _uuid),
        revision=_field(document, "revision", _hash),
        title=_field(document, "title", _title),
        summary=_field(document, "summary", _summary),
        minutes=_field(document, "minutes", _minutes),
        genre=_field(document, "genre", _title),
        teacher=_field(document, "teacher", _title),
        items=tuple(item for item in items if item.kind in ITEM_KINDS),
    )


def parse_quiz(data: bytes) -> dict[str, Any]:
    """Read a quiz document (§2.5) and return it as it is, once its shape is known to be right."""
    document = _open(data, MAX_QUIZ_BYTES, "quiz")
    _field(document, "quiz", _uuid)
    _field(document, "title", _title)
    for question in _each(_field(document, "questions", _list), "questions", MAX_QUESTIONS, _dict):
        _field(question, "id", _uuid)
        _field(question, "text", _dict)
        keys = [_field(answer, "key", _title) for answer in _each(question.get("answers"), "answers", 10, _dict)]
        if len(set(keys)) != len(keys) or question.get("correct") not in keys:
            raise ManifestMalformed(where="answers")
    return document


def _open(data: bytes, limit: int, what: str) -> dict[str, Any]:
    if len(data) > limit:
        raise ManifestTooLarge(what=what, limit=limit)
    try:
        document = strict_json(data)
    except ValueError as error:
        raise ManifestMalformed(where=what) from error
    if not isinstance(document, dict):
        raise ManifestMalformed(where=what)
    version = document.get("v")
    if type(version) is not int or version < 1:
        raise ManifestMalformed(where="v")
    if version > DOCUMENT_VERSION:
        raise ManifestTooNew(version=version)
    return document


def _field(document: dict[str, Any], name: str, read: Callable[[Any], _T]) -> _T:
    if name not in document:
        raise ManifestMalformed(where=name)
    try:
        return read(document[name])
    except (TypeError, ValueError, AttributeError) as error:
        raise ManifestMalformed(where=name) from error


def _each(values: Any, name: str, limit: int, read: Callable[[Any], _T]) -> list[_T]:
    if not isinstance(values, list):
        raise ManifestMalformed(where=name)
    if len(values) > limit:
        raise ManifestTooLarge(what=name, limit=limit)
    return [_field({name: value}, name, read) for value in values]


def _references(document: dict[str, Any], name: str, limit: int, largest: int) -> tuple[ObjectReference, ...]:
    def read(value: Any) -> ObjectReference:
        entry = _dict(value)
        reference = ObjectReference(
            _field(entry, "material", _uuid), _field(entry, "sha256", _hash), _field(entry, "length", _length)
        )
        if reference.length > largest:
            raise ManifestTooLarge(what=name, limit=largest)
        return reference

    references = _each(_field(document, name, _list), name, limit, read)
    if len({reference.material for reference in references}) != len(references):
        raise ManifestMalformed(where=name)
    return tuple(references)


def _item(value: Any) -> Item:
    entry = _dict(value)
    return Item(
        kind=_field(entry, "kind", _title),
        language=_field(entry, "language", _optional(_title)),
        label=_field(entry, "label", _title),
        profile=_field(entry, "profile", _title),
        mime=_field(entry, "mime", _title),
        sha256=_field(entry, "sha256", _hash),
        length=_field(entry, "length", _length),
        index=_field(entry, "index", _optional(_hash)),
        index_length=_field(entry, "index_length", _optional(_length)),
        placeholder=_field(entry, "placeholder", _bool),
        duration_ms=_field(entry, "duration_ms", _optional(_duration)),
    )


def _optional(read: Callable[[Any], _T]) -> Callable[[Any], _T | None]:
    return lambda value: None if value is None else read(value)


def _bounded(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"not a whole number from {low} to {high}")
        return value

    return read


def _text(limit: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or len(value) > limit:
            raise ValueError(f"not a text of at most {limit} characters")
        value.encode()  # a lone surrogate is no text: UnicodeEncodeError is a ValueError
        return value

    return read


def _uuid(value: Any) -> UUID:
    parsed = UUID(value)
    if str(parsed) != value:
        raise ValueError("a UUID is lower-case with dashes")
    return parsed


def _hash(value: Any) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError("not a lower-case SHA-256")
    return value


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not true or false")
    return value


_count = _bounded(1, 2**31)
_length = _bounded(0, MAX_OBJECT_BYTES)
_minutes = _bounded(0, MAX_MINUTES)
_duration = _bounded(0, 7 * 24 * 3600 * 1000)
_title = _text(MAX_TITLE)
_summary = _text(MAX_SUMMARY)

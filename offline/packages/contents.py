"""What a package holds, read from published lessons and quizzes: the seam between the CMS and the package format."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.text import Truncator
from wagtail.models import Page

from cms.lessons.models import Case, Lesson
from cms.lessons.selectors import LessonView, Obj, lesson_view, player_data
from education.classroom.selectors import published_quizzes, quizzes_of_lessons
from media_pipeline.objects import ObjectStore, default_store
from media_pipeline.selectors import job_status
from offline.canonical import canonical_json
from offline.packages import rules
from offline.packages.builder import QuizContent
from offline.packages.errors import (
    LessonNotPublished,
    NothingToPack,
    PackageError,
    PackageNotReviewed,
    QuizNotPublished,
    RenditionsMissing,
    SubtitleUnreadable,
)
from offline.packages.manifest import (
    MAX_QUIZ_BYTES,
    MAX_SUMMARY,
    MAX_TITLE,
    Item,
    LessonManifest,
    ObjectReference,
    parse_quiz,
)
from offline.packages.models import OfflinePackage, PackageBuild

CASE = "case"
"""Genre of a case in a lesson manifest."""
TEXT_PROFILE = "text"
SUBTITLE_PROFILE = "webvtt"
_LANGUAGE = "zh-hans"
"""Labels inside a package are Chinese, whatever language the editor's admin has: the same lesson, the same bytes."""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that goes into a build, in the order of teaching."""

    lessons: tuple[LessonManifest, ...]
    quizzes: tuple[QuizContent, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A file that a browser can fetch by itself."""

    label: str
    language: str
    url: str
    length: int
    is_placeholder: bool = False

    @property
    def megabytes(self) -> float:
        """To one decimal, at least 0.1."""
        return max(round(self.length / 1_000_000, 1), 0.1)


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A published lesson of a package as a page lists it; `url` is its page on the site."""

    material: UUID
    title: str
    summary: str
    minutes: int
    genre: str
    genre_label: str
    teacher: str
    url: str
    poster_url: str
    audio: tuple[Link, ...]
    muxed: Link | None


@dataclass(frozen=True, slots=True)
class QuizRow:
    """A quiz of a package as a page lists it."""

    material: UUID
    title: str
    questions: int


def collect(package: OfflinePackage, *, drop_unpublished: bool = False) -> Content:
    """The package's content as it is published now.

    With `drop_unpublished` what is not ready is left out, and nothing is refused. Otherwise raises the first of
    `survey`'s problems.
    """
    content, problems = survey(package)
    if problems and not drop_unpublished:
        raise problems[0]
    return content


def survey(package: OfflinePackage) -> tuple[Content, list[PackageError]]:
    """What is ready, and everything that has to be done before the rest is: PackageNotReviewed, LessonNotPublished,
    RenditionsMissing, SubtitleUnreadable, QuizNotPublished, or NothingToPack when nothing is chosen.
    """
    store = default_store()
    manifests: list[LessonManifest] = []
    problems: list[PackageError] = []
    if not package.is_reviewed:
        problems.append(PackageNotReviewed(title=package.title))
    with translation.override(_LANGUAGE):
        for page in _composed(package):
            if not _is_public(page):
                problems.append(LessonNotPublished(title=page.title))
                continue
            try:
                manifests.append(lesson_manifest(page, store))
            except (RenditionsMissing, SubtitleUnreadable) as problem:
                problems.append(problem)
    if not manifests and all(isinstance(problem, PackageNotReviewed) for problem in problems):
        problems.append(NothingToPack())
    if package.quiz is not None and not package.quiz.live:
        problems.append(QuizNotPublished(title=package.quiz.title))
    quizzes = tuple(
        QuizContent(UUID(document["quiz"]), canonical_json(document))
        for document in _quizzes(package, [manifest.material for manifest in manifests])
    )
    return Content(tuple(manifests), quizzes), problems


def lesson_manifest(page: Lesson | Case, store: ObjectStore) -> LessonManifest:
    """The manifest of a published lesson. The texts that it names are written into the store.

    Raises RenditionsMissing or SubtitleUnreadable.
    """
    view = lesson_view(page)
    _check_renditions(page, view)
    return LessonManifest(
        material=view.material_id,
        revision=view.revision_sha256,
        title=Truncator(view.title).chars(MAX_TITLE),
        summary=Truncator(view.summary).chars(MAX_SUMMARY),
        minutes=view.minutes,
        genre=view.genre,
        teacher=view.teacher_name,
        items=rules.packed_items(list(_items(view, store))),
    )


def published_materials(material_ids: Collection[UUID]) -> set[UUID]:
    """Those of the lessons, cases and quizzes that everybody may see now."""
    found = {UUID(document["quiz"]) for document in published_quizzes(material_ids)}
    for model in (Lesson, Case):
        pages = model.objects.live().public().filter(translation_key__in=list(material_ids))
        found.update(pages.values_list("translation_key", flat=True))
    return found


def lesson_rows(material_ids: Sequence[UUID]) -> list[LessonRow]:
    """The lessons that are still published, in the order given."""
    pages: dict[UUID, Lesson | Case] = {}
    for model in (Lesson, Case):
        live = model.objects.live().public().filter(translation_key__in=list(material_ids))
        pages.update({page.translation_key: page for page in live.select_related("teacher")})
    return [_row(lesson_view(pages[material_id])) for material_id in material_ids if material_id in pages]


def player_data_of(material_id: UUID) -> dict[str, Any] | None:
    """What the player of a published lesson reads from its page."""
    for model in (Lesson, Case):
        page = model.objects.live().public().filter(translation_key=material_id).first()
        if page is not None:
            return player_data(lesson_view(page))
    return None


def quiz_rows(package_id: UUID) -> list[QuizRow]:
    """The quizzes of a package's newest version that are still published, as that version was signed."""
    return [QuizRow(UUID(row["material"]), row["title"], row["questions"]) for row in _quizzes_inside(package_id)]


def quiz_of_package(package_id: UUID, quiz_id: UUID) -> dict[str, Any] | None:
    """The document of one quiz as the package's newest version was signed, or None where there is none."""
    row = next((row for row in _quizzes_inside(package_id) if row["material"] == str(quiz_id)), None)
    if row is None:
        return None
    return parse_quiz(default_store().read(row["sha256"], limit=MAX_QUIZ_BYTES))


def _composed(package: OfflinePackage) -> list[Lesson | Case]:
    """Single lessons first, then the published lessons of whole units in tree order; each once."""
    pages = [entry.lesson.specific for entry in package.package_lessons.select_related("lesson")]
    for entry in package.package_units.select_related("unit"):
        children = Page.objects.child_of(entry.unit).live().public().order_by("path").specific()
        pages += [page for page in children if isinstance(page, Lesson | Case)]
    once: dict[UUID, Lesson | Case] = {}
    for page in pages:
        once.setdefault(page.translation_key, page)
    return list(once.values())


def _is_public(page: Page) -> bool:
    return page.live and not page.get_view_restrictions().exists()


def _quizzes(package: OfflinePackage, lessons: Sequence[UUID]) -> list[dict[str, Any]]:
    """Documents of the package's own quiz, then of those that belong to its lessons; what is published of them."""
    own = [package.quiz.material_id] if package.quiz is not None else []
    wanted = list(dict.fromkeys([*own, *quizzes_of_lessons(lessons)]))
    documents = {UUID(document["quiz"]): document for document in published_quizzes(wanted)}
    return [documents[quiz] for quiz in wanted if quiz in documents]


def signed_quizzes(quizzes: Iterable[QuizContent], signed: Iterable[ObjectReference]) -> list[dict[str, Any]]:
    """What a build keeps of its quizzes (`PackageBuild.quizzes`)."""
    hashes = {reference.material: reference.sha256 for reference in signed}
    rows = []
    for quiz in quizzes:
        document = json.loads(quiz.document)
        row = {"title": document["title"], "questions": len(document["questions"])}
        rows.append({"material": str(quiz.material), "sha256": hashes[quiz.material], **row})
    return rows


def _quizzes_inside(package_id: UUID) -> list[dict[str, Any]]:
    newest = PackageBuild.objects.published().filter(package__package_id=package_id).first()
    rows: list[dict[str, Any]] = newest.quizzes if newest else []
    published = published_materials([UUID(row["material"]) for row in rows]) if rows else set()
    return [row for row in rows if UUID(row["material"]) in published]


def _check_renditions(page: Lesson | Case, view: LessonView) -> None:
    if page.video is None:
        if not view.audio and not view.body:
            raise RenditionsMissing(title=view.title, missing="视频")
        return
    if not view.audio:
        raise RenditionsMissing(title=view.title, missing="声音")
    source = page.video.media_source
    if not view.video and source is not None and job_status(source).state != "published":
        raise RenditionsMissing(title=view.title, missing="画面")


def _items(view: LessonView, store: ObjectStore) -> Iterable[Item]:
    if view.poster is not None:
        yield _object_item("poster", view.poster, store)
    if view.body:
        content = view.body.encode()
        sha256 = store.put_bytes(content)
        yield Item("text", _LANGUAGE, "正文", TEXT_PROFILE, "text/plain; charset=utf-8", sha256, len(content))
    for subtitle in view.subtitles:
        if not store.exists(subtitle.sha256):
            raise SubtitleUnreadable(title=view.title, label=subtitle.label)
        length = store.size(subtitle.sha256)
        mime = "text/vtt; charset=utf-8"
        yield Item("subtitle", subtitle.language, subtitle.label, SUBTITLE_PROFILE, mime, subtitle.sha256, length)
    for track in view.audio:
        for sound in sorted(track.renditions.values(), key=lambda obj: obj.length):
            yield _object_item("audio", sound, store, track.language, track.label, track.is_placeholder)
    if view.deck is not None:
        yield _object_item("deck", view.deck, store, label="幻灯片")
    for picture in view.video:
        yield _object_item("video", picture, store, label=f"{picture.height}p" if picture.height else picture.name)
    for file in view.attachments:
        yield Item("attachment", None, file.title[:MAX_TITLE], "original", file.mime, file.sha256, file.length)


def _object_item(
    kind: str,
    obj: Obj,
    store: ObjectStore,
    language: str | None = None,
    label: str = "",
    is_placeholder: bool = False,
) -> Item:
    index = obj.index_sha256 if obj.index_sha256 and store.exists(obj.index_sha256) else None
    return Item(
        kind=kind,
        language=language,
        label=label,
        profile=obj.name,
        mime=obj.mime,
        sha256=obj.sha256,
        length=obj.length,
        index=index,
        index_length=store.size(index) if index else None,
        placeholder=is_placeholder,
        duration_ms=obj.duration_ms,
    )


def _row(view: LessonView) -> LessonRow:
    audio = [
        Link(track.label, track.language, sound.url, sound.length, track.is_placeholder)
        for track in view.audio
        # Without JavaScript nothing can ask what the browser plays: AAC is what every one does.
        if (sound := track.renditions.get("aac-24") or next(iter(track.renditions.values()), None))
    ]
    return LessonRow(
        material=view.material_id,
        title=view.title,
        summary=view.summary,
        minutes=view.minutes,
        genre=view.genre,
        genre_label=view.genre_label,
        teacher=view.teacher_name,
        url=view.url,
        poster_url=view.poster_url,
        audio=tuple(audio),
        muxed=Link("240p", "", view.muxed.url, view.muxed.length) if view.muxed else None,
    )

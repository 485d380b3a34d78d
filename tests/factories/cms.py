"""Makes authored content the way people do: saved by an editor, passed by three reviewers.

    unit = make_unit()
    lesson = make_lesson(unit, published=True)      # live, with picture, sound and poster in the object store

Rows of renditions are made without an encoder (their bytes are fillers); tests that need real streams let the
pipeline transcode and use `make_lesson(video=media)`.
"""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction

from cms.core.bootstrap import EDITORS, REVIEWERS, SiteSkeleton, ensure_site
from cms.core.models import LectureMedia, PlatformDocument
from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.lessons.models import Case, CaseTrack, Lesson, LessonTrack
from cms.places.models import RedSite
from cms.review.services import review_and_publish
from cms.teachers.models import TeacherProfile
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.objects import default_store
from media_pipeline.presets import PRESET_VERSION

_numbers = itertools.count(1)
User = get_user_model()

SMALL_MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 64
"""The first bytes of an MP4: enough for the upload check, not for a decoder."""


def make_user(*groups: str, username: str | None = None, **fields: Any) -> Any:
    """A member of staff in the named groups."""
    ensure_site()
    user = User.objects.create_user(username or f"user{next(_numbers)}", password="secret-for-tests", **fields)
    user.groups.add(*Group.objects.filter(name__in=groups))
    return user


def make_editor(**fields: Any) -> Any:
    return make_user(EDITORS, **fields)


def make_reviewers(count: int = 3) -> list[Any]:
    return [make_user(REVIEWERS) for _ in range(count)]


def publish(instance: Any, author: Any = None, reviewers: list[Any] | None = None) -> Any:
    """Walk the item through the real three-stage review; returns it live."""
    return review_and_publish(instance, author=author or make_editor(), reviewers=reviewers or make_reviewers())


def make_outline(*, published: bool = True, title: str | None = None, **fields: Any) -> CurriculumOutline:
    courses = ensure_site().courses
    number = next(_numbers)
    outline = courses.add_child(
        instance=CurriculumOutline(
            title=title or f"大纲{number}", slug=f"outline-{number}", edition="2026年版", live=False, **fields
        )
    )
    return publish(outline) if published else outline


def make_unit(
    outline: CurriculumOutline | None = None, *, published: bool = True, title: str | None = None, **fields: Any
) -> OutlineUnit:
    number = next(_numbers)
    parent = outline or make_outline()
    parent.refresh_from_db()
    unit = parent.add_child(
        instance=OutlineUnit(title=title or f"单元{number}", slug=f"unit-{number}", live=False, **fields)
    )
    return publish(unit) if published else unit


def make_source(
    *, content: bytes | None = None, rungs: tuple[str, ...] = ("opus-16", "aac-24", "h264-240", "muxed-240", "poster")
) -> MediaSource:
    """A source with finished renditions whose bytes are fillers."""
    number = next(_numbers)
    store = default_store()
    body = content or f"source {uuid.uuid4()}".encode()
    source = MediaSource.objects.create(
        sha256=store.put_bytes(body), storage_name=f"test/{number}", length=len(body), duration_s=600
    )
    for rung in rungs:
        add_rendition(source, rung)
    return source


def add_rendition(source: MediaSource, rung: str, *, version: str = PRESET_VERSION) -> Rendition:
    """One finished rung of a source, with its objects in the store."""
    kind, mime, size = {
        "opus-16": ("audio", 'audio/mp4; codecs="opus"', (None, None)),
        "aac-24": ("audio", 'audio/mp4; codecs="mp4a.40.2"', (None, None)),
        "h264-240": ("video", 'video/mp4; codecs="avc1.4d4015"', (426, 240)),
        "h264-360": ("video", 'video/mp4; codecs="avc1.64001e"', (640, 360)),
        "muxed-240": ("muxed", 'video/mp4; codecs="avc1.4d4015, mp4a.40.2"', (426, 240)),
        "poster": ("poster", "image/jpeg", (640, 360)),
        "sprite": ("sprite", "image/webp", (1600, 540)),
    }[rung]
    store = default_store()
    body = f"{rung} of {source.sha256} by {version}".encode()
    sha256 = store.put_bytes(body)
    index = ""
    if kind in ("audio", "video"):
        document = (
            f'{{"v":1,"object":"{sha256}","length":{len(body)},"mime":{mime.replace(chr(34), "")!r},"init":10,'
            f'"segments":[[{len(body) - 10},600000,"{"0" * 64}"]]}}'
        ).replace("'", '"')
        index = store.put_bytes(document.encode())
    return Rendition.objects.create(
        source=source,
        name=rung,
        kind=kind,
        mime=mime,
        sha256=sha256,
        length=len(body),
        duration_s=600,
        width=size[0],
        height=size[1],
        index_sha256=index,
        preset_version=version,
    )


def make_media(
    *, source: MediaSource | None = None, kind: str = "video", title: str = "讲座", user: Any = None
) -> LectureMedia:
    """Uploaded media whose transcode is done (`source`, by default one with every rung)."""
    number = next(_numbers)
    return LectureMedia.objects.create(
        title=title,
        type=kind,
        file=f"media/none-{number}.mp4",
        media_source=source or make_source(),
        uploaded_by_user=user,
    )


def make_document(content: bytes, *, name: str = "subtitle.vtt", title: str = "字幕") -> PlatformDocument:
    return PlatformDocument.objects.create(title=title, file=ContentFile(content, name=name))


def add_subtitle(lesson: Lesson | Case, language: str, content: bytes) -> Any:
    """Attach a subtitle file in memory; it is stored with the next revision."""
    model = LessonTrack if isinstance(lesson, Lesson) else CaseTrack
    track = model(kind="subtitle", language=language, subtitle=make_document(content))
    lesson.tracks.add(track)
    return track


def add_dub(
    lesson: Lesson | Case, language: str, *, source: MediaSource | None = None, is_placeholder: bool = False
) -> Any:
    """Attach a dubbed sound in memory; it is stored with the next revision."""
    model = LessonTrack if isinstance(lesson, Lesson) else CaseTrack
    sound = source or make_source(rungs=("opus-16", "aac-24"))
    track = model(
        kind="audio", language=language, audio=make_media(source=sound, kind="audio"), is_placeholder=is_placeholder
    )
    lesson.tracks.add(track)
    return track


def make_lesson(
    unit: OutlineUnit | None = None,
    *,
    published: bool = False,
    video: LectureMedia | None = None,
    title: str | None = None,
    subtitles: dict[str, bytes] | None = None,
    dubs: tuple[str, ...] = (),
    author: Any = None,
    reviewers: list[Any] | None = None,
    model: type[Lesson] | type[Case] = Lesson,
    **fields: Any,
) -> Any:
    """A lesson (or case): a draft with one revision, or with `published` passed by three reviewers.

    Without a `unit` it stands in one that is not published (enough to be routed to, and three reviews cheaper).
    """
    number = next(_numbers)
    parent = unit or make_unit(make_outline(published=False), published=False)
    parent.refresh_from_db()
    writer = author or make_editor()
    with transaction.atomic():
        lesson = parent.add_child(
            instance=model(
                title=title or f"第{number}课",
                slug=f"lesson-{number}",
                video=video or make_media(),
                live=False,
                owner=writer,
                **fields,
            )
        )
        for language, content in (subtitles or {}).items():
            add_subtitle(lesson, language, content)
        for language in dubs:
            add_dub(lesson, language)
        lesson.save()
        lesson.save_revision(user=writer)
    return publish(lesson, writer, reviewers) if published else lesson


def make_site(*, published: bool = True, title: str | None = None, **fields: Any) -> RedSite:
    places = ensure_site().sites
    number = next(_numbers)
    fields.setdefault("county", "海晏县")
    site = places.add_child(
        instance=RedSite(title=title or f"旧址{number}", slug=f"site-{number}", live=False, **fields)
    )
    return publish(site) if published else site


def make_teacher(*, published: bool = True, name: str = "才仁", **fields: Any) -> TeacherProfile:
    fields.setdefault("category", TeacherProfile.Category.GUIDE)
    teacher = TeacherProfile.objects.create(name=name, live=False, **fields)
    return publish(teacher) if published else teacher


def skeleton() -> SiteSkeleton:
    return ensure_site()

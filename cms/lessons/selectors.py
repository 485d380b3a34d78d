"""Reads of lessons and cases: the frozen view that pages, packages and search share.

Counted in queries: a page of a lesson costs one for its tracks, one for its teacher, one for its renditions
and one for its ancestors.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _

from cms.lessons import documents
from cms.lessons import pins as pinning
from cms.lessons.models import Case, ContentLanguage, Lesson
from media_pipeline import serving
from media_pipeline.models import MediaSource, Rendition

DECK = "deck"
"""The kind of rendition that holds a lecture's slides, one picture after the other (media.md §3)."""

PLAIN_CODECS = "avc1,mp4a"
"""What every browser with HLS of its own can play without going from one codec to another."""
_INDEX_TYPES = {"sprite": "text/vtt"}
"""What an object's index is where it is no JSON."""


@dataclass(frozen=True)
class Obj:
    """One immutable object and where it can be fetched. Times in milliseconds, lengths in bytes."""

    name: str
    sha256: str
    length: int
    mime: str
    url: str
    index_sha256: str | None = None
    index_url: str | None = None
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None


@dataclass(frozen=True)
class AudioTrack:
    """One language's sound, in every rung there is."""

    language: str
    label: str
    is_placeholder: bool
    renditions: dict[str, Obj]


@dataclass(frozen=True)
class Sub:
    """One language's subtitles; `sha256` names the WebVTT object."""

    language: str
    label: str
    url_vtt: str
    sha256: str
    length: int = 0


@dataclass(frozen=True)
class Attachment:
    """A document that goes with the lesson."""

    title: str
    name: str
    sha256: str
    length: int
    mime: str
    url: str


@dataclass(frozen=True)
class LessonView:
    """What of a lesson or case may be shown, as pinned by the revision shown.

    `minutes` is what completing it counts for, `duration_s` how long it plays (None before it was measured).
    """

    material_id: uuid.UUID
    kind: str
    title: str
    summary: str
    minutes: int
    genre: str
    genre_label: str
    teacher_name: str
    teacher_url: str
    url: str
    poster_url: str
    revision_sha256: str
    duration_ms: int | None
    duration_s: float | None
    source_note: str
    copyright_note: str
    body: str = ""
    poster: Obj | None = None
    audio: list[AudioTrack] = field(default_factory=list)
    video: list[Obj] = field(default_factory=list)
    muxed: Obj | None = None
    deck: Obj | None = None
    sprite: Obj | None = None
    subtitles: list[Sub] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


def material(material_id: uuid.UUID, *, live: bool = True) -> Lesson | Case | None:
    """The lesson or case of that id; with `live`, only one that is published."""
    for model in (Lesson, Case):
        found = model.objects.filter(translation_key=material_id, **({"live": True} if live else {})).first()
        if found is not None:
            return found
    return None


def object_url(sha256: str, mime: str, *, draft: bool = False) -> str:
    """Where an object is fetched: the public tree, or for a draft the view for staff."""
    kind = quote(mime.split(";")[0].strip(), safe="")
    if draft:
        return f"{reverse('lessons_media:object', args=[sha256])}?type={kind}"
    return f"/b/{sha256[:2]}/{sha256}?type={kind}"


def lesson_view(lesson: Lesson | Case, *, draft: bool = False, media_now: bool = False) -> LessonView:
    """What a lesson shows: what the given row or revision pinned, since that is what goes live.

    With `draft` by addresses for staff. With `media_now` the media that lie in the library at this moment: for whoever
    is writing, never for whoever judges.
    """
    pins = pinning.current_pins(lesson) if media_now else (lesson.media_pins or pinning.empty_pins())
    rungs = _renditions(pinning.source_hashes(pins))
    own = rungs.get(pins.get("video") or "", [])
    tracks = list(lesson.tracks.all())
    posters = _objects(own, Rendition.Kind.POSTER, draft)
    muxed = _objects(own, Rendition.Kind.MUXED, draft)
    decks = [deck for deck in _objects(own, DECK, draft) if deck.index_url]
    sprites = [sprite for sprite in _objects(own, Rendition.Kind.SPRITE, draft) if sprite.index_url]
    video = sorted(_objects(own, Rendition.Kind.VIDEO, draft), key=lambda obj: obj.height or 0)
    audio = _own_audio(lesson, own, draft) + _dubbed_audio(tracks, pins, rungs, draft)
    durations = [obj.duration_ms for track in audio for obj in track.renditions.values() if obj.duration_ms]
    teacher = lesson.teacher
    return LessonView(
        material_id=lesson.translation_key,
        kind="case" if isinstance(lesson, Case) else "lesson",
        title=lesson.title,
        summary=lesson.summary,
        minutes=lesson.nominal_minutes or 0,
        genre=getattr(lesson, "genre", "case"),
        genre_label=str(lesson.get_genre_display()) if isinstance(lesson, Lesson) else str(_("案例")),
        teacher_name=shown_teacher_name(lesson),
        teacher_url=teacher.get_absolute_url() if teacher is not None and teacher.live else "",
        url=lesson.get_url() or "",
        poster_url=posters[0].url if posters else "",
        revision_sha256=revision_sha256(lesson, pins, tracks),
        duration_ms=durations[0] if durations else None,
        duration_s=durations[0] / 1000 if durations else None,
        source_note=lesson.source_note,
        copyright_note=lesson.copyright_note,
        body=getattr(lesson, "body", ""),
        poster=posters[0] if posters else None,
        audio=audio,
        video=video,
        muxed=muxed[0] if muxed else None,
        deck=decks[0] if decks else None,
        sprite=sprites[0] if sprites else None,
        subtitles=_subtitles(lesson, pins, draft),
        attachments=attachments(pins, draft=draft),
    )


def revision_sha256(lesson: Lesson | Case, pins: dict[str, Any], tracks: list[Any]) -> str:
    """A hash over the pins and the words: another one whenever what a learner gets is another."""
    said = [
        pins,
        lesson.title,
        lesson.summary,
        lesson.nominal_minutes,
        getattr(lesson, "genre", "case"),
        getattr(lesson, "body", ""),
        shown_teacher_name(lesson),
        lesson.own_language,
        sorted((t.language, t.is_placeholder) for t in tracks if t.kind == "audio"),
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def shown_teacher_name(lesson: Lesson | Case) -> str:
    """The teacher's name as it was reviewed; empty while the profile is not public, since then nobody passed it."""
    return lesson.teacher.name if lesson.teacher is not None and lesson.teacher.live else ""


def _renditions(hashes: Iterable[str]) -> dict[str, list[Rendition]]:
    """The renditions that each source serves, by its hash; one query."""
    return serving.served(sorted(hashes))


def _obj(rendition: Rendition, draft: bool) -> Obj:
    index = rendition.index_sha256 or None
    return Obj(
        name=rendition.name,
        sha256=rendition.sha256,
        length=rendition.length,
        mime=rendition.mime,
        url=object_url(rendition.sha256, rendition.mime, draft=draft),
        index_sha256=index,
        index_url=object_url(index, _INDEX_TYPES.get(rendition.kind, "application/json"), draft=draft)
        if index
        else None,
        width=rendition.width,
        height=rendition.height,
        duration_ms=round(rendition.duration_s * 1000) if rendition.duration_s else None,
    )


def _objects(rungs: list[Rendition], kind: str, draft: bool) -> list[Obj]:
    return [_obj(rendition, draft) for rendition in rungs if rendition.kind == kind]


def _own_audio(lesson: Lesson | Case, own: list[Rendition], draft: bool) -> list[AudioTrack]:
    sounds = {obj.name: obj for obj in _objects(own, Rendition.Kind.AUDIO, draft)}
    language = lesson.own_language
    return [AudioTrack(language, language_label(language), False, sounds)] if sounds else []


def _dubbed_audio(
    tracks: list[Any], pins: dict[str, Any], rungs: dict[str, list[Rendition]], draft: bool
) -> list[AudioTrack]:
    found = []
    for track in tracks:
        sha256 = pins.get("audio", {}).get(track.language)
        if track.kind != "audio" or sha256 is None:
            continue
        sounds = {obj.name: obj for obj in _objects(rungs.get(sha256, []), Rendition.Kind.AUDIO, draft)}
        if sounds:
            found.append(AudioTrack(track.language, language_label(track.language), track.is_placeholder, sounds))
    return found


def _subtitles(lesson: Lesson | Case, pins: dict[str, Any], draft: bool) -> list[Sub]:
    found = []
    for language, sha256 in pins.get("subtitle", {}).items():
        url = (
            object_url(sha256, "text/vtt", draft=True)
            if draft
            else reverse("subtitles", args=[lesson.translation_key, language])
        )
        found.append(Sub(language, language_label(language), url, sha256))
    return found


def attachments(pins: dict[str, Any], *, draft: bool = False) -> list[Attachment]:
    """The documents that the pins name, by public addresses, or for a draft by those for staff."""
    found = []
    for item in pins.get("attachment", []):
        mime = documents.media_type(item["name"])
        found.append(
            Attachment(
                item["title"],
                item["name"],
                item["sha256"],
                item["length"],
                mime,
                object_url(item["sha256"], mime, draft=draft),
            )
        )
    return found


def language_label(language: str) -> str:
    """The name of a content language."""
    return str(dict(ContentLanguage.choices).get(language, language))


def player_data(view: LessonView) -> dict[str, Any]:
    """The JSON that the player reads from the page (web: `<lesson-player>`)."""
    return {
        "material": str(view.material_id),
        "revision": view.revision_sha256,
        "title": view.title,
        "minutes": view.minutes,
        "duration_s": view.duration_s,
        "poster": view.poster_url or None,
        "muxed": {"url": view.muxed.url, "length": view.muxed.length} if view.muxed else None,
        "deck": _named(view.deck) if view.deck else None,
        "sprite": _named(view.sprite) if view.sprite else None,
        "video": [{**_source(obj), "height": obj.height} for obj in view.video],
        "audio": [
            {
                "language": track.language,
                "label": track.label,
                "placeholder": track.is_placeholder,
                "sources": [_source(obj) for obj in track.renditions.values()],
            }
            for track in view.audio
        ],
        "subtitles": [{"language": s.language, "label": s.label, "url": s.url_vtt} for s in view.subtitles],
        "start_s": 0,
    }


def _source(obj: Obj) -> dict[str, Any]:
    return {"name": obj.name, "url": obj.url, "index_url": obj.index_url, "mime": obj.mime, "length": obj.length}


def _named(obj: Obj) -> dict[str, Any]:
    """A source whose kind says its type."""
    return {key: value for key, value in _source(obj).items() if key != "mime"}


def page_context(lesson: Lesson | Case, request: Any) -> dict[str, Any]:
    """Context of a lesson's or case's page; `?t=SECONDS` starts the player there."""
    # Wagtail says `is_editing` of a form's preview alone: it has no revision yet that could have pinned its media.
    view = lesson_view(
        lesson,
        draft=bool(getattr(request, "is_preview", False)),
        media_now=bool(getattr(request, "is_editing", False)),
    )
    data = player_data(view)
    data["start_s"] = start_seconds(request.GET.get("t", ""))
    # A draft's playlists are nobody's: without them such a browser takes the muxed file.
    has_playlists = view.video and lesson.live and not getattr(request, "is_preview", False)
    data["hls"] = f"{reverse('hls_master', args=[view.material_id])}?codecs={PLAIN_CODECS}" if has_playlists else None
    ancestors = lesson.ancestors()
    return {
        "lesson": view,
        "player_data": data,
        "unit": ancestors[-1] if ancestors else None,
        "outline": ancestors[-2] if len(ancestors) > 1 else None,
    }


def start_seconds(text: str) -> float:
    """Seconds of a `t` parameter; anything odd is 0."""
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < 86_400 else 0.0


def materials_using_source(source: MediaSource) -> list[uuid.UUID]:
    """The live materials that show a source."""
    from cms.lessons.models import PinnedSource

    return list(PinnedSource.objects.filter(source_sha256=source.sha256).values_list("material_id", flat=True))

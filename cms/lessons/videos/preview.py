"""Every rung of a recording side by side, from the private store, for staff."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from cms.core.models import LectureMedia
from cms.lessons.selectors import object_url
from cms.lessons.videos import rows
from cms.lessons.videos.views import VideoPage, recording
from media_pipeline import words
from media_pipeline.models import Rendition
from media_pipeline.objects import default_store
from media_pipeline.selectors import in_order
from media_pipeline.serving import served

INDEX_LIMIT = 8 << 20
SLIDE_LIMIT = 8 << 20
"""Bytes read into memory at once."""
DECK = "deck"


@dataclass(frozen=True)
class Shown:
    """One rung as the preview plays it."""

    name: str
    label: str
    url: str
    mime: str
    size: str
    width: int | None
    height: int | None


@dataclass(frozen=True)
class Slide:
    """One picture of the deck: where it lies in its object, and from when on it is shown."""

    number: int
    offset: int
    length: int
    start_s: float
    url: str


def _shown(rung: Rendition) -> Shown:
    return Shown(
        name=rung.name,
        label=words.rung_label(rung.name),
        url=object_url(rung.sha256, rung.mime, draft=True),
        mime=rung.mime,
        size=words.size_text(rung.length),
        width=rung.width,
        height=rung.height,
    )


def _rungs(media: LectureMedia) -> list[Rendition]:
    sha256 = rows.source_of(media).sha256
    return in_order(served([sha256]).get(sha256, []))


def slides(media_id: int, deck: Rendition) -> list[Slide]:
    """The pictures of a deck, by its index (offsets are the running sums of the lengths)."""
    index = json.loads(default_store().read(deck.index_sha256, limit=INDEX_LIMIT))
    found, offset = [], 0
    for number, (length, start_ms, _sha256) in enumerate(index["slides"]):
        url = reverse("lessons_media:video_slide", args=[media_id, number])
        found.append(Slide(number, offset, length, start_ms / 1000, url))
        offset += length
    return found


class PreviewView(VideoPage):
    """All rungs in a grid, kept in step by one control; each has its own where there is no JavaScript."""

    template_name = "lessons_admin/videos/preview.html"

    def crumbs(self) -> list[dict[str, Any]]:
        above = {"url": reverse("lessons_media:video", args=[self.media.pk]), "label": self.media.title}
        return [above, {"url": "", "label": _("并排预览")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rungs = _rungs(self.media)
        deck = next((rung for rung in rungs if rung.name == DECK), None)
        by_kind = {kind: [_shown(rung) for rung in rungs if rung.kind == kind] for kind in ("video", "muxed", "audio")}
        poster = next((rung for rung in rungs if rung.kind == Rendition.Kind.POSTER), None)
        sprite = next((rung for rung in rungs if rung.kind == Rendition.Kind.SPRITE), None)
        return {
            **super().get_context_data(**kwargs),
            "media": self.media,
            "videos": by_kind["video"] + by_kind["muxed"],
            "sounds": by_kind["audio"],
            "deck": _shown(deck) if deck else None,
            "slides": slides(self.media.pk, deck) if deck else [],
            "poster": _shown(poster) if poster else None,
            "sprite": _shown(sprite) if sprite else None,
            "duration_s": round(rows.source_of(self.media).duration_s or 0, 3),
        }


@require_GET
def slide(request: HttpRequest, media_id: int, number: int) -> HttpResponse:
    """One picture of the deck."""
    deck = next((rung for rung in _rungs(recording(media_id)) if rung.name == DECK), None)
    found = slides(media_id, deck) if deck else []
    if deck is None or number >= len(found) or found[number].length > SLIDE_LIMIT:
        raise Http404
    with default_store().open(deck.sha256) as reader:
        reader.seek(found[number].offset)
        content = reader.read(found[number].length)
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="image/webp", headers=headers)

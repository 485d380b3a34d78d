"""Public addresses of a lesson's streams: HLS playlists and subtitles. The objects lie in the public tree."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from cms.lessons import selectors
from media_pipeline import hls
from media_pipeline.models import Rendition
from media_pipeline.objects import default_store

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
STREAMED = (Rendition.Kind.AUDIO, Rendition.Kind.VIDEO)
"""What HLS plays: a deck has an index too, but of pictures."""
INDEX_LIMIT = 8 << 20
"""Bytes of the largest segment index that is read into memory (a day of two-second segments)."""


def _live(material_id: uuid.UUID) -> Any:
    material = selectors.material(material_id)
    if material is None:
        raise Http404
    return material


def _answer(text: str, content_type: str) -> HttpResponse:
    response = HttpResponse(text, content_type=content_type)
    response["Cache-Control"] = "public, max-age=60"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _rungs(sha256: str | None) -> list[Rendition]:
    return selectors._renditions([sha256]).get(sha256, []) if sha256 else []


@require_safe
def master_playlist(request: HttpRequest, material_id: uuid.UUID) -> HttpResponse:
    """The multivariant playlist: every rung, and the dubbed tracks as further sounds.

    `?codecs=avc1,mp4a` leaves out all others: Chromium's own HLS goes from one codec to the next and then stops.
    """
    material = _live(material_id)
    pins = material.media_pins or {}
    wanted = tuple(filter(None, request.GET.get("codecs", "").split(","))) or ("",)
    rungs = [
        rung for rung in _rungs(pins.get("video")) if rung.index_sha256 and hls.codecs_of(rung.mime).startswith(wanted)
    ]
    if not rungs:
        raise Http404
    dubs = []
    for track in material.tracks.all():
        sounds = [rung for rung in _rungs(pins.get("audio", {}).get(track.language)) if rung.index_sha256]
        if track.kind == "audio" and sounds:
            urls = {
                rung.name: reverse("hls_dub", args=[material_id, track.language, rung.name])
                for rung in sounds
                if rung.kind == Rendition.Kind.AUDIO
            }
            label = selectors.language_label(track.language)
            dubs.append(hls.DubbedTrack(language=track.language, label=label, renditions=sounds, urls=urls))
    urls = {rung.name: reverse("hls_rung", args=[material_id, rung.name]) for rung in rungs}
    label = selectors.language_label(material.own_language)
    playlist = hls.master_playlist(rungs, urls, language=material.own_language, label=label, dubbed=dubs)
    return _answer(playlist, PLAYLIST_TYPE)


@require_safe
def rung_playlist(request: HttpRequest, material_id: uuid.UUID, rung: str, language: str | None = None) -> HttpResponse:
    """The playlist of one rung, of the lecture itself or of a dubbed track."""
    pins = _live(material_id).media_pins or {}
    sha256 = pins.get("audio", {}).get(language) if language else pins.get("video")
    rendition = next((found for found in _rungs(sha256) if found.name == rung and found.kind in STREAMED), None)
    if rendition is None or not rendition.index_sha256:
        raise Http404
    index = json.loads(default_store().read(rendition.index_sha256, limit=INDEX_LIMIT))
    return _answer(hls.media_playlist(index, selectors.object_url(rendition.sha256, rendition.mime)), PLAYLIST_TYPE)


@require_safe
def subtitle(request: HttpRequest, material_id: uuid.UUID, language: str) -> HttpResponse:
    """The pinned subtitles of one language, as WebVTT."""
    pins = _live(material_id).media_pins or {}
    sha256 = pins.get("subtitle", {}).get(language)
    if sha256 is None or not default_store().exists(sha256):
        raise Http404
    text = default_store().read(sha256, limit=INDEX_LIMIT).decode()
    return _answer(text, "text/vtt; charset=utf-8")

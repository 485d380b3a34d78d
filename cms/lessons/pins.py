"""The hashes a revision pins, so that what was reviewed is what is shown (domain.md §2).

Pins name the *sources* of picture and sound (an encode of the same source again is no edit) and the *bytes*
of subtitles and attachments:

    {"v": 1, "video": sha256 | None, "audio": {language: sha256}, "subtitle": {language: sha256 of the WebVTT},
     "attachment": [{"sha256", "length", "name", "title"}]}
"""

from __future__ import annotations

from typing import Any

from accounts.errors import PersonError
from cms.core.services import ingest_document
from cms.lessons import subtitles
from media_pipeline.objects import default_store


def empty_pins() -> dict[str, Any]:
    """The pins of a material without media."""
    return {"v": 1, "video": None, "audio": {}, "subtitle": {}, "attachment": []}


def current_pins(material: Any) -> dict[str, Any]:
    """The pins of a lesson or case as its media are now; what cannot be read is left out."""
    found = empty_pins()
    found["video"] = _source_sha256(material.video)
    for track in material.tracks.all():
        if track.kind == "audio" and track.audio is not None:
            sha256 = _source_sha256(track.audio)
            if sha256:
                found["audio"][track.language] = sha256
        elif track.kind == "subtitle" and track.subtitle is not None:
            sha256 = _webvtt_sha256(track.subtitle)
            if sha256:
                found["subtitle"][track.language] = sha256
    found["attachment"] = [
        pin for pin in (_attachment_pin(item.document) for item in material.attachments.all()) if pin is not None
    ]
    return found


def source_hashes(pins: dict[str, Any]) -> set[str]:
    """The sources of picture and sound that the pins name."""
    return {sha256 for sha256 in (pins.get("video"), *pins.get("audio", {}).values()) if sha256}


def byte_hashes(pins: dict[str, Any]) -> set[str]:
    """The objects of subtitles and attachments that the pins name."""
    return set(pins.get("subtitle", {}).values()) | {item["sha256"] for item in pins.get("attachment", [])}


def _source_sha256(media: Any) -> str | None:
    return media.media_source.sha256 if media is not None and media.media_source_id is not None else None


def _webvtt_sha256(document: Any) -> str | None:
    try:
        text = subtitles.to_webvtt(subtitles.cues(document))
    except (PersonError, FileNotFoundError):
        return None
    return default_store().put_bytes(text.encode())


def _attachment_pin(document: Any) -> dict[str, Any] | None:
    if not document.content_sha256:
        try:
            ingest_document(document)
        except FileNotFoundError:
            return None
    return {
        "sha256": document.content_sha256,
        "length": document.content_length,
        "name": document.filename,
        "title": document.title,
    }

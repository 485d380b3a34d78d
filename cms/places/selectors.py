"""Reads of the place registries."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from cms.places import pins
from cms.places.models import Place, RedSite, TrainingBase, Venue
from cms.places.pins_apart import apart
from media_pipeline.models import Rendition
from media_pipeline.serving import served


@dataclass(frozen=True)
class Picture:
    """A picture or recording of a place; a recording's `url` is its small public copy."""

    kind: str
    url: str
    caption: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class PlaceView:
    """A place as it may be shown. Coordinates are the site's, in degrees (WGS 84)."""

    material_id: uuid.UUID
    kind: str
    kind_label: str
    title: str
    url: str
    county: str
    address: str
    latitude: Decimal | None
    longitude: Decimal | None
    altitude_m: int | None
    opening: str
    capacity: int | None
    summary: str
    period: str = ""
    source_note: str = ""
    gallery: list[Picture] = field(default_factory=list)
    pin: tuple[float, float] | None = None
    """Where its number is drawn on the map of all places (longitude, latitude), beside those of its neighbours."""


KINDS: dict[type[Place], str] = {RedSite: "red_site", TrainingBase: "training_base", Venue: "venue"}


def place_view(place: Place, request: Any = None, *, with_gallery: bool = True) -> PlaceView:
    """What of a place may be shown; the gallery costs queries of its own."""
    return PlaceView(
        material_id=place.translation_key,
        kind=KINDS[type(place)],
        kind_label=str(place._meta.verbose_name),
        title=place.title,
        url=place.get_url(request) or "",
        county=place.county,
        address=place.address,
        latitude=place.latitude,
        longitude=place.longitude,
        altitude_m=place.altitude_m,
        opening=place.opening,
        capacity=place.capacity,
        summary=place.summary,
        period=getattr(place, "period", ""),
        source_note=place.source_note,
        gallery=_gallery(place, request) if with_gallery else [],
    )


def _gallery(place: Place, request: Any) -> list[Picture]:
    """The pictures and recordings that the revision pinned, with their captions; in a form's preview those of now."""
    is_written = getattr(request, "is_editing", False)
    pinned = (pins.current_pins(place) if is_written else place.media_pins or pins.empty_pins())["gallery"]
    is_draft = getattr(request, "is_preview", False)
    items = place.gallery.select_related("image", "media")
    shown = [_picture(item, pin, is_draft=is_draft) for item, pin in zip(items, pinned, strict=False)]
    return [picture for picture in shown if picture is not None]


def _picture(item: Any, pin: dict[str, Any], *, is_draft: bool) -> Picture | None:
    if pin["kind"] == "image":
        caption = item.caption or pin.get("title") or (item.image.title if item.image else "")
        return Picture("image", _address(pin["sha256"], "image/webp", is_draft), caption, pin["width"], pin["height"])
    if pin["kind"] == "video":
        rungs = served([pin["source"]]).get(pin["source"], [])
        rung = next((row for row in rungs if row.kind == Rendition.Kind.MUXED), None)
        if rung is not None:
            caption = item.caption or pin.get("title") or (item.media.title if item.media else "")
            return Picture("video", _address(rung.sha256, "video/mp4", is_draft), caption, rung.width, rung.height)
    return None


def _address(sha256: str, kind: str, is_draft: bool) -> str:
    """The public address of an object; for a preview in the admin the private one."""
    path = reverse("lessons_media:object", args=[sha256]) if is_draft else f"/b/{sha256[:2]}/{sha256}"
    return f"{path}?type={quote(kind, safe='')}"


def places(request: Any = None) -> list[PlaceView]:
    """Every live place, in tree order; three queries."""
    rows: list[Place] = []
    for model in KINDS:
        rows += list(model.objects.live())
    views = [place_view(row, request, with_gallery=False) for row in sorted(rows, key=lambda row: row.path)]
    return _with_pins(views)


PIN_GAP = 0.66
"""Degrees of latitude between two marks on the map of a phone: their diameter and a little."""


def _with_pins(views: list[PlaceView]) -> list[PlaceView]:
    located = [
        (place, (float(view.longitude), float(view.latitude)))
        for place, view in enumerate(views)
        if view.longitude is not None and view.latitude is not None
    ]
    pins = dict(zip((place for place, _at in located), apart([at for _place, at in located], PIN_GAP), strict=True))
    return [replace(view, pin=pins.get(place)) for place, view in enumerate(views)]

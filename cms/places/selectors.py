"""Reads of the place registries."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cms.places.models import Place, RedSite, TrainingBase, Venue
from media_pipeline.models import Rendition


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
        gallery=_gallery(place) if with_gallery else [],
    )


def _gallery(place: Place) -> list[Picture]:
    found = []
    for item in place.gallery.select_related("image", "media__media_source"):
        if item.image is not None:
            small = item.image.get_rendition("width-720|format-webp")
            found.append(Picture("image", small.url, item.caption or item.image.title, small.width, small.height))
        elif item.media is not None and item.media.media_source is not None:
            rung = item.media.media_source.renditions.filter(kind=Rendition.Kind.MUXED).first()
            if rung is not None:
                address = f"/b/{rung.sha256[:2]}/{rung.sha256}?type=video%2Fmp4"
                found.append(Picture("video", address, item.caption or item.media.title, rung.width, rung.height))
    return found


def places(request: Any = None) -> list[PlaceView]:
    """Every live place, in tree order; three queries."""
    rows: list[Place] = []
    for model in KINDS:
        rows += list(model.objects.live())
    return [place_view(row, request, with_gallery=False) for row in sorted(rows, key=lambda row: row.path)]

"""By what a page can be narrowed down: codes of the taxonomies, languages, level, length, year and county."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from wagtail.models import Page

from accounts.models import Organisation, RoleAssignment
from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.lessons.models import Case, Lesson
from cms.places.models import RedSite, TrainingBase, Venue
from search.facets import LEVELS, length_band

_COUNTY_ENDINGS = "县市区"


def page_facets(page: Page, ancestors: Sequence[Page]) -> dict[str, Any]:
    """The facets of a page. What a lesson or unit says nothing of, it has from the unit and outline above it."""
    lineage = [page, *reversed(ancestors)]
    return {
        "field": _first_terms(lineage, "fields_of_work"),
        "group": _first_terms(lineage, "member_groups"),
        "content_class": _content_class(lineage),
        "language": languages(page) if isinstance(page, Lesson | Case) else [],
        "level": level_of_author(page.owner_id),
        "length": length_band(getattr(page, "nominal_minutes", None)),
        "minutes": getattr(page, "nominal_minutes", None),
        "year": _year(page),
        "place": _county(page),
    }


def _first_terms(lineage: Sequence[Page], name: str) -> list[str]:
    for each in lineage:
        if isinstance(each, Lesson | Case | CurriculumOutline) and (terms := list(getattr(each, name).all())):
            return [term.code for term in terms]
    return []


def _content_class(lineage: Sequence[Page]) -> str | None:
    for each in lineage:
        if isinstance(each, Lesson | Case | OutlineUnit) and each.content_class is not None:
            return str(each.content_class.code)
    return None


def languages(material: Lesson | Case) -> list[str]:
    """In which languages it can be heard or read, its own first; a placeholder sound is none."""
    pins = material.media_pins or {}
    placeholders = {t.language for t in material.tracks.all() if t.kind == "audio" and t.is_placeholder}
    heard = [language for language in pins.get("audio", {}) if language not in placeholders]
    return list(dict.fromkeys([material.own_language, *heard, *pins.get("subtitle", {})]))


def level_of_author(user_id: int | None) -> str | None:
    """The highest level at which the author is an editor: a province's material, a prefecture's or a county's."""
    if user_id is None:
        return None
    roles = RoleAssignment.objects.filter(user_id=user_id, role=RoleAssignment.Role.EDITOR)
    return min(roles.values_list("organisation__level", flat=True), key=LEVELS.index, default=None)


def _year(page: Page) -> str | None:
    if isinstance(page, CurriculumOutline) and page.effective_from is not None:
        return str(page.effective_from.year)
    return str(timezone.localtime(page.last_published_at).year) if page.last_published_at is not None else None


def _county(page: Page) -> str | None:
    if isinstance(page, RedSite | TrainingBase | Venue):
        return page.county or None
    return county_in(page.place) if isinstance(page, Case) else None


def county_in(text: str) -> str | None:
    """The county that a place's name begins or goes on with, of those in the organisation tree and of the places."""
    if not text:
        return None
    known = set(Organisation.objects.filter(level=Organisation.Level.COUNTY).values_list("name", flat=True))
    for model in (RedSite, TrainingBase, Venue):
        known |= set(model.objects.live().values_list("county", flat=True).distinct())
    stems = {name.rstrip(_COUNTY_ENDINGS): name for name in sorted(known) if len(name.rstrip(_COUNTY_ENDINGS)) > 1}
    return next((stems[stem] for stem in sorted(stems, key=len, reverse=True) if stem in text), None)

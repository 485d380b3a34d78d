"""When an editor renames or deletes a term, what is found by it follows. A new code is a new value of a facet; the name
of a content class is also part of the text of its materials, other names are only shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from wagtail.models import Page

from cms.core.models import ContentClass, FacetTerm, MemberGroup, SocialField
from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.lessons.models import Case, Lesson
from search.services import index_touched
from search.sources import PAGE_KINDS

TERMS: tuple[type[Any], ...] = (SocialField, MemberGroup, ContentClass)
_BEARERS: dict[type[Any], tuple[str, tuple[type[Any], ...]]] = {
    SocialField: ("fields_of_work", (Lesson, Case, CurriculumOutline)),
    MemberGroup: ("member_groups", (Lesson, Case, CurriculumOutline)),
    ContentClass: ("content_class", (Lesson, Case, OutlineUnit)),
}


def before_saving(sender: type[Any], instance: FacetTerm, **_kwargs: Any) -> None:
    """Note whether documents will say something that is not so any more."""
    before = sender.objects.filter(pk=instance.pk).first()
    renamed = before is not None and sender is ContentClass and before.name != instance.name
    recoded = before is not None and before.code != instance.code
    instance.__dict__["search_is_stale"] = renamed or recoded


def after_saving(sender: type[Any], instance: FacetTerm, **_kwargs: Any) -> None:
    """Index what bears the term."""
    if instance.__dict__.pop("search_is_stale", False):
        index_touched(_bearing(instance))


def before_deleting(sender: type[Any], instance: FacetTerm, **_kwargs: Any) -> None:
    """Note what bears the term while it can still be asked."""
    instance.__dict__["search_bearing"] = _bearing(instance)


def after_deleting(sender: type[Any], instance: FacetTerm, **_kwargs: Any) -> None:
    """Index what bore the term."""
    index_touched(instance.__dict__.pop("search_bearing", []))


def _bearing(term: FacetTerm) -> list[UUID]:
    """The materials that have the term, or have it from the outline or unit above them."""
    field, models = _BEARERS[type(term)]
    found: list[UUID] = []
    for model in models:
        pages: QuerySet[Page] = model.objects.filter(**{field: term})
        for page in pages:
            below = page.get_descendants(inclusive=True).type(*PAGE_KINDS)
            found += below.values_list("translation_key", flat=True)
    return list(dict.fromkeys(found))

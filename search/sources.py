"""The CMS's families of findable materials: pages of the site, and teachers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, ExpressionWrapper, F, Model, OuterRef
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, PageViewRestriction

from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.lessons.models import Case, Lesson
from cms.places.models import RedSite, TrainingBase, Venue
from cms.teachers.models import TeacherProfile
from search.registry import Draft, Source
from search.transcripts import transcripts

PAGE_KINDS: Mapping[type[Page], tuple[str, Any]] = {
    Lesson: ("lesson", _("视频课")),
    Case: ("case", _("案例")),
    CurriculumOutline: ("outline", _("教学大纲")),
    OutlineUnit: ("unit", _("大纲单元")),
    RedSite: ("red_site", _("红色资源")),
    TrainingBase: ("training_base", _("培训基地")),
    Venue: ("venue", _("共享阵地")),
}


class PageSource(Source):
    """Lessons, cases, outlines, units and places. Only live pages without a view restriction are public."""

    kinds = dict(PAGE_KINDS.values())
    models: tuple[type[Model], ...] = tuple(PAGE_KINDS)

    def draft(self, material_id: UUID) -> Draft | None:
        page = Page.objects.live().public().filter(translation_key=material_id).first()
        specific = page.specific if page is not None else None
        if specific is None or type(specific) not in PAGE_KINDS:
            return None
        return _page_draft(specific)

    def material_ids(self) -> Iterable[UUID]:
        pages = Page.objects.live().public().type(*PAGE_KINDS)
        return pages.values_list("translation_key", flat=True).distinct()

    def visible(self, material_ids: Collection[UUID]) -> set[UUID]:
        # `public()` would ask for the restrictions first and then for the pages: this is one query.
        below = ExpressionWrapper(OuterRef("path"), output_field=CharField())
        above = PageViewRestriction.objects.annotate(below=below).filter(below__startswith=F("page__path"))
        pages = Page.objects.live().filter(~Exists(above), translation_key__in=list(material_ids))
        return set(pages.values_list("translation_key", flat=True))


def _page_draft(page: Page) -> Draft:
    kind, _label = PAGE_KINDS[type(page)]
    teacher = getattr(page, "teacher", None)
    if teacher is not None and not teacher.live:
        teacher = None  # Nobody passed the profile, or it was taken down.
    return Draft(
        kind=kind,
        url=page.get_url() or "",
        title=page.title,
        summary=getattr(page, "summary", ""),
        body=_page_body(page),
        teachers=f"{teacher.name} {teacher.unit}".strip() if teacher is not None else "",
        facets=_facets(page),
        published_at=page.last_published_at,
        transcripts=transcripts(page.media_pins) if isinstance(page, Lesson | Case) else (),
    )


def _page_body(page: Page) -> str:
    """What else a person may have in mind: the outline and unit above, and where something is."""
    lines = [getattr(page, name, "") for name in ("county", "address", "place", "body", "source_note")]
    if isinstance(page, Lesson | Case | OutlineUnit):
        lines += page.get_ancestors().type(CurriculumOutline, OutlineUnit).values_list("title", flat=True)
    content_class = getattr(page, "content_class", None)
    lines.append(content_class.name if content_class is not None else "")
    return "\n".join(line for line in lines if line)


def _facets(page: Page) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if isinstance(page, Lesson | Case):
        facets["minutes"] = page.nominal_minutes
        facets["content_class"] = page.content_class.code if page.content_class else None
    if isinstance(page, Lesson | Case | CurriculumOutline):
        facets["field"] = [term.code for term in page.fields_of_work.all()]
        facets["group"] = [term.code for term in page.member_groups.all()]
    if isinstance(page, RedSite | TrainingBase | Venue):
        facets["place"] = page.county
    return facets


class TeacherSource(Source):
    """Teachers, by what their public page shows; the phone number is not even part of the profile."""

    kinds = {"teacher": _("教师")}
    models: tuple[type[Model], ...] = (TeacherProfile,)

    def draft(self, material_id: UUID) -> Draft | None:
        teacher = TeacherProfile.objects.filter(material_id=material_id, live=True).first()
        if teacher is None:
            return None
        return Draft(
            kind="teacher",
            url=teacher.get_absolute_url(),
            title=teacher.name,
            summary=teacher.introduction,
            body=f"{teacher.get_category_display()}\n{teacher.unit}",
        )

    def material_ids(self) -> Iterable[UUID]:
        return TeacherProfile.objects.filter(live=True).values_list("material_id", flat=True)

    def visible(self, material_ids: Collection[UUID]) -> set[UUID]:
        teachers = TeacherProfile.objects.filter(material_id__in=list(material_ids), live=True)
        return set(teachers.values_list("material_id", flat=True))


CMS_SOURCES: tuple[Source, ...] = (PageSource(), TeacherSource())

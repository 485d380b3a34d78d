"""The CMS's families of findable materials: pages of the site, and teachers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, ExpressionWrapper, F, Model, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, PageViewRestriction

from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.lessons.models import Case, Lesson
from cms.places.models import RedSite, TrainingBase, Venue
from cms.teachers.models import TeacherProfile
from search import access
from search.page_facets import page_facets
from search.registry import Draft, Source, Version
from search.transcripts import attached_files, transcripts

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
    """Lessons, cases, outlines, units and places: as published, and apart from that what is being edited."""

    kinds = dict(PAGE_KINDS.values())
    models: tuple[type[Model], ...] = tuple(PAGE_KINDS)

    def draft(self, material_id: UUID) -> Draft | None:
        return next((version for version in self.versions(material_id) if not version.is_draft), None)

    def versions(self, material_id: UUID) -> Sequence[Draft]:
        return list(self._versions(material_id))

    def _versions(self, material_id: UUID) -> Iterator[Draft]:
        for row in Page.objects.filter(translation_key=material_id).select_related("locale"):
            page = row.specific
            if type(page) not in PAGE_KINDS:
                continue
            if page.live:
                yield _page_version(page)
            if page.has_unpublished_changes or not page.live:
                yield _page_version(page, is_draft=True)

    def material_ids(self) -> Iterable[UUID]:
        return Page.objects.type(*PAGE_KINDS).values_list("translation_key", flat=True).distinct()

    def visible(self, material_ids: Collection[UUID]) -> set[UUID]:
        return set(_readable(material_ids, passed=()).values_list("translation_key", flat=True))

    def visible_to(self, user: Any, versions: Collection[Version]) -> set[Version]:
        pages = _readable({material_id for material_id, _language in versions}, access.passed_restrictions(user))
        return set(versions) & set(pages.values_list("translation_key", "locale__language_code"))

    def drafts_visible_to(self, user: Any, versions: Collection[Version]) -> set[Version]:
        if not access.is_signed_in(user) or not user.has_perm("wagtailadmin.access_admin"):
            return set()
        pages = Page.objects.filter(translation_key__in={material_id for material_id, _language in versions})
        return set(versions) & {
            (page.translation_key, page.locale.language_code)
            for page in pages.select_related("locale")
            if page.specific.permissions_for_user(user).can_edit()
        }


def _readable(material_ids: Collection[UUID], passed: Collection[int]) -> QuerySet[Page]:
    """Live pages without a view restriction at or above them, but for those that were passed; one query."""
    # `public()` would ask for the restrictions first and then for the pages.
    below = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    above = PageViewRestriction.objects.annotate(below=below).filter(below__startswith=F("page__path"))
    return Page.objects.live().filter(~Exists(above.exclude(pk__in=passed)), translation_key__in=list(material_ids))


def _page_version(row: Page, *, is_draft: bool = False) -> Draft:
    page = row.get_latest_revision_as_object() if is_draft else row
    kind, _label = PAGE_KINDS[type(page)]
    above = row.get_ancestors().type(CurriculumOutline, OutlineUnit)
    # The name of a unit that nobody passed is no part of a published lesson.
    ancestors = list((above if is_draft else above.live()).specific())
    teacher = getattr(page, "teacher", None)
    if teacher is not None and not teacher.live:
        teacher = None  # Nobody passed the profile, or it was taken down.
    return Draft(
        kind=kind,
        url=reverse("wagtailadmin_pages:edit", args=[page.pk]) if is_draft else page.get_url() or "",
        title=page.title,
        summary=getattr(page, "summary", ""),
        body=_page_body(page, ancestors),
        teachers=f"{teacher.name} {teacher.unit}".strip() if teacher is not None else "",
        language=row.locale.language_code,
        access_tokens=access.draft_tokens(row) if is_draft else access.published_tokens(row),
        facets=page_facets(page, ancestors),
        published_at=page.last_published_at,
        transcripts=transcripts(page.media_pins) if isinstance(page, Lesson | Case) else (),
        files=attached_files(page.media_pins, is_draft=is_draft) if isinstance(page, Lesson | Case) else (),
        is_draft=is_draft,
    )


def _page_body(page: Page, ancestors: Sequence[Page]) -> str:
    """What else a person may have in mind: the outline and unit above, and where something is."""
    lines = [getattr(page, name, "") for name in ("county", "address", "place", "body", "source_note")]
    if isinstance(page, Lesson | Case | OutlineUnit):
        lines += [ancestor.title for ancestor in ancestors]
    content_class = getattr(page, "content_class", None)
    lines.append(content_class.name if content_class is not None else "")
    return "\n".join(line for line in lines if line)


class TeacherSource(Source):
    """Teachers, by what their public page shows; the phone number is not even part of the profile."""

    kinds = {"teacher": _("教师")}
    models: tuple[type[Model], ...] = (TeacherProfile,)

    def draft(self, material_id: UUID) -> Draft | None:
        return next((version for version in self.versions(material_id) if not version.is_draft), None)

    def versions(self, material_id: UUID) -> Sequence[Draft]:
        teacher = TeacherProfile.objects.filter(material_id=material_id).first()
        if teacher is None:
            return []
        published = [_teacher_version(teacher)] if teacher.live else []
        if teacher.has_unpublished_changes or not teacher.live:
            return [*published, _teacher_version(teacher.get_latest_revision_as_object(), is_draft=True)]
        return published

    def material_ids(self) -> Iterable[UUID]:
        return TeacherProfile.objects.values_list("material_id", flat=True)

    def visible(self, material_ids: Collection[UUID]) -> set[UUID]:
        teachers = TeacherProfile.objects.filter(material_id__in=list(material_ids), live=True)
        return set(teachers.values_list("material_id", flat=True))

    def drafts_visible_to(self, user: Any, versions: Collection[Version]) -> set[Version]:
        return set(versions) if access.may_change_records(user, TeacherProfile) else set()


def _teacher_version(teacher: TeacherProfile, *, is_draft: bool = False) -> Draft:
    edit = TeacherProfile.snippet_viewset.get_url_name("edit")  # type: ignore[attr-defined]
    return Draft(
        kind="teacher",
        url=reverse(edit, args=[teacher.pk]) if is_draft else teacher.get_absolute_url(),
        title=teacher.name,
        summary=teacher.introduction,
        body=f"{teacher.get_category_display()}\n{teacher.unit}",
        access_tokens=(access.ALL_DRAFTS, access.model_token(TeacherProfile)) if is_draft else (access.PUBLIC,),
        facets={"language": list(teacher.languages or [])},
        published_at=teacher.last_published_at,
        is_draft=is_draft,
    )


CMS_SOURCES: tuple[Source, ...] = (PageSource(), TeacherSource())

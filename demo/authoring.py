"""Teachers, outlines, units, places and the drafts of lessons, through the same review as everything else."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from wagtail.models import Page

from accounts.models import User
from cms.core.bootstrap import SiteSkeleton
from cms.core.models import ContentClass, MemberGroup, PlatformDocument, PlatformImage, SocialField
from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.lessons.models import Case, Lesson, LessonAttachment
from cms.places.models import RedSite, TrainingBase, Venue
from cms.review.services import review_and_publish
from cms.teachers.models import TeacherProfile
from demo import landscape, plan
from demo.library import Lecture, Library, Outline, Unit, demo_id

SOURCE_NOTE = "本平台演示内容，自行编写"
COPYRIGHT_NOTE = "演示用途；讲述声音由语音合成生成"
PLAN_FILE = "dongchunxun-jihua"
REVIEWERS = ("reviewer1", "reviewer2", "reviewer3")
_CONTENT_REVIEW_AFTER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who writes and who reviews."""

    author: User
    reviewers: tuple[User, ...]

    @classmethod
    def of(cls, accounts: Mapping[str, User]) -> Desk:
        """The demo's editor and three reviewers."""
        return cls(accounts["editor"], tuple(accounts[name] for name in REVIEWERS))

    def publish(self, instance: Any) -> Any:
        """Through the three stages; what is live already stays as it is."""
        if instance.live:
            return instance
        return review_and_publish(instance, author=self.author, reviewers=self.reviewers)


def load_teachers(library: Library, desk: Desk, today: date) -> dict[str, TeacherProfile]:
    """The pool, by key."""
    teachers = {}
    for row in library.teachers:
        values = {name: value for name, value in row.items() if name != "key"}
        term = {
            "term_from": date(today.year, 1, 1),
            "term_until": date(today.year + 2, 12, 31),
            "selection_batch": f"{today.year}年第一批（示例）",
        }
        teacher, _created = TeacherProfile.objects.get_or_create(
            material_id=demo_id("teacher", row["key"]), defaults={**values, **term, "live": False}
        )
        teachers[row["key"]] = desk.publish(teacher)
    return teachers


def load_outlines(
    library: Library, skeleton: SiteSkeleton, desk: Desk, teachers: Mapping[str, TeacherProfile], today: date
) -> None:
    """Outlines and units, published; their lessons as drafts that wait for a lecture."""
    for outline in library.outlines:
        page = _load_outline(outline, skeleton.courses, desk, today)
        for unit in outline.units:
            unit_page = _load_unit(unit, outline, page, desk)
            for lecture in unit.lectures:
                _load_draft(lecture, outline, unit_page, desk, teachers[lecture.teacher], today)
    _attach_plan(library, desk)


def _add(parent: Page, page: Page) -> Any:
    """Below the parent as it is in the database now: treebeard counts children in the row."""
    return Page.objects.get(pk=parent.pk).add_child(instance=page)


def _load_outline(outline: Outline, courses: Page, desk: Desk, today: date) -> Page:
    key = demo_id("outline", outline.slug)
    page = CurriculumOutline.objects.filter(translation_key=key).first()
    if page is None:
        page = CurriculumOutline(
            title=outline.title,
            slug=outline.slug,
            translation_key=key,
            live=False,
            owner=desk.author,
            edition=f"{today.year}年版（示例）",
            effective_from=date(today.year, 1, 1),
            summary=outline.summary,
        )
        page.fields_of_work = _terms(SocialField, outline.fields)
        page.member_groups = _terms(MemberGroup, outline.groups)
        page = _add(courses, page)
    return desk.publish(page)


def _load_unit(unit: Unit, outline: Outline, parent: Page, desk: Desk) -> Page:
    key = demo_id("unit", f"{outline.slug}/{unit.slug}")
    page = OutlineUnit.objects.filter(translation_key=key).first()
    if page is None:
        page = OutlineUnit(
            title=unit.title,
            slug=unit.slug,
            translation_key=key,
            live=False,
            owner=desk.author,
            role=unit.role,
            learning_form=unit.learning_form,
            summary=unit.summary,
        )
        page = _add(parent, page)
    return desk.publish(page)


def _load_draft(
    lecture: Lecture, outline: Outline, unit: Page, desk: Desk, teacher: TeacherProfile, today: date
) -> None:
    model: type[Lesson] | type[Case] = Case if lecture.kind == "case" else Lesson
    if model.objects.filter(translation_key=lecture.material_id).exists():
        return
    own = {"place": lecture.place, "body": _as_text(lecture)} if lecture.kind == "case" else {"genre": lecture.genre}
    page = model(
        title=lecture.title,
        slug=lecture.slug,
        translation_key=lecture.material_id,
        live=False,
        owner=desk.author,
        summary=plan.summary_with_excerpt(lecture),
        teacher=teacher,
        content_class=ContentClass.objects.filter(name=lecture.content_class).first(),
        source_note=SOURCE_NOTE,
        copyright_note=COPYRIGHT_NOTE,
        next_content_review=today + _CONTENT_REVIEW_AFTER,
        **own,
    )
    page.fields_of_work = _terms(SocialField, outline.fields)
    page.member_groups = _terms(MemberGroup, outline.groups)
    _add(unit, page).save_revision(user=desk.author)


def _attach_plan(library: Library, desk: Desk) -> None:
    """Give the training's first lesson its printed plan, while it is a draft: the review passes both."""
    first = Lesson.objects.get(translation_key=library.packed()[0].material_id)
    if first.live or first.attachments.exists():
        return
    document = PlatformDocument(title=plan.plan_title(library), uploaded_by_user=desk.author)
    document.file.save(f"{PLAN_FILE}.txt", ContentFile(plan.plan_text(library).encode()), save=False)
    document.save()
    first.attachments = [LessonAttachment(document=document)]
    first.save()
    first.save_revision(user=desk.author)


def _as_text(lecture: Lecture) -> str:
    return "\n".join(lecture.narration)


def _terms(model: Any, names: Sequence[str]) -> list[Any]:
    """The taxonomy's terms of these names; a term that the editors renamed or removed is left out."""
    return list(model.objects.filter(name__in=names))


def load_places(library: Library, skeleton: SiteSkeleton, desk: Desk) -> None:
    """Red sites, a training base and a shared venue."""
    families: tuple[tuple[str, Any], ...] = (
        ("red_sites", RedSite),
        ("training_bases", TrainingBase),
        ("venues", Venue),
    )
    for name, model in families:
        for row in library.places[name]:
            key = demo_id(name, row["slug"])
            page = model.objects.filter(translation_key=key).first()
            if page is None:
                position = {axis: Decimal(row[axis]) for axis in ("latitude", "longitude") if axis in row}
                values = {field: value for field, value in {**row, **position}.items() if field != "picture"}
                page = model(translation_key=key, live=False, owner=desk.author, **values)
                if "picture" in row:
                    page.gallery = [_picture(row["picture"], model, desk)]
                page = _add(skeleton.sites, page)
            desk.publish(page)


def _picture(row: Mapping[str, str], model: Any, desk: Desk) -> Any:
    """A gallery's drawn picture, which its caption calls a drawing."""
    drawn = landscape.draw(row["scene"], demo_id("picture", row["caption"]).int)
    image = PlatformImage.objects.create(
        title=row["caption"],
        file=ImageFile(io.BytesIO(drawn), name=f"demo-{row['scene']}.jpg"),
        uploaded_by_user=desk.author,
        source_note=SOURCE_NOTE,
    )
    return model.gallery.rel.related_model(image=image, caption=row["caption"])

"""What a document can be narrowed by, and what people call it."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from accounts.models import Organisation, RoleAssignment
from accounts.services import assign_role, create_organisation
from cms.core.models import ContentClass, MemberGroup, SocialField
from cms.lessons.models import Case
from search.entries import entry_of
from search.facets import length_band
from search.models import SearchDocument
from search.narrowing import label_of
from tests.factories import cms as make

pytestmark = pytest.mark.django_db


def facets_of(material: object) -> dict[str, tuple[str, ...]]:
    document = SearchDocument.objects.get(material_id=material.translation_key, is_draft=False)
    return dict(entry_of(document).facets)


@pytest.mark.parametrize(
    ("minutes", "band"),
    [(None, None), (0, None), (-3, None), (1, "to-10"), (10, "to-10"), (11, "to-30"), (30, "to-30"), (31, "to-60"),
     (60, "to-60"), (61, "over-60"), (32767, "over-60")],
)  # fmt: skip
def test_a_length_lies_in_one_band(minutes: int | None, band: str | None) -> None:
    assert length_band(minutes) == band


def test_a_lesson_has_what_its_editor_said_of_it_and_what_its_media_offer() -> None:
    editor = make.make_editor()
    province = create_organisation(name="青海省", code="qinghai", level=Organisation.Level.PROVINCE)
    assign_role(user=editor, organisation=province, role=RoleAssignment.Role.EDITOR)
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\n接羔\n".encode()
    lesson = make.make_lesson(
        title="接羔",
        author=editor,
        nominal_minutes=12,
        content_class=ContentClass.objects.get(code="class-7"),
        subtitles={"mn-Mong": vtt},
        dubs=("adx",),
    )
    lesson.fields_of_work.set([SocialField.objects.get(code="field-2")])
    lesson.member_groups.set(MemberGroup.objects.filter(code__in=["group-1", "group-6"]))
    lesson.save_revision(user=editor)
    make.publish(lesson, editor)
    assert facets_of(lesson) == {
        "kind": ("lesson",),
        "field": ("field-2",),
        "group": ("group-1", "group-6"),
        "content_class": ("class-7",),
        "language": ("zh-hans", "adx", "mn-Mong"),
        "level": ("province",),
        "length": ("to-30",),
        "year": (str(timezone.localtime().year),),
    }


def test_a_placeholder_sound_is_no_language_one_could_choose() -> None:
    lesson = make.make_lesson(title="接羔")
    make.add_dub(lesson, "adx", is_placeholder=True)
    lesson.save_revision()
    make.publish(lesson)
    assert facets_of(lesson)["language"] == ("zh-hans",)


def test_what_a_lesson_does_not_say_it_has_from_its_published_unit_and_outline() -> None:
    outline = make.make_outline(published=False)
    outline.fields_of_work.set([SocialField.objects.get(code="field-4")])
    outline.save_revision()
    make.publish(outline)
    unit = make.make_unit(outline, content_class=ContentClass.objects.get(code="class-5"))
    lesson = make.make_lesson(unit, title="接羔", published=True)
    assert facets_of(lesson)["field"] == ("field-4",)
    assert facets_of(lesson)["content_class"] == ("class-5",)
    unpassed = make.make_unit(title="没有审过的单元", published=False, content_class=unit.content_class)
    other = make.make_lesson(unpassed, title="防火", published=True)
    assert "content_class" not in facets_of(other)
    assert "没有审过的单元" not in SearchDocument.objects.get(material_id=other.translation_key, is_draft=False).body


def test_a_case_and_a_site_lie_in_a_county_and_an_outline_counts_from_the_year_it_takes_effect() -> None:
    site = make.make_site(county="海晏县")
    case = make.make_lesson(model=Case, title="护河", place="海北州海晏西海镇", published=True)
    elsewhere = make.make_lesson(model=Case, title="护林", place="某地", published=True)
    outline = make.make_outline(effective_from=date(2031, 5, 1))
    assert facets_of(site)["place"] == facets_of(case)["place"] == ("海晏县",)
    assert "place" not in facets_of(elsewhere)
    assert facets_of(outline)["year"] == ("2031",)


@pytest.mark.parametrize(("facet", "value", "told"), [("length", "to-30", "10—30 分钟"), ("field", "field-2", "牧区")])
def test_a_value_has_a_name_for_people(facet: str, value: str, told: str) -> None:
    assert label_of(facet, value) == told

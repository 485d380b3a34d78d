"""The index follows what is published, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from wagtail.models import Page, PageViewRestriction

from cms.core.models import ContentClass
from cms.lessons.models import Case
from search import outbox, segments, tasks
from search.models import SearchDocument, SearchSegment
from search.selectors import ResultPage, search_materials
from search.services import rebuild, reconcile
from search.status import index_status
from tests.factories import cms as make

# What PostgreSQL does instead is in test_search_replica.py.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

VTT = """WEBVTT

00:00:00.500 --> 00:00:04.000
今天讲冬季接羔

00:00:04.500 --> 00:00:09.000
先把羊圈的墙缝

00:00:09.000 --> 00:00:12.250
堵严实不进贼风

00:12:31.400 --> 00:12:36.000
弱羔要先暖后喂
""".encode()


def titles(text: str) -> list[str]:
    found = search_materials(text)
    return [] if found.relaxed else [result.title for result in found.results]


def seconds(found: ResultPage) -> list[float]:
    return [segment.start_s for result in found.results for segment in result.segments]


def test_a_published_lesson_is_found_and_a_draft_is_not() -> None:
    make.make_lesson(title="冬季接羔保育", published=True)
    make.make_lesson(title="秋季接羔草稿")
    assert titles("接羔") == ["冬季接羔保育"]


def test_it_is_findable_within_the_transaction_that_publishes_and_gone_when_that_fails() -> None:
    lesson = make.make_lesson(title="冬季接羔保育")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make.publish(lesson)
        assert titles("接羔") == ["冬季接羔保育"]
        raise ZeroDivisionError
    assert titles("接羔") == []
    assert index_status().wrong == 0


def test_a_phrase_only_said_in_the_lecture_leads_to_its_second() -> None:
    make.make_lesson(title="牧区实用技术", subtitles={"zh-hans": VTT}, published=True)
    found = search_materials("先暖后喂")
    assert [result.title for result in found.results] == ["牧区实用技术"]
    (segment,) = found.results[0].segments
    assert segment.start_s == 751.4
    assert segment.label == "12:31"
    assert segment.url == f"{found.results[0].url}?t=751"
    assert "<mark>先暖后喂</mark>" in segment.html


def test_a_phrase_that_runs_over_two_subtitles_leads_to_where_it_begins() -> None:
    make.make_lesson(title="牧区实用技术", subtitles={"zh-hans": VTT}, published=True)
    assert seconds(search_materials("墙缝堵严实")) == [4.5]


def test_subtitles_of_every_language_are_found() -> None:
    tibetan = "WEBVTT\n\n00:01:00.000 --> 00:01:05.000\nརྩྭ་ཐང་སྲུང་སྐྱོབ་བྱེད་པ།\n".encode()
    make.make_lesson(title="守护草原", subtitles={"zh-hans": VTT, "bo": tibetan}, published=True)
    assert seconds(search_materials("རྩྭ་ཐང་སྲུང་སྐྱོབ")) == [60.0]


def test_the_transcript_of_a_case_is_found_too() -> None:
    make.make_lesson(title="护河", model=Case, subtitles={"zh-hans": VTT}, published=True)
    assert seconds(search_materials("先暖后喂")) == [751.4]


def test_a_taken_down_lesson_is_gone_with_its_segments_but_for_those_who_edit_it() -> None:
    lesson = make.make_lesson(title="冬季接羔保育", subtitles={"zh-hans": VTT}, published=True)
    lesson.unpublish()
    assert titles("接羔") == titles("先暖后喂") == []
    assert not SearchSegment.objects.filter(document__is_draft=False).exists()
    (left,) = SearchDocument.objects.filter(kind="lesson")
    assert left.is_draft and "public" not in left.access_tokens


def test_a_new_title_leaves_the_segments_as_they_are_and_a_new_subtitle_does_not() -> None:
    lesson = make.make_lesson(title="冬季接羔保育", subtitles={"zh-hans": VTT}, published=True)
    document = SearchDocument.objects.get(material_id=lesson.translation_key, is_draft=False)
    rows = set(document.segments.values_list("pk", flat=True))
    lesson.title = "接羔"
    lesson.save_revision()
    live = make.publish(lesson)
    after = SearchDocument.objects.get(pk=document.pk)
    assert after.version > document.version and after.segments_version == document.segments_version
    assert set(after.segments.values_list("pk", flat=True)) == rows
    make.add_subtitle(live, "bo", VTT)
    live.save_revision()
    make.publish(live)
    mended = SearchDocument.objects.get(pk=document.pk)
    assert mended.segments_version == mended.version


def test_a_very_long_text_is_left_to_a_task_and_found_to_its_end(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    left: list[set[int]] = []
    monkeypatch.setattr(outbox, "_later", left.append)
    text = "草原上的日子一天天过去。" * 6_000 + "最后一句说的是弱羔要先暖后喂。"
    with django_capture_on_commit_callbacks(execute=True):
        case = make.make_lesson(title="长案例", model=Case, body=text, published=True)
    document = SearchDocument.objects.get(material_id=case.translation_key, is_draft=False)
    assert len(document.body) < 30_000
    assert titles("先暖后喂") == []
    assert {document.pk} in left
    tasks.take_over.call(sorted(left[-1]))
    assert titles("先暖后喂") == ["长案例"]


def test_a_bomb_of_text_ends_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MOST_CHARACTERS", 5_000)
    case = make.make_lesson(title="长案例", model=Case, body="草原上的日子。" * 20_000, published=True)
    document = SearchDocument.objects.get(material_id=case.translation_key, is_draft=False)
    assert sum(len(segment.text) for segment in document.segments.all()) <= 5_000


def test_a_renamed_content_class_is_found_by_its_new_name() -> None:
    term = ContentClass.objects.get(code="class-7")
    make.make_lesson(title="冬季接羔保育", content_class=term, published=True)
    term.name = "牧业本领"
    term.save()
    assert titles("牧业本领") == ["冬季接羔保育"]
    term.code = "skills"
    term.save()
    assert SearchDocument.objects.get(title="冬季接羔保育", is_draft=False).facets["content_class"] == "skills"
    term.delete()
    assert titles("牧业本领") == []


def test_a_deleted_lesson_is_gone() -> None:
    lesson = make.make_lesson(title="冬季接羔保育", published=True)
    lesson.delete()
    assert titles("接羔") == []


def test_a_deleted_unit_takes_its_lessons_out() -> None:
    unit = make.make_unit()
    make.make_lesson(unit, title="冬季接羔保育", published=True)
    Page.objects.get(pk=unit.pk).specific.delete()
    assert titles("接羔") == []
    assert index_status().wrong == 0


def test_a_moved_lesson_is_found_at_its_new_address() -> None:
    lesson = make.make_lesson(make.make_unit(), title="冬季接羔保育", published=True)
    other = make.make_unit(title="牧业技术")
    Page.objects.get(pk=lesson.pk).move(Page.objects.get(pk=other.pk), pos="last-child")
    (result,) = search_materials("接羔保育").results
    assert result.url == Page.objects.get(pk=lesson.pk).get_url()
    assert "/" + other.slug + "/" in result.url


def test_a_renamed_outline_takes_its_lessons_to_their_new_addresses_and_names() -> None:
    outline = make.make_outline(title="旧名大纲")
    make.make_lesson(make.make_unit(outline), title="冬季接羔保育", published=True)
    outline.refresh_from_db()
    outline.title, outline.slug = "新称大纲", "xincheng"
    outline.save_revision()
    make.publish(outline)
    assert "冬季接羔保育" in titles("新称大纲")
    assert "冬季接羔保育" not in titles("旧名大纲")
    assert search_materials("接羔保育").results[0].url.startswith("/courses/xincheng/")


def test_an_edit_that_is_not_reviewed_yet_is_not_found() -> None:
    lesson = make.make_lesson(title="冬季接羔保育", published=True)
    lesson.title = "改成草原防火"
    lesson.save_revision()
    assert titles("草原防火") == []
    assert titles("接羔") == ["冬季接羔保育"]


def test_a_lesson_is_found_by_its_teachers_public_name_alone() -> None:
    teacher = make.make_teacher(name="才仁多杰", published=False)
    make.make_lesson(title="冬季接羔保育", published=True, teacher=teacher)
    assert titles("才仁多杰") == []
    live = make.publish(teacher)
    assert set(titles("才仁多杰")) == {"冬季接羔保育", "才仁多杰"}
    live.name = "卓玛央金"
    live.save_revision()
    renamed = make.publish(live)
    assert titles("才仁多杰") == []
    assert "冬季接羔保育" in titles("卓玛央金")
    renamed.unpublish()
    assert titles("卓玛央金") == []
    make.publish(type(teacher).objects.get(pk=teacher.pk).get_latest_revision_as_object())
    assert "冬季接羔保育" in titles("卓玛央金")
    type(teacher).objects.get(pk=teacher.pk).delete()
    assert titles("卓玛央金") == []
    assert titles("接羔") == ["冬季接羔保育"]
    assert index_status().wrong == 0


def test_sites_and_teachers_are_found_and_a_phone_number_never() -> None:
    make.make_site(title="原子城纪念馆", summary="金银滩草原")
    make.make_teacher(name="才仁老师", unit="县兽医站", introduction="讲接羔保育")
    assert titles("金银滩") == ["原子城纪念馆"]
    assert titles("兽医") == ["才仁老师"]
    assert search_materials("兽医").results[0].kind_label == "教师"


def test_a_page_that_was_restricted_afterwards_is_not_shown() -> None:
    lesson = make.make_lesson(title="冬季接羔保育", published=True)
    PageViewRestriction.objects.create(page=lesson, restriction_type=PageViewRestriction.LOGIN)
    found = search_materials("接羔")
    assert found.results == ()
    assert found.total == 0


def test_a_broken_subtitle_leaves_the_lesson_findable(caplog: pytest.LogCaptureFixture) -> None:
    from media_pipeline.objects import default_store

    lesson = make.make_lesson(title="冬季接羔保育", subtitles={"zh-hans": VTT}, published=True)
    default_store().path(lesson.media_pins["subtitle"]["zh-hans"]).unlink()
    rebuild()
    assert titles("接羔") == ["冬季接羔保育"]
    assert "left out of the index" in caplog.text


def test_a_rebuild_finds_what_was_lost_and_drops_what_should_not_be_there() -> None:
    make.make_lesson(title="冬季接羔保育", subtitles={"zh-hans": VTT}, published=True)
    rebuild()
    before = {(d.title, d.kind, d.url, d.is_draft) for d in SearchDocument.objects.all()}
    SearchDocument.objects.filter(kind="lesson").delete()
    SearchDocument.objects.create(material_id="8b1b8d5e-0a3c-4b62-9f65-1f2f3a4b5c6d", kind="lesson", title="幽灵")
    assert index_status().wrong > 0
    rebuild()
    assert {(d.title, d.kind, d.url, d.is_draft) for d in SearchDocument.objects.all()} == before
    assert titles("先暖后喂") == ["冬季接羔保育"]
    assert index_status().wrong == 0
    assert reconcile() == 0


def test_the_commands_tell_what_a_visitor_finds_and_whether_the_index_is_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make.make_lesson(title="冬季接羔保育", subtitles={"zh-hans": VTT}, published=True)
    call_command("search", "先暖后喂")
    assert "冬季接羔保育" in (printed := capsys.readouterr().out) and "12:31" in printed
    call_command("search", "接羔", json=True)
    assert '"total": 1' in capsys.readouterr().out
    call_command("search", "rebuild")
    call_command("search", "status", json=True)
    assert '"wrong": 0' in capsys.readouterr().out


@pytest.mark.parametrize("action", ["status", "rebuild", "接羔"])
def test_an_engine_that_the_site_does_not_have_is_named_as_missing(action: str) -> None:
    with pytest.raises(CommandError, match="ELASTICSEARCH_URL"):
        call_command("search", action, engine="elasticsearch")

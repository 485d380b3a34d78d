"""Loading the demo: at once what is quick, the lectures through the real pipeline and review."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.codes import printed as printed_code
from accounts.models import Organisation, User
from accounts.services import use_code
from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.lessons import durations
from cms.lessons.models import Case, Lesson
from cms.places.models import RedSite
from cms.review.models import ReviewRecord
from cms.teachers.models import TeacherProfile
from demo import lectures, plan, receivers
from demo.library import PASSWORD, Library, library
from demo.loading import load, unused_codes
from demo.progress import State, Steps
from education.classroom.models import Quiz
from education.hours.models import StudyHoursEntry
from education.members.models import PartyMember
from media_pipeline.models import TranscodeJob
from media_pipeline.runner import run_job
from offline.packages.models import OfflinePackage
from search.selectors import search_materials

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _own_work_folder(settings: Any, tmp_path: Any) -> None:
    settings.WORK_DIR = tmp_path / "work"
    settings.STATE_DIR = tmp_path


def counts() -> Counter[str]:
    models = (Organisation, User, PartyMember, TeacherProfile, CurriculumOutline, OutlineUnit, Lesson, Case, RedSite)
    models += (Quiz, OfflinePackage, StudyHoursEntry, ReviewRecord)
    return Counter({model.__name__: model.objects.count() for model in models})


def test_loading_twice_changes_nothing_and_the_code_is_printed_until_it_is_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = load(TODAY)
    before = counts()
    second = load(TODAY)
    assert counts() == before
    assert second.codes == first.codes
    ((member, code),) = unused_codes().items()
    call_command("load_demo", accounts=True)
    assert member in (printed := capsys.readouterr().out)
    assert PASSWORD in printed
    use_code(code)
    assert unused_codes() == {}


def test_everything_but_the_lectures_is_visible_at_once_and_was_reviewed_by_three() -> None:
    load(timezone.localdate())
    assert CurriculumOutline.objects.live().count() == 10
    assert RedSite.objects.live().count() == 8
    assert TeacherProfile.objects.filter(live=True).count() == 12
    assert OfflinePackage.objects.get().is_reviewed
    assert not Lesson.objects.live().exists()
    site = RedSite.objects.first()
    records = ReviewRecord.objects.filter(material_id=site.translation_key)
    assert {record.stage for record in records} == {1, 2, 3}
    assert len({record.person_id for record in records}) == 3
    visitor = Client()
    for address in ("/", "/courses/", "/sites/", "/teachers/", "/search/?q=原子城"):
        assert visitor.get(address).status_code == 200, address
    secretary = Client()
    assert secretary.login(username="secretary", password=PASSWORD)
    assert "牧民党员甲" in secretary.get("/branch/", follow=True).content.decode()


def test_no_lesson_claims_minutes_before_it_is_measured_and_the_first_carries_the_plan() -> None:
    load(TODAY)
    assert not [each for model in (Lesson, Case) for each in model.objects.all() if each.nominal_minutes]
    first = Lesson.objects.get(translation_key=library().packed()[0].material_id)
    for version in (first, first.get_latest_revision_as_object()):
        (attachment,) = version.attachments.all()
    (pinned,) = version.media_pins["attachment"]
    assert pinned["title"] == plan.plan_title(library())
    assert attachment.document.file.read().decode() == plan.plan_text(library())


def test_a_sites_drawn_picture_is_on_its_page_with_the_words_that_it_is_drawn() -> None:
    load(TODAY)
    shown = [site for site in RedSite.objects.live() if site.media_pins["gallery"]]
    assert len(shown) >= 2
    for site in shown:
        page = Client().get(site.get_url()).content.decode()
        assert site.media_pins["gallery"][0]["sha256"] in page
        assert "示意图（绘制，不是照片）" in page


@pytest.mark.django_db(transaction=True)
def test_a_lecture_goes_through_the_pipeline_and_the_review_until_its_phrase_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load(TODAY)
    content = _with_a_short_lecture("muhu-yitian")
    monkeypatch.setattr(lectures, "library", lambda: content)
    lecture = content.lecture("muhu-yitian")
    assert lectures.make(lecture.slug) == "made"
    assert lectures.make(lecture.slug) == "left alone"
    assert lectures.state_of(lecture) is State.TRANSCODING
    for job in TranscodeJob.objects.all():
        run_job(job.pk)
    assert lectures.state_of(lecture) is State.REVIEWABLE
    lectures.advance()
    assert lectures.state_of(lecture) is State.COMPLETE
    page = lectures.material(lecture)
    assert page is not None and page.live
    duration_s = durations.measured_s(page)
    assert page.nominal_minutes == durations.whole_minutes(duration_s) < lecture.planned_minutes
    assert durations.warning(page.nominal_minutes, duration_s) == ""
    assert f"计划 {lecture.planned_minutes} 分钟" in page.summary
    dub = page.tracks.get(kind="audio")
    assert (dub.language, dub.is_placeholder) == ("adx", True)
    (result,) = [each for each in search_materials("鼠洞多了").results if each.kind == "lesson"]
    assert result.segments[0].url.startswith(page.get_url() + "?t=")
    assert "原子城纪念馆" in [each.title for each in search_materials("原子城").results]


@pytest.mark.django_db(transaction=True)
def test_each_sweep_enqueues_one_lecture_and_a_killed_one_again() -> None:
    load(TODAY)
    for _sweep in range(3):
        receivers.on_swept(None)
    queued = DBTaskResult.objects.filter(task_path="demo.tasks.make_lecture")
    (task,) = queued
    assert task.args_kwargs["args"] == ["zhonghua-shuita"]
    queued.update(status="RUNNING")  # as a killed worker leaves it
    receivers.on_swept(None)
    assert queued.filter(status="READY").count() == 1


def test_the_accounts_are_printed_again_once_when_the_last_lecture_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load(TODAY)
    ((_member, code),) = unused_codes().items()
    receivers.on_swept(None)
    assert PASSWORD not in capsys.readouterr().out, "lectures are still to be made"
    monkeypatch.setattr(lectures, "due", lambda: Steps(publish=(), make=None, build_package=False, finished=True))
    for _sweep in range(2):
        receivers.on_swept(None)
    block = capsys.readouterr().out
    assert block.count("演示内容已全部装好") == 1
    assert block.count(PASSWORD) == 1
    assert printed_code(code) in block


def test_a_sweep_costs_nothing_when_no_demo_is_loaded(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        receivers.on_swept(None)


def test_a_lecture_that_cannot_be_made_is_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    load(TODAY)

    def no_font(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no font")

    monkeypatch.setattr(lectures, "synthesise_lecture", no_font)
    assert lectures.make("zhonghua-shuita") == "failed"
    assert lectures.states()["zhonghua-shuita"] is State.FAILED
    assert lectures.due().make == "muhu-yitian"
    load(TODAY)
    assert lectures.states()["zhonghua-shuita"] is State.MISSING


def _with_a_short_lecture(slug: str) -> Library:
    """The library with that lecture cut to three sentences: enough for the pipeline, quick to make."""
    content = library()
    outlines = []
    for outline in content.outlines:
        units = []
        for unit in outline.units:
            cut = [
                replace(each, narration=each.narration[7:10], slides=each.slides[:2]) if each.slug == slug else each
                for each in unit.lectures
            ]
            units.append(replace(unit, lectures=tuple(cut)))
        outlines.append(replace(outline, units=tuple(units)))
    return replace(content, outlines=tuple(outlines))

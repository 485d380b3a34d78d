"""What a lesson counts for: said by a person, or as long as its recording plays."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cms.lessons import durations, selectors
from cms.lessons.models import Lesson
from cms.review import services
from media_pipeline.models import MediaSource
from media_pipeline.signals import rendition_published
from tests.factories import cms as make

pytestmark = pytest.mark.django_db


def unmeasured() -> MediaSource:
    source = make.make_source()
    source.duration_s = None
    source.save()
    return source


def test_an_empty_length_is_the_recordings_own() -> None:
    lesson = make.make_lesson()
    assert lesson.nominal_minutes == 10
    view = selectors.lesson_view(lesson, draft=True)
    assert (view.minutes, view.duration_s) == (10, 600)


def test_a_length_that_a_person_said_stays() -> None:
    assert make.make_lesson(nominal_minutes=15).nominal_minutes == 15


def test_a_draft_saved_before_the_measuring_gets_its_length_afterwards() -> None:
    source = unmeasured()
    lesson = make.make_lesson(video=make.make_media(source=source))
    assert lesson.nominal_minutes is None
    assert [blocker.code for blocker in lesson.publication_blockers()] == ["minutes-unknown"]
    MediaSource.objects.filter(pk=source.pk).update(duration_s=75)
    assert durations.fill_drafts_of(MediaSource.objects.get(pk=source.pk)) == 1
    draft = Lesson.objects.get(pk=lesson.pk).get_latest_revision_as_object()
    assert draft.nominal_minutes == 2
    assert draft.publication_blockers() == []


def test_a_recording_that_only_the_draft_handed_in_names_gives_it_its_length_too() -> None:
    editor, source = make.make_editor(), unmeasured()
    lesson = make.make_lesson(author=editor)
    draft = Lesson.objects.get(pk=lesson.pk).get_latest_revision_as_object()
    draft.video, draft.nominal_minutes = make.make_media(source=source), None
    draft.save_revision(user=editor)
    services.submit(Lesson.objects.get(pk=lesson.pk), editor)
    MediaSource.objects.filter(pk=source.pk).update(duration_s=75)
    source.refresh_from_db()
    rendition_published.send(sender=MediaSource, source=source, rendition=source.renditions.get(name="opus-16"))
    waiting = Lesson.objects.get(pk=lesson.pk)
    assert waiting.latest_revision.content["nominal_minutes"] == 2
    assert waiting.current_workflow_task_state.revision_id == waiting.latest_revision_id


@pytest.mark.parametrize(("minutes", "warned"), [(12, False), (45, True)])
def test_the_form_and_the_overview_warn_of_far_more_minutes_than_it_plays(minutes: int, warned: bool, client) -> None:
    editor = make.make_editor()
    lesson = make.make_lesson(author=editor, nominal_minutes=minutes)
    client.force_login(editor)
    said = f"计 {minutes} 分钟，实长只有 10 分钟"
    form = client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    overview = client.get(reverse("curriculum_overview")).content.decode()
    assert (said in form, said in overview) == (warned, warned)

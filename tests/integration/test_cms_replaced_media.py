"""A file that is replaced in the library: who then is an author, what reviewers see, and what goes live."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from wagtail.models import Collection

from cms.core.bootstrap import EDITORS, REVIEWERS
from cms.core.models import LectureMedia
from cms.core.signals import media_replaced
from cms.lessons.models import Lesson, LessonAttachment, LessonTrack
from cms.review import desk, services
from cms.review.errors import ReviewRefused
from media_pipeline.models import Rendition
from tests.factories import cms as make

pytestmark = pytest.mark.django_db(transaction=True)

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\n"


def test_who_replaces_a_subtitle_may_not_review_it() -> None:
    editor, both = make.make_editor(), make.make_user(EDITORS, REVIEWERS)
    lesson = make.make_lesson(author=editor, subtitles={"zh-hans": VTT + b"old\n"})
    document = lesson.tracks.get(kind="subtitle").subtitle
    document.uploaded_by_user = editor
    document.save()
    client = Client()
    client.force_login(both)
    answer = client.post(
        reverse("wagtaildocs:edit", args=[document.pk]),
        {
            "title": "字幕",
            "collection": Collection.get_first_root_node().pk,
            "tags": "",
            "file": SimpleUploadedFile("new.vtt", VTT + b"new\n", content_type="text/vtt"),
        },
    )
    assert answer.status_code == 302
    changed = Lesson.objects.get(pk=lesson.pk)
    assert changed.latest_revision.user == both
    services.submit(changed, editor)
    with pytest.raises(ReviewRefused):
        services.approve(Lesson.objects.get(pk=lesson.pk), both)


def test_a_unit_that_is_taken_down_takes_its_lessons_along() -> None:
    unit = make.make_unit()
    lesson = make.make_lesson(unit, published=True)
    address = reverse("hls_master", args=[lesson.translation_key])
    assert Client().get(address).status_code == 200
    fresh = type(unit).objects.get(pk=unit.pk)
    fresh.unpublish()
    assert not Lesson.objects.get(pk=lesson.pk).live
    assert Client().get(address).status_code == 404
    assert Client().get(lesson.url).status_code == 404


def drafted_with_another_recording(lesson: Lesson, editor: Any) -> LectureMedia:
    """A live lesson's draft, handed in, that alone names a new recording; the row still names the old one."""
    media = make.make_media()
    draft = Lesson.objects.get(pk=lesson.pk).get_latest_revision_as_object()
    draft.video = media
    draft.save_revision(user=editor)
    services.submit(Lesson.objects.get(pk=lesson.pk), editor)
    return media


def swap(media: LectureMedia) -> str:
    """Another file under the same library item, unheard of by anybody; returns the former source's hash."""
    former = media.media_source.sha256
    media.media_source = make.make_source()
    LectureMedia.objects.filter(pk=media.pk).update(media_source=media.media_source)
    return former


def muxed_of(sha256: str) -> str:
    return Rendition.objects.get(source__sha256=sha256, name="muxed-240").sha256


def test_reviewers_watch_the_recording_that_their_revision_pinned_and_that_goes_live() -> None:
    lesson, editor, reviewers = make.make_lesson(published=True), make.make_editor(), make.make_reviewers()
    media = drafted_with_another_recording(lesson, editor)
    pinned = muxed_of(swap(media))
    waiting = Lesson.objects.get(pk=lesson.pk)
    shown = desk.desk_of(waiting, reviewers[0])
    assert shown is not None
    assert shown.exhibit["lesson"].muxed.sha256 == pinned
    client = Client()
    client.force_login(reviewers[0])
    preview = client.get(shown.preview_url).content.decode()
    assert pinned in preview
    assert muxed_of(media.media_source.sha256) not in preview
    for reviewer in reviewers:
        services.approve(Lesson.objects.get(pk=lesson.pk), reviewer)
    live = Client().get(lesson.url).content.decode()
    assert pinned in live
    assert muxed_of(media.media_source.sha256) not in live


def test_a_recording_that_only_a_draft_names_reopens_its_review_when_its_file_is_swapped() -> None:
    lesson, editor, reviewers = make.make_lesson(published=True), make.make_editor(), make.make_reviewers()
    both = make.make_user(EDITORS, REVIEWERS)
    media = drafted_with_another_recording(lesson, editor)
    services.approve(Lesson.objects.get(pk=lesson.pk), reviewers[0])
    swap(media)
    media_replaced.send(sender=LectureMedia, media=media, author=both)
    waiting = Lesson.objects.get(pk=lesson.pk)
    assert waiting.latest_revision.content["media_pins"]["video"] == media.media_source.sha256
    assert waiting.live_revision_id == lesson.live_revision_id
    state = waiting.current_workflow_task_state
    assert (state.task.specific.stage, state.revision_id) == (1, waiting.latest_revision_id)
    with pytest.raises(ReviewRefused):
        services.approve(waiting, both)


@pytest.mark.parametrize("part", ["subtitle", "attachment"])
def test_a_document_that_only_a_draft_names_reopens_its_review_when_it_is_replaced(part: str) -> None:
    lesson, editor = make.make_lesson(published=True), make.make_editor()
    draft = Lesson.objects.get(pk=lesson.pk).get_latest_revision_as_object()
    document = make.make_document(VTT + b"old\n")
    if part == "subtitle":
        draft.tracks.add(LessonTrack(kind="subtitle", language="zh-hans", subtitle=document))
    else:
        draft.attachments.add(LessonAttachment(document=document))
    handed_in = draft.save_revision(user=editor)
    services.submit(Lesson.objects.get(pk=lesson.pk), editor)
    document.file = ContentFile(VTT + b"new\n", name="new.vtt")
    document.save()
    waiting = Lesson.objects.get(pk=lesson.pk)
    assert waiting.latest_revision_id != handed_in.pk
    assert waiting.latest_revision.content["media_pins"] != handed_in.content["media_pins"]
    assert waiting.current_workflow_task_state.revision_id == waiting.latest_revision_id


def test_a_recording_that_the_draft_names_no_more_leaves_its_review_alone() -> None:
    lesson, editor = make.make_lesson(published=True), make.make_editor()
    drafted_with_another_recording(lesson, editor)
    before = Lesson.objects.get(pk=lesson.pk).latest_revision_id
    former = LectureMedia.objects.get(pk=lesson.video_id)
    swap(former)
    media_replaced.send(sender=LectureMedia, media=former, author=editor)
    assert Lesson.objects.get(pk=lesson.pk).latest_revision_id == before

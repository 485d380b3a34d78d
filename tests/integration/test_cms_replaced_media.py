"""Whoever replaces a file in the library is the author of every draft that follows from it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from wagtail.models import Collection

from cms.core.bootstrap import EDITORS, REVIEWERS
from cms.lessons.models import Lesson
from cms.review import services
from cms.review.errors import ReviewRefused
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

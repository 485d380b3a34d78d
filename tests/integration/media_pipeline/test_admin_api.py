"""The JSON behind the admin's progress panel: who may see it, who may cancel and retry."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from media_pipeline import services
from media_pipeline.models import MediaSource, Rendition, TranscodeJob

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> MediaSource:
    return MediaSource.objects.create(sha256="ab" * 32, storage_name="originals/ab/x", length=10, name="课.mp4")


def signed_in(*permissions: str) -> Client:
    user = User.objects.create_user(f"user{User.objects.count()}", password="x")
    for name in permissions:
        app, codename = name.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(user)
    return client


def staff() -> Client:
    return signed_in("wagtailadmin.access_admin", "media_pipeline.change_transcodejob")


def address(name: str, source: MediaSource) -> str:
    return reverse(f"media_pipeline_{name}", args=[source.pk])


def test_strangers_and_members_learn_nothing(source: MediaSource) -> None:
    for client in (Client(), signed_in()):
        for name in ("status", "cancel", "retry"):
            answer = client.post(address(name, source)) if name != "status" else client.get(address(name, source))
            assert answer.status_code in (302, 403)
            assert b"ab" * 10 not in answer.content


def test_the_status_tells_state_progress_and_renditions(source: MediaSource) -> None:
    services.request_transcode(source)
    TranscodeJob.objects.update(state="encoding", step="转码声音", progress=0.123456)
    Rendition.objects.create(
        source=source, name="opus-16", kind="audio", mime='audio/mp4; codecs="opus"', sha256="cd" * 32, length=7,
        preset_version="2026.1",
    )  # fmt: skip
    answer = staff().get(address("status", source))
    told = answer.json()
    assert answer["Cache-Control"].startswith("max-age=0")
    assert (told["state"], told["state_label"], told["step"]) == ("encoding", "转码中", "转码声音")
    assert (told["progress"], told["poll_ms"], told["can_cancel"], told["error"]) == (0.1235, 1000, True, None)
    assert [rendition["name"] for rendition in told["renditions"]] == ["opus-16"]


def test_a_source_without_a_job_and_one_that_does_not_exist(source: MediaSource) -> None:
    client = staff()
    assert client.get(address("status", source)).json()["state"] == "none"
    assert client.post(address("cancel", source)).status_code == 404
    source.pk = 999_999
    assert client.get(address("status", source)).status_code == 404


def test_cancel_and_retry_in_turn_and_a_clear_refusal_out_of_turn(source: MediaSource) -> None:
    client = staff()
    services.request_transcode(source)
    refused = client.post(address("retry", source))
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "job-state"
    assert client.post(address("cancel", source)).json()["state"] == "cancelled"
    assert client.post(address("cancel", source)).status_code == 409
    again = client.post(address("retry", source)).json()
    assert (again["state"], again["poll_ms"]) == ("received", 1000)


def test_a_reviewer_sees_the_status_and_may_not_cancel(source: MediaSource) -> None:
    reviewer = signed_in("wagtailadmin.access_admin")
    services.request_transcode(source)
    assert reviewer.get(address("status", source)).status_code == 200
    assert reviewer.post(address("cancel", source)).status_code in (302, 403)
    assert TranscodeJob.objects.get().cancel_requested is False


def test_acting_needs_a_post(source: MediaSource) -> None:
    assert staff().get(address("cancel", source)).status_code == 405

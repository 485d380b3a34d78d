"""A newer ladder: encoded again in the background, one at a time; shown at once and only when all of it is there."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cms.core.signals import material_published
from cms.lessons import publication, selectors
from cms.lessons.models import Lesson, PublishedObject
from media_pipeline import jobs, reencoding, services
from media_pipeline.errors import ProbeFailed
from media_pipeline.jobs import Lease
from media_pipeline.models import MediaSource, TranscodeJob
from media_pipeline.presets import PRESET_VERSION
from media_pipeline.publication import default_tree
from media_pipeline.serving import GRACE
from media_pipeline.signals import swept
from media_pipeline.tasks import transcode
from tests.factories import cms as make

pytestmark = pytest.mark.django_db

OLD = "2025.9"
OLD_RUNGS = ("opus-16", "aac-24", "h264-240", "h264-360", "muxed-240", "poster")
NEW_RUNGS = ("opus-16", "aac-24", "h264-240", "muxed-240", "poster")


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path) -> None:
    """Nothing lies in the tree but what the test puts there."""
    settings.OBJECTS_DIR = tmp_path / "objects"
    settings.PUBLIC_TREE_DIR = tmp_path / "public"
    settings.KEYS_DIR = tmp_path / "keys"


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """Runs what waits for the commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def transcoded(*, version: str = OLD, state: str = "published", rungs: tuple[str, ...] = OLD_RUNGS) -> MediaSource:
    """A source whose one job ended under a ladder."""
    source = make.make_source(rungs=())
    for rung in rungs:
        make.add_rendition(source, rung, version=version)
    TranscodeJob.objects.create(source=source, preset_version=version, state=state)
    return source


def lesson_of(source: MediaSource, **traits: Any) -> Lesson:
    return make.make_lesson(video=make.make_media(source=source), **traits)


def taken(job: TranscodeJob) -> Lease:
    lease = jobs.take(job.pk, "worker")
    assert isinstance(lease, Lease)
    return lease


def publish_rungs(lease: Lease, rungs: tuple[str, ...]) -> set[str]:
    """Record rungs of the current ladder as a worker does; the hashes of all their objects."""
    found: set[str] = set()
    for rung in rungs:
        rendition = make.add_rendition(lease.source, rung)
        lease.publish(rendition)
        found |= {rendition.sha256, rendition.index_sha256} - {""}
    return found


def objects_of(lesson: Any) -> set[str]:
    return set(PublishedObject.objects.filter(material_id=lesson.translation_key).values_list("sha256", flat=True))


def public(hashes: set[str]) -> list[bool]:
    return [default_tree().is_published(sha256) for sha256 in hashes]


def video_names(lesson: Lesson) -> list[str]:
    return [obj.name for obj in selectors.lesson_view(Lesson.objects.get(pk=lesson.pk)).video]


def time_passes(by: timedelta) -> None:
    """Everything that ended did so earlier by that much."""
    TranscodeJob.objects.exclude(finished_at=None).update(finished_at=F("finished_at") - by)


def test_a_re_encode_shows_nothing_until_all_of_it_is_verified_and_then_replaces_all_without_a_review(commits) -> None:
    source = transcoded()
    with commits():
        lesson = lesson_of(source, published=True)
    old, before = objects_of(lesson), Lesson.objects.get(pk=lesson.pk)
    view = selectors.lesson_view(before)
    heard: list[object] = []
    material_published.connect(receiver := lambda sender, material_id, **kwargs: heard.append(material_id))
    with commits():
        lease = taken(services.request_transcode(source))
        new = publish_rungs(lease, NEW_RUNGS)
    assert objects_of(lesson) == old
    assert all(public(old)) and not any(public(new - old))
    assert video_names(lesson) == ["h264-240", "h264-360"]
    assert heard == []

    with commits():
        lease.finish()
    material_published.disconnect(receiver)
    assert all(public(new))
    assert video_names(lesson) == ["h264-240"]
    assert heard == [lesson.translation_key]
    after = Lesson.objects.get(pk=lesson.pk)
    assert after.live_revision_id == before.live_revision_id
    assert not after.has_unpublished_changes
    assert selectors.lesson_view(after).revision_sha256 == view.revision_sha256
    playlist = Client().get(reverse("hls_master", args=[lesson.translation_key])).content.decode()
    assert "h264-240" in playlist and "h264-360" not in playlist


def test_who_is_in_the_midst_of_a_lesson_at_the_change_comes_to_its_end_and_then_the_old_objects_go(commits) -> None:
    source = transcoded()
    with commits():
        lesson = lesson_of(source, published=True)
    old = objects_of(lesson)
    with commits():
        lease = taken(services.request_transcode(source))
        new = publish_rungs(lease, NEW_RUNGS)
        lease.finish()
    time_passes(GRACE - timedelta(minutes=5))
    with commits():
        publication.let_go_of_replaced()
    assert objects_of(lesson) == old | new
    assert all(public(old | new))
    time_passes(timedelta(minutes=10))
    with commits():
        publication.let_go_of_replaced()
    assert objects_of(lesson) == new
    assert all(public(new)) and not any(public(old - new))
    assert set(source.renditions.values_list("preset_version", flat=True)) == {PRESET_VERSION}


def test_the_rungs_of_a_re_encode_that_is_under_way_are_never_taken_for_replaced_ones(commits) -> None:
    source = transcoded()
    TranscodeJob.objects.update(finished_at=timezone.now() - 2 * GRACE)
    with commits():
        lesson_of(source, published=True)
        publish_rungs(taken(services.request_transcode(source)), NEW_RUNGS[:3])
        publication.let_go_of_replaced()
    assert source.renditions.filter(preset_version=PRESET_VERSION).count() == 3
    assert source.renditions.filter(preset_version=OLD).count() == len(OLD_RUNGS)


def test_a_recording_of_a_place_changes_over_as_a_lesson_does(commits) -> None:
    source = transcoded()
    with commits():
        place = make.make_site(published=False)
        place.gallery.add(type(place).gallery.rel.related_model(media=make.make_media(source=source)))
        place.save()
        place.save_revision(user=make.make_editor())
        place = make.publish(place)
    old = objects_of(place)
    with commits():
        lease = taken(services.request_transcode(source))
        new = publish_rungs(lease, NEW_RUNGS)
        assert objects_of(place) == old
        lease.finish()
    assert len(old) == 1 and objects_of(place) - old and (objects_of(place) - old) <= new
    time_passes(GRACE)
    with commits():
        publication.let_go_of_replaced()
    assert len(objects_of(place)) == 1 and objects_of(place) <= new


@pytest.mark.parametrize("end", ["fail", "cancel"])
def test_a_re_encode_that_fails_or_is_cancelled_leaves_the_old_version_served(commits, end: str) -> None:
    source = transcoded()
    with commits():
        lesson = lesson_of(source, published=True)
    old = objects_of(lesson)
    with commits():
        lease = taken(services.request_transcode(source))
        publish_rungs(lease, NEW_RUNGS[:2])
        lease.fail(ProbeFailed()) if end == "fail" else lease.cancelled()
    assert objects_of(lesson) == old
    assert all(public(old))
    assert video_names(lesson) == ["h264-240", "h264-360"]


def tasks() -> list[int]:
    """The jobs for which the queue got a task, the newest last."""
    found = DBTaskResult.objects.filter(task_path=transcode.module_path).order_by("enqueued_at")
    return [row.args_kwargs["args"][0] for row in found]


def test_everything_of_an_older_ladder_is_queued_and_starts_one_by_one_behind_uploads(commits) -> None:
    sources = [transcoded() for _ in range(3)]
    current = transcoded(version=PRESET_VERSION)
    with commits():
        assert reencoding.request_all(MediaSource.objects.all()).total() == 3
        assert reencoding.request_all(MediaSource.objects.all()).total() == 0
    assert current.jobs.count() == 1
    assert reencoding.queue() == reencoding.Queue(waiting=3, at_work=0)
    assert not tasks()
    assert jobs.sweep(lambda job: False) == 0

    upload = make.make_source(rungs=())
    with commits():
        first = services.request_transcode(upload)
        assert reencoding.release() == 0
    with commits():
        taken(first).finish()
        assert [reencoding.release(), reencoding.release()] == [1, 0]
    assert reencoding.queue() == reencoding.Queue(waiting=2, at_work=1)
    running = TranscodeJob.objects.get(source=sources[0], preset_version=PRESET_VERSION)
    assert tasks()[-1] == running.pk
    with commits():
        taken(running).finish()
        swept.send(sender=None)
    assert reencoding.queue() == reencoding.Queue(waiting=1, at_work=1)

    assert reencoding.stop_all() == 1
    assert reencoding.queue().waiting == 0
    assert sources[2].jobs.get().preset_version == OLD


def test_somebody_who_wants_one_of_them_now_does_not_wait(commits) -> None:
    sources = [transcoded() for _ in range(2)]
    with commits():
        reencoding.request_all(MediaSource.objects.all())
        services.request_transcode(sources[1])
    assert list(reencoding.waiting_jobs().values_list("source_id", flat=True)) == [sources[0].pk]


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("reencode", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_lists_queues_and_stops(commits) -> None:
    lesson_of(transcoded())
    failed = transcoded(version=PRESET_VERSION, state="failed", rungs=())
    make.make_media(source=failed)
    transcoded()  # nobody's recording
    assert f"{OLD} 已完成 → {PRESET_VERSION}" in told("--dry-run")
    assert "共 1 个" in told("--dry-run")
    assert "共 1 个" in told("--dry-run", "--only-failed")
    assert not reencoding.waiting_jobs().exists()
    assert "已排队 1 个；还剩 1 个" in told()
    assert "已排队 1 个；还剩 2 个" in told("--only-failed")
    assert "已取消 2 个" in told("--stop")
    assert not reencoding.waiting_jobs().exists()
    failed.refresh_from_db()
    assert failed.jobs.get().state == "cancelled"

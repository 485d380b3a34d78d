"""A take-down reaches packages whatever it meets: running, failing and dead builds, deletion and moves (§5.4, §5.6)."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from cms.lessons import publication
from cms.lessons.models import Lesson
from media_pipeline.publication import FolderTree, default_tree, reconcile, settle
from offline.packages import contents, recall, rules, services
from offline.packages.errors import DiskFull, LessonNotPublished, SigningKeyMissing
from offline.packages.manifest import PackageManifest
from offline.packages.models import OfflinePackage, PackageBuild
from offline.packages.repository import Publisher, default_publisher
from offline.packages.verification import TreeVerifier
from tests.factories import offline as factory
from tests.factories import people

pytestmark = pytest.mark.django_db(transaction=True)

State = PackageBuild.State


def no_dispatch(build_id: int) -> None:
    """A worker that comes when the test calls it."""


def ask(package: OfflinePackage) -> PackageBuild:
    return services.request_build(package, dispatch=no_dispatch)


def run_builds() -> list[str]:
    """What the worker does until nothing is left to build."""
    words = []
    while build := PackageBuild.objects.unfinished().first():
        words.append(services.run_build(build.pk, dispatch=no_dispatch))
    return words


def take_down(lesson: Lesson) -> None:
    Lesson.objects.get(pk=lesson.pk).unpublish()


def signed() -> list[PackageManifest]:
    """What an ordinary client finds; it checks every object."""
    tree = Path(settings.PUBLIC_TREE_DIR)
    verifier = TreeVerifier(trusted_root=default_publisher().trusted_root(), folder=tree)
    return [package.manifest for package in verifier.verify()]


def is_public(lesson: Lesson) -> set[bool]:
    """Whether the objects of a lesson are public: one answer where they agree."""
    return {default_tree().is_published(sha256) for sha256 in publication.objects_of(lesson.media_pins)}


def manifest_of(lesson: Lesson) -> str:
    """The hash of the lesson's manifest as it is now."""
    store = default_tree().store
    return store.put_bytes(contents.lesson_manifest(Lesson.objects.get(pk=lesson.pk), store).as_bytes())


def before(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, act: Callable[[], None], *, after: bool = False
) -> None:
    """Let `act` happen once, just before (or after) the next call of that function."""
    real = getattr(owner, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(owner, name, real)
        if not after:
            act()
        result = real(*args, **kwargs)
        if after:
            act()
        return result

    monkeypatch.setattr(owner, name, call)


@pytest.fixture
def handed_out() -> tuple[OfflinePackage, Lesson, Lesson]:
    """A package whose first version is out, a lesson that stays in it and one that will be taken down."""
    kept, bad = factory.lesson(), factory.lesson()
    package = factory.package(kept, bad)
    ask(package)
    assert run_builds() == ["published"]
    return package, kept, bad


MOMENTS = {
    "the lease was taken": (services, "_take", True),
    "the content was collected": (contents, "survey", True),
    "the objects were announced": (services, "settle", False),
    "the objects were made public": (services, "settle", True),
    "the manifest is being signed": (Publisher, "publish", False),
    "the manifest was signed": (Publisher, "publish", True),
    "the build is being recorded": (services, "_finish", False),
    "the build was recorded": (services, "_finish", True),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_take_down_wins_whenever_it_meets_a_build(handed_out, monkeypatch, moment):
    package, kept, bad = handed_out
    # A new quiz makes the build sign something new whatever becomes of the lesson.
    package.quiz = people.quiz()
    package = factory.pass_review(package)
    ask(package)
    owner, name, after = MOMENTS[moment]
    before(monkeypatch, owner, name, lambda: take_down(bad), after=after)
    assert run_builds()[-1] == "published"
    [found] = signed()
    assert [lesson.material for lesson in found.lessons] == [kept.translation_key]
    assert found.recalled == (bad.translation_key,)
    assert (is_public(kept), is_public(bad)) == ({True}, {False})
    assert not recall.reconcile_packages(dispatch=no_dispatch)
    assert reconcile().withdrawn == 0, "nothing had been left behind for it"


def test_a_first_build_that_is_overtaken_signs_nothing_of_the_lesson(monkeypatch):
    kept, bad = factory.lesson(), factory.lesson()
    build = ask(factory.package(kept, bad))
    before(monkeypatch, services, "settle", lambda: take_down(bad))
    assert services.run_build(build.pk, dispatch=no_dispatch) == LessonNotPublished.code
    assert default_publisher().targets() == []
    assert (is_public(kept), is_public(bad)) == ({True}, {False})


def test_the_texts_of_a_lesson_go_with_its_media(handed_out):
    _package, kept, bad = handed_out
    hashes = [manifest_of(kept), manifest_of(bad)]
    assert [default_tree().is_published(sha256) for sha256 in hashes] == [True, True]
    take_down(bad)
    assert [default_tree().is_published(sha256) for sha256 in hashes] == [True, False]


def test_a_lesson_shown_again_brings_nothing_back_that_older_versions_held(handed_out):
    _package, _kept, bad = handed_out
    take_down(bad)
    old = publication.objects_of(bad.media_pins)
    replaced = factory.lesson()
    Lesson.objects.filter(pk=bad.pk).update(live=True, media_pins=replaced.media_pins, video=replaced.video)
    publication.publish(Lesson.objects.get(pk=bad.pk))
    reconcile()
    assert not any(default_tree().is_published(sha256) for sha256 in old)
    assert run_builds() == ["published"]
    [found] = signed()
    assert bad.translation_key in {lesson.material for lesson in found.lessons}
    assert not any(default_tree().is_published(sha256) for sha256 in old)
    assert not recall.reconcile_packages(dispatch=no_dispatch)


def test_a_package_stays_whole_when_a_lesson_is_published_anew_until_it_is_built_again(handed_out):
    _package, kept, _bad = handed_out
    other = factory.lesson()
    Lesson.objects.filter(pk=kept.pk).update(media_pins=other.media_pins, video=other.video)
    publication.publish(Lesson.objects.get(pk=kept.pk))
    reconcile()
    assert len(signed()) == 1


class TestARecallThatFails:
    @pytest.mark.parametrize(
        ("owner", "name", "failure", "code"),
        [
            (FolderTree, "publish", OSError(errno.ENOSPC, "No space left on device"), DiskFull.code),
            (Publisher, "publish", OSError(errno.ENOSPC, "No space left on device"), DiskFull.code),
            (Publisher, "publish", SigningKeyMissing(role="targets"), SigningKeyMissing.code),
        ],
    )
    def test_is_asked_for_again_until_it_holds(self, handed_out, monkeypatch, owner, name, failure, code):
        _package, kept, bad = handed_out
        # Something new to publish, so that every way of failing is met.
        Lesson.objects.filter(pk=kept.pk).update(title="改过的题目")
        take_down(bad)
        assert is_public(bad) == {False}

        def fail(*args: Any, **kwargs: Any) -> None:
            raise failure

        with monkeypatch.context() as patched:
            patched.setattr(owner, name, fail)
            assert run_builds() == [code]
        assert recall.reconcile_packages(dispatch=no_dispatch) == 0, "not at once"
        later = datetime.now(UTC) + rules.FIRST_RETRY_AFTER
        assert recall.reconcile_packages(clock=lambda: later, dispatch=no_dispatch) == 1
        assert run_builds() == ["published"]
        assert [found.recalled for found in signed()] == [(bad.translation_key,)]
        assert recall.reconcile_packages(clock=lambda: later + timedelta(days=1), dispatch=no_dispatch) == 0

    def test_leaves_nothing_public_that_only_it_had_announced(self, handed_out, monkeypatch):
        _package, kept, _bad = handed_out
        Lesson.objects.filter(pk=kept.pk).update(title="没有签成的题目")
        announced = manifest_of(kept)
        ask(handed_out[0])

        def fail(*args: Any, **kwargs: Any) -> None:
            assert default_tree().is_published(announced)
            raise SigningKeyMissing(role="targets")

        with monkeypatch.context() as patched:
            patched.setattr(Publisher, "publish", fail)
            assert run_builds() == [SigningKeyMissing.code]
        assert not default_tree().is_published(announced)
        assert len(signed()) == 1


def test_a_take_down_that_was_lost_on_the_way_is_found_by_looking_at_what_is_signed(handed_out):
    _package, kept, bad = handed_out
    Lesson.objects.filter(pk=bad.pk).update(live=False)
    assert recall.reconcile_packages(dispatch=no_dispatch) == 1
    assert recall.reconcile_packages(dispatch=no_dispatch) == 0, "one build is enough"
    assert run_builds() == ["published"]
    assert [lesson.material for lesson in signed()[0].lessons] == [kept.translation_key]


class TestTargets:
    def test_of_a_deleted_package_are_taken_back(self, handed_out):
        package, _kept, _bad = handed_out
        other = factory.package(factory.lesson())
        ask(other)
        run_builds()
        package.delete()
        recall.reconcile_packages(dispatch=no_dispatch)
        assert [found.package for found in signed()] == [other.package_id]

    def test_move_with_the_campaign_and_are_never_missing_between(self, handed_out):
        package, _kept, _bad = handed_out
        old = package.campaign.organisation.code
        package.campaign.organisation = people.organisation("county")
        package.campaign.save()
        new = package.campaign.organisation.code
        assert recall.reconcile_packages(dispatch=no_dispatch) == 1
        assert [found.organisation for found in signed()] == [old]
        assert run_builds() == ["published"]
        recall.reconcile_packages(dispatch=no_dispatch)
        assert [(found.organisation, found.version) for found in signed()] == [(new, 2)]

    def test_are_taken_back_once_more_when_the_keys_were_missing(self, handed_out):
        package, _kept, _bad = handed_out
        code = package.campaign.organisation.code
        package.delete()
        key = Path(settings.KEYS_DIR) / f"org-{code}.1.pem"
        kept = key.rename(key.with_suffix(".away"))
        with pytest.raises(SigningKeyMissing):
            recall.reconcile_packages(dispatch=no_dispatch)
        kept.rename(key)
        recall.reconcile_packages(dispatch=no_dispatch)
        assert signed() == []


def test_an_unreadable_manifest_holds_nothing_and_stops_no_take_down(handed_out):
    _package, _kept, bad = handed_out
    [path] = (Path(settings.PUBLIC_TREE_DIR) / "pkg").glob("*/*.json")
    path.write_bytes(b"{}")
    settle(publication.objects_of(bad.media_pins))
    take_down(bad)
    assert is_public(bad) == {False}

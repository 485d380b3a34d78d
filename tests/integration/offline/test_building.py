"""From published lessons to a signed package (docs/spec/offline-package.md §5)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cms.core.signals import material_withdrawn
from cms.lessons.models import Lesson
from media_pipeline.objects import FolderStore
from offline.packages import contents, rules, selectors, services
from offline.packages.errors import (
    DiskFull,
    LessonNotPublished,
    NothingToPack,
    PackageUnknown,
    RenditionsMissing,
    TreeDamaged,
)
from offline.packages.manifest import LessonManifest, parse_lesson
from offline.packages.models import PackageBuild, PackageUnit
from offline.packages.repository import Publisher, default_publisher
from offline.packages.verification import TreeVerifier, object_name
from tests.factories import offline as factory
from tests.factories import people

pytestmark = pytest.mark.django_db

State = PackageBuild.State


def no_dispatch(build_id: int) -> None:
    """A worker that never comes."""


def build(package) -> PackageBuild:
    """Request and run, as the worker would."""
    requested = services.request_build(package, dispatch=no_dispatch)
    services.run_build(requested.pk, dispatch=no_dispatch)
    requested.refresh_from_db()
    return requested


def verify(settings) -> list:
    tree = Path(settings.PUBLIC_TREE_DIR)
    return TreeVerifier(trusted_root=default_publisher().trusted_root(), folder=tree).verify()


def read_lesson(settings, sha256: str) -> LessonManifest:
    return parse_lesson((Path(settings.PUBLIC_TREE_DIR) / object_name(sha256)).read_bytes())


class TestRefusals:
    def test_a_package_without_lessons_says_to_add_one(self):
        with pytest.raises(NothingToPack):
            services.request_build(factory.package())

    def test_an_unpublished_lesson_is_named(self):
        package = factory.package(factory.lesson(title="未审", published=False))
        with pytest.raises(LessonNotPublished) as refusal:
            services.request_build(package)
        assert "未审" in refusal.value.zh
        assert not PackageBuild.objects.exists()

    @pytest.mark.parametrize(
        ("rungs", "missing"), [((), "声音"), (("h264-240",), "声音"), (("poster", "muxed-240"), "声音")]
    )
    def test_a_lesson_without_finished_media_says_what_is_missing(self, rungs, missing):
        package = factory.package(factory.lesson(rungs=rungs))
        with pytest.raises(RenditionsMissing) as refusal:
            services.request_build(package)
        assert missing in refusal.value.zh

    def test_a_picture_that_is_still_being_encoded_is_waited_for(self):
        lesson = factory.lesson(rungs=("opus-16", "aac-24"))
        lesson.video.media_source.jobs.update(state="encoding")
        with pytest.raises(RenditionsMissing) as refusal:
            services.request_build(factory.package(lesson))
        assert "画面" in refusal.value.zh

    def test_a_lesson_that_is_sound_only_is_no_fault(self, settings):
        assert build(factory.package(factory.lesson(rungs=("opus-16", "aac-24")))).state == State.PUBLISHED

    def test_everything_that_stands_in_the_way_is_listed_at_once(self):
        package = factory.package(factory.lesson(published=False), factory.lesson(rungs=()), factory.lesson())
        composition, problems = selectors.composition(package)
        assert [type(problem) for problem in problems] == [LessonNotPublished, RenditionsMissing]
        assert composition.lessons == 1


def test_a_built_package_is_verified_by_an_ordinary_client(settings):
    quiz = people.quiz()
    package = factory.package(factory.lesson(), factory.lesson(case=True, minutes=30), quiz=quiz)
    built = build(package)
    assert (built.state, built.version, built.progress, built.minutes) == (State.PUBLISHED, 1, 1.0, 42)
    [verified] = verify(settings)
    assert verified.manifest.package == package.package_id
    assert verified.manifest.organisation == package.campaign.organisation.code
    assert [str(lesson.material) for lesson in verified.manifest.lessons] == built.materials
    assert [reference.material for reference in verified.manifest.quizzes] == [quiz.material_id]
    assert verified.length == built.total_length


def test_slides_are_packed_for_every_choice_and_av1_where_it_is_no_larger(settings):
    rungs = (*factory.RUNGS, *factory.MORE_RUNGS)
    built = build(factory.package(factory.lesson(rungs=rungs), factory.lesson(rungs=rungs)))
    [verified] = verify(settings)
    lessons = [read_lesson(settings, reference.sha256) for reference in verified.manifest.lessons]
    for lesson in lessons:
        profiles = [item.profile for item in lesson.items]
        assert "deck" in profiles and "av1-360" in profiles, "22 kB are fewer than the 40 of h264-360"
        assert "av1-480" not in profiles, "no choice takes it"
        [deck] = [item for item in lesson.items if item.kind == "deck"]
        assert deck in rules.chosen_items(lesson, "sound")
        assert "slides" in json.loads((Path(settings.PUBLIC_TREE_DIR) / object_name(deck.index or "")).read_bytes())
    assert built.sizes["clear"] - built.sizes["clear-av1"] == pytest.approx(2 * (40_000 - 22_000), abs=100), "indexes"
    assert built.sizes["small"] == built.sizes["small-av1"], "22 kB are more than the 20 of h264-240"


def test_a_deck_under_the_index_of_another_object_is_found(settings):
    build(factory.package(factory.lesson(rungs=(*factory.RUNGS, "deck"))))
    [verified] = verify(settings)
    lesson = read_lesson(settings, verified.manifest.lessons[0].sha256)
    [deck] = [item for item in lesson.items if item.kind == "deck"]
    [video] = [item for item in lesson.items if item.profile == "h264-240"]
    verifier = TreeVerifier(trusted_root=default_publisher().trusted_root(), folder=Path(settings.PUBLIC_TREE_DIR))
    with pytest.raises(TreeDamaged, match="index of another object"):
        verifier._check_item(replace(deck, index=video.index, index_length=video.index_length))


def test_the_static_overhead_stays_small():
    lesson = factory.lesson(scale=200)
    built = build(factory.package(lesson))
    manifest = contents.lesson_manifest(lesson, FolderStore(default_publisher().tree.parent / "objects"))
    media = sum(item.length for item in manifest.items)
    assert (built.total_length + built.manifest_length - media) / media <= 0.001


def test_objects_are_linked_not_copied(settings):
    lesson = factory.lesson()
    build(factory.package(lesson))
    sha256 = lesson.video.media_source.renditions.get(name="opus-16").sha256
    public = Path(settings.PUBLIC_TREE_DIR) / "b" / sha256[:2] / sha256
    assert public.samefile(Path(settings.OBJECTS_DIR) / sha256[:2] / sha256)


def test_an_edit_touches_one_lesson_manifest_and_the_package_manifest(settings):
    first, second = factory.lesson(), factory.lesson()
    package = factory.package(first, second)
    build(package)
    [before] = verify(settings)
    Lesson.objects.filter(pk=second.pk).update(title="改过的题目")
    build(package)
    [after] = verify(settings)
    assert (before.manifest.version, after.manifest.version) == (1, 2)
    assert before.manifest.lessons[0] == after.manifest.lessons[0]
    assert before.manifest.lessons[1].sha256 != after.manifest.lessons[1].sha256


def test_whole_units_bring_their_published_lessons_after_the_single_ones(settings):
    from cms.curriculum.models import CurriculumIndex, CurriculumOutline, OutlineUnit

    index = CurriculumIndex.objects.first()
    outline = index.add_child(instance=CurriculumOutline(title="大纲", slug="o", edition="2026", live=False))
    unit = outline.add_child(instance=OutlineUnit(title="单元", slug="u", live=False))
    inside, draft = factory.lesson(parent=unit), factory.lesson(parent=unit, published=False)
    single = factory.lesson()
    package = factory.package(single, inside)
    PackageUnit.objects.create(package=package, unit=unit)
    built = build(package)
    assert built.materials == [str(single.translation_key), str(inside.translation_key)]
    assert str(draft.translation_key) not in built.materials


def test_the_phone_takes_one_sound_a_language_and_the_picture_it_chose():
    lesson = factory.lesson()
    manifest = contents.lesson_manifest(lesson, FolderStore(default_publisher().tree.parent / "objects"))
    profiles = {choice: [item.profile for item in rules.chosen_items(manifest, choice)] for choice in rules.CHOICES}
    assert profiles == {
        "sound": ["poster", "opus-16"],
        "small": ["poster", "opus-16", "h264-240"],
        "clear": ["poster", "opus-16", "h264-360"],
    }
    built = build(factory.package(lesson))
    assert built.sizes["sound"] < built.sizes["small"] < built.sizes["clear"] < built.total_length


class TestInterruptions:
    def test_a_second_request_while_one_is_unfinished_is_the_same_build(self):
        package = factory.package(factory.lesson())
        assert services.request_build(package, dispatch=no_dispatch) == services.request_build(package)
        assert PackageBuild.objects.count() == 1

    def test_a_build_whose_worker_was_killed_is_handed_out_again_and_finishes(self, settings):
        requested = services.request_build(factory.package(factory.lesson()), dispatch=no_dispatch)
        killed = services._take(requested.pk, datetime.now(UTC))
        assert services.run_build(requested.pk) == "left alone"
        handed_out: list[int] = []
        assert services.sweep_builds(dispatch=handed_out.append) == 0
        later = datetime.now(UTC) + rules.BUILD_LEASE + timedelta(seconds=1)
        assert services.sweep_builds(clock=lambda: later, dispatch=handed_out.append) == 1
        assert services.run_build(handed_out[0], clock=lambda: later) == "published"
        with pytest.raises(services.LeaseLost):
            services._write(killed, progress=0.5)
        assert len(verify(settings)) == 1

    def test_a_build_that_was_signed_before_its_worker_died_is_adopted_not_signed_again(self, settings, monkeypatch):
        class Killed(BaseException):
            pass

        def die(*args, **kwargs):
            raise Killed

        requested = services.request_build(factory.package(factory.lesson()), dispatch=no_dispatch)
        with monkeypatch.context() as patched:
            patched.setattr(services, "_finish", die)
            with pytest.raises(Killed):
                services.run_build(requested.pk)
        signed = default_publisher().state().timestamp.signed.version
        later = datetime.now(UTC) + rules.BUILD_LEASE + timedelta(seconds=1)
        assert services.run_build(requested.pk, clock=lambda: later) == "published"
        requested.refresh_from_db()
        assert requested.version == 1
        assert default_publisher().state().timestamp.signed.version == signed
        assert len(verify(settings)) == 1

    def test_a_build_that_keeps_dying_is_given_up_with_words(self):
        requested = services.request_build(factory.package(factory.lesson()), dispatch=no_dispatch)
        moment = datetime.now(UTC)
        for _attempt in range(rules.MAX_ATTEMPTS + 1):
            services._take(requested.pk, moment)
            moment += rules.BUILD_LEASE * 2
        requested.refresh_from_db()
        assert (requested.state, requested.error_code) == (State.FAILED, "package-build-interrupted")

    def test_a_full_disk_leaves_the_old_version_and_says_so(self, settings, monkeypatch):
        package = factory.package(factory.lesson())
        build(package)

        def full(*args, **kwargs):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(Publisher, "publish", full)
            failed = build(package)
        assert (failed.state, failed.error_code) == (State.FAILED, DiskFull.code)
        [verified] = verify(settings)
        assert verified.manifest.version == 1
        assert build(package).version == 3

    def test_a_version_never_falls_even_when_the_database_was_restored_from_an_old_copy(self, settings):
        package = factory.package(factory.lesson())
        for _round in range(3):
            build(package)
        PackageBuild.objects.filter(version__gt=1).delete()
        Lesson.objects.update(title="恢复以后改过")
        assert build(package).version == 4
        assert verify(settings)[0].manifest.version == 4

    def test_a_damaged_object_in_the_store_is_found_before_it_is_handed_out(self, settings):
        lesson = factory.lesson()
        sha256 = lesson.video.media_source.renditions.get(name="h264-240").sha256
        path = Path(settings.OBJECTS_DIR) / sha256[:2] / sha256
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        failed = build(factory.package(lesson))
        assert (failed.state, failed.error_code) == (State.FAILED, TreeDamaged.code)
        assert sha256 in failed.error_detail


class TestTakeDown:
    def withdraw(self, lesson: Lesson) -> None:
        Lesson.objects.filter(pk=lesson.pk).update(live=False)
        material_withdrawn.send(sender=Lesson, material_id=lesson.translation_key)

    def test_a_take_down_reaches_the_packages_that_were_handed_out(self, settings):
        kept, withdrawn = factory.lesson(), factory.lesson()
        package = factory.package(kept, withdrawn)
        build(package)
        self.withdraw(withdrawn)
        rebuild = PackageBuild.objects.unfinished().get()
        services.run_build(rebuild.pk, dispatch=no_dispatch)
        [verified] = verify(settings)
        assert verified.manifest.recalled == (withdrawn.translation_key,)
        assert [lesson.material for lesson in verified.manifest.lessons] == [kept.translation_key]

    def test_a_recall_stays_in_every_later_version(self, settings):
        kept, withdrawn = factory.lesson(), factory.lesson()
        package = factory.package(kept, withdrawn)
        build(package)
        self.withdraw(withdrawn)
        services.run_build(PackageBuild.objects.unfinished().get().pk, dispatch=no_dispatch)
        package.package_lessons.filter(lesson=withdrawn.page_ptr).delete()
        build(package)
        assert verify(settings)[0].manifest.recalled == (withdrawn.translation_key,)

    def test_a_package_whose_every_lesson_was_taken_down_says_only_that(self, settings):
        lesson = factory.lesson()
        build(factory.package(lesson))
        self.withdraw(lesson)
        services.run_build(PackageBuild.objects.unfinished().get().pk, dispatch=no_dispatch)
        [verified] = verify(settings)
        assert (verified.manifest.lessons, verified.manifest.recalled) == ((), (lesson.translation_key,))


class TestVerification:
    def test_a_flipped_bit_in_any_file_is_reported_with_its_name_and_what_to_do(self, settings):
        build(factory.package(factory.lesson(), quiz=people.quiz()))
        tree = Path(settings.PUBLIC_TREE_DIR)
        publisher = default_publisher()
        root = publisher.trusted_root()
        lesson_objects = {name for name, _length in self.objects(tree, root)}
        files = [tree / name for name in lesson_objects]
        files += list((tree / "pkg").rglob("*.json"))
        files += [publisher.metadata_dir / name for name in self.metadata_names(publisher)]
        assert len(files) >= 14
        for path in files:
            content = path.read_bytes()
            damaged = bytearray(content)
            damaged[len(damaged) // 2] ^= 0x10
            self.replace(path, bytes(damaged))
            with pytest.raises(TreeDamaged) as refusal:
                TreeVerifier(trusted_root=root, folder=tree).verify()
            assert path.name in refusal.value.zh
            assert "verify_package" in refusal.value.zh
            self.replace(path, content)
        assert verify(settings)

    @staticmethod
    def replace(path: Path, content: bytes) -> None:
        """Public files are hard links: write a new file, so that the private store keeps its bytes."""
        path.unlink()
        path.write_bytes(content)

    @staticmethod
    def objects(tree: Path, root: bytes) -> list[tuple[str, int]]:
        seen: list[tuple[str, int]] = []
        TreeVerifier(
            trusted_root=root, folder=tree, on_object=lambda name, length: seen.append((name, length))
        ).verify()
        return seen

    @staticmethod
    def metadata_names(publisher: Publisher) -> list[str]:
        from offline.packages import signing

        state = publisher.state()
        # 1.targets.json is superseded by the delegation; only what the state names is read.
        return list(signing.metadata_files(state))

    def test_a_missing_and_a_truncated_object_are_reported_too(self, settings):
        build(factory.package(factory.lesson()))
        tree = Path(settings.PUBLIC_TREE_DIR)
        root = default_publisher().trusted_root()
        name, _length = max(self.objects(tree, root), key=lambda pair: pair[1])
        content = (tree / name).read_bytes()
        (tree / name).unlink()
        with pytest.raises(TreeDamaged, match=name):
            verify(settings)
        (tree / name).write_bytes(content[:-1])
        with pytest.raises(TreeDamaged, match=name):
            verify(settings)
        (tree / name).write_bytes(content + b"more")
        with pytest.raises(TreeDamaged, match=name):
            verify(settings)

    def test_the_command_succeeds_on_a_whole_tree_and_fails_with_both_languages_on_a_damaged_one(
        self, settings, capsys
    ):
        build(factory.package(factory.lesson()))
        call_command("verify_package")
        assert "全部正确" in capsys.readouterr().out
        for path in (Path(settings.PUBLIC_TREE_DIR) / "b").rglob("*"):
            if path.is_file():
                path.unlink()
        with pytest.raises(CommandError) as refusal:
            call_command("verify_package")
        assert "已发布的目录树有问题" in str(refusal.value)
        assert "The published tree is damaged" in str(refusal.value)


def test_the_list_and_one_package_are_read_in_a_handful_of_queries(django_assert_max_num_queries):
    for _number in range(3):
        build(factory.package(factory.lesson()))
    with django_assert_max_num_queries(3):
        listed = selectors.published_packages()
    assert len(listed) == 3
    with pytest.raises(PackageUnknown):
        selectors.published_package(UUID(int=1))


@given(data=st.data())
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_published_edited_and_taken_down_versions_rise_and_every_tree_is_whole(data, settings):
    """A short life of a package: after every step an ordinary client finds it whole, and no version ever falls."""
    lessons = [factory.lesson() for _number in range(3)]
    package = factory.package(*lessons)
    highest = 0
    for step in data.draw(st.lists(st.sampled_from(["build", "edit", "take down", "restore"]), max_size=5)):
        lesson = lessons[data.draw(st.integers(0, 2))]
        if step == "edit":
            Lesson.objects.filter(pk=lesson.pk).update(title=data.draw(st.text("甲乙丙丁", min_size=1, max_size=4)))
        if step == "take down":
            Lesson.objects.filter(pk=lesson.pk).update(live=False)
            material_withdrawn.send(sender=Lesson, material_id=lesson.translation_key)
        if step == "restore":
            Lesson.objects.filter(pk=lesson.pk).update(live=True)
        if step == "build":
            try:
                services.request_build(package, dispatch=no_dispatch)
            except LessonNotPublished:
                continue
        for unfinished in PackageBuild.objects.unfinished():
            services.run_build(unfinished.pk, dispatch=no_dispatch)
        newest = [found for found in verify(settings) if found.manifest.package == package.package_id]
        if newest:
            manifest = newest[0].manifest
            assert manifest.version >= highest
            highest = manifest.version
            held = {reference.material for reference in manifest.lessons}
            assert not held & set(manifest.recalled)
            if step == "take down":
                assert lesson.translation_key not in held


def test_a_lesson_manifest_contains_nothing_that_changes_from_package_to_package():
    lesson = factory.lesson()
    store = FolderStore(default_publisher().tree.parent / "objects")
    document = json.loads(contents.lesson_manifest(lesson, store).as_bytes())
    assert set(document) == {"v", "material", "revision", "title", "summary", "minutes", "genre", "teacher", "items"}
    assert (
        hashlib.sha256(contents.lesson_manifest(lesson, store).as_bytes()).hexdigest()
        == hashlib.sha256(contents.lesson_manifest(lesson, store).as_bytes()).hexdigest()
    )

"""Lessons as they are shown: pins, public objects, playlists, subtitles, few queries."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse

from cms.core.signals import material_published
from cms.lessons import overview, publication, receivers, selectors
from cms.lessons.models import Case, Lesson, PublishedObject
from cms.review import services
from cms.review.errors import ReviewRequired
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.objects import default_store
from media_pipeline.publication import FolderTree, Settled, default_tree, reconcile
from media_pipeline.signals import rendition_published, swept
from offline.packages import contents
from tests.factories import cms as make

pytestmark = pytest.mark.django_db

VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n三江源 𠀀\n".encode()


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


def objects_of(lesson: Lesson) -> set[str]:
    return set(PublishedObject.objects.filter(material_id=lesson.translation_key).values_list("sha256", flat=True))


def all_public(hashes: set[str]) -> bool:
    return all(default_tree().is_published(sha256) for sha256 in hashes)


def test_publishing_makes_exactly_the_lessons_objects_public(commits) -> None:
    own_subtitle = VTT + f"{uuid.uuid4()}\n".encode()
    with commits():
        lesson = make.make_lesson(subtitles={"zh-hans": own_subtitle}, dubs=("adx",))
    needed = publication.objects_of(lesson.latest_revision.as_object().media_pins)
    assert len(needed) == 5 + 3 + 2 + 2 + 1  # rungs, their indexes, the dub's two with theirs, the subtitle
    assert not any(default_tree().is_published(sha256) for sha256 in needed)
    with commits():
        make.publish(lesson)
    assert objects_of(lesson) == needed
    assert all_public(needed)


def test_taking_down_removes_them_but_for_what_another_lesson_shows(commits) -> None:
    media = make.make_media()
    with commits():
        first = make.make_lesson(published=True, video=media, subtitles={"zh-hans": VTT})
        second = make.make_lesson(published=True, video=media)
    shared = objects_of(second)
    only_first = objects_of(first) - shared
    assert only_first
    with commits():
        Lesson.objects.get(pk=first.pk).unpublish()
    assert all_public(shared)
    assert not any(default_tree().is_published(sha256) for sha256 in only_first)
    with commits():
        Lesson.objects.get(pk=second.pk).delete()
    assert not any(default_tree().is_published(sha256) for sha256 in shared)
    assert default_store().exists(next(iter(shared)))


def test_a_rendition_that_is_finished_later_becomes_public_without_a_review(commits) -> None:
    source = make.make_source(rungs=("opus-16", "aac-24"))
    with commits():
        lesson = make.make_lesson(published=True, video=make.make_media(source=source))
    before = Lesson.objects.get(pk=lesson.pk).live_revision_id
    heard = []
    material_published.connect(receiver := lambda sender, material_id, **kwargs: heard.append(material_id))
    with commits():
        rendition = make.add_rendition(source, "h264-240")
        rendition_published.send(sender=MediaSource, source=source, rendition=rendition)
    material_published.disconnect(receiver)
    assert all_public({rendition.sha256, rendition.index_sha256})
    assert heard == [lesson.translation_key]
    after = Lesson.objects.get(pk=lesson.pk)
    assert after.live_revision_id == before
    assert not after.has_unpublished_changes


def test_a_crash_between_commit_and_link_is_repaired(commits) -> None:
    lesson = make.make_lesson(published=True)  # its on-commit work never ran
    assert not all_public(objects_of(lesson))
    assert reconcile() == Settled(shown=len(objects_of(lesson)), withdrawn=0)
    assert all_public(objects_of(lesson))
    assert reconcile() == Settled(shown=0, withdrawn=0)


def test_a_crash_between_a_take_downs_commit_and_the_tree_is_repaired(commits) -> None:
    with commits():
        lesson = make.make_lesson(published=True)
    shown = objects_of(lesson)
    Lesson.objects.get(pk=lesson.pk).unpublish()  # its on-commit work never ran
    assert all_public(shown)
    assert reconcile() == Settled(shown=0, withdrawn=len(shown))
    assert not any(default_tree().is_published(sha256) for sha256 in shown)


def test_a_page_that_went_off_before_its_rows_did_shows_nothing(commits) -> None:
    with commits():
        lesson = make.make_lesson(published=True)
    shown = objects_of(lesson)
    Lesson.objects.filter(pk=lesson.pk).update(live=False)
    reconcile()
    assert not any(default_tree().is_published(sha256) for sha256 in shown)


def test_a_full_disk_keeps_nothing_public_that_has_to_go_and_stops_nothing_else(commits, monkeypatch) -> None:
    source = make.make_source(rungs=("opus-16", "aac-24"))
    with commits():
        lesson = make.make_lesson(published=True, video=make.make_media(source=source))
    gone, added, done = objects_of(lesson), make.make_source(), []

    def full(*args, **kwargs) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(FolderTree, "publish", full)
        with commits():
            publication.show_objects(lesson.translation_key, set(added.renditions.values_list("sha256", flat=True)))
            transaction.on_commit(lambda: done.append("the next in line"))
    assert not any(default_tree().is_published(sha256) for sha256 in gone)
    assert done == ["the next in line"]
    reconcile()
    assert all_public(objects_of(lesson))


def test_a_worker_reconciles_when_it_starts_and_then_now_and_then(commits) -> None:
    with commits():
        lesson = make.make_lesson(published=True)
    shown = objects_of(lesson)
    Lesson.objects.get(pk=lesson.pk).unpublish()
    chore = next(chore for chore in receivers._upkeep.chores if chore.work is reconcile)
    chore.due_at = 0.0
    swept.send(sender=None)
    assert not any(default_tree().is_published(sha256) for sha256 in shown)
    assert chore.due_at > 0


def test_the_player_knows_the_playlists_of_what_is_public_and_of_nothing_else(commits, client, rf) -> None:
    with commits():
        lesson = Lesson.objects.get(pk=make.make_lesson(published=True).pk)
    address = selectors.page_context(lesson, rf.get("/"))["player_data"]["hls"]
    playlist = client.get(address).content.decode()
    assert 'CODECS="avc1' in playlist
    assert "opus" not in playlist
    assert "opus" in client.get(address.split("?")[0]).content.decode()
    assert client.get(address.split("?")[0], {"codecs": "none-such"}).status_code == 404
    preview = rf.get("/")
    preview.is_preview = True
    assert selectors.page_context(lesson, preview)["player_data"]["hls"] is None
    with commits():
        Lesson.objects.get(pk=lesson.pk).unpublish()
    assert selectors.page_context(Lesson.objects.get(pk=lesson.pk), rf.get("/"))["player_data"]["hls"] is None


def test_a_replaced_subtitle_is_a_draft_and_the_old_one_stays_public(commits, client) -> None:
    with commits():
        lesson = make.make_lesson(published=True, subtitles={"zh-hans": VTT})
    address = reverse("subtitles", args=[lesson.translation_key, "zh-hans"])
    assert "三江源" in client.get(address).content.decode()
    document = lesson.tracks.get(kind="subtitle").subtitle
    with commits():
        document.file = ContentFile("WEBVTT\n\n00:01.000 --> 00:02.000\n改过的字幕\n".encode(), name="new.vtt")
        document.save()
    changed = Lesson.objects.get(pk=lesson.pk)
    assert changed.has_unpublished_changes
    assert changed.latest_revision.content["media_pins"] != changed.media_pins
    assert "三江源" in client.get(address).content.decode()
    with commits():
        services.review_and_publish(changed, author=make.make_editor(), reviewers=make.make_reviewers())
    assert "改过的字幕" in client.get(address).content.decode()


def test_a_replaced_track_is_a_draft_and_the_old_one_is_still_shown(commits) -> None:
    with commits():
        lesson = make.make_lesson(published=True, dubs=("adx",))
    before = selectors.lesson_view(Lesson.objects.get(pk=lesson.pk))
    dub = lesson.tracks.get(kind="audio").audio
    with commits():
        dub.media_source = make.make_source(rungs=("opus-16",))
        dub.save()
        from cms.core.models import LectureMedia
        from cms.core.signals import media_replaced

        media_replaced.send(sender=LectureMedia, media=dub, author=None)
    after = Lesson.objects.get(pk=lesson.pk)
    assert selectors.lesson_view(after).audio == before.audio
    draft = after.get_latest_revision_as_object()
    assert selectors.lesson_view(draft, draft=True).audio[1] != before.audio[1]
    assert selectors.lesson_view(draft, draft=True).revision_sha256 != before.revision_sha256


def test_the_view_names_every_track_and_the_own_sound_first(commits) -> None:
    with commits():
        lesson = make.make_lesson(published=True, title="三江源𠀀", subtitles={"zh-hans": VTT}, dubs=("adx", "bo"))
    view = selectors.lesson_view(lesson)
    assert [track.language for track in view.audio] == ["zh-hans", "adx", "bo"]
    assert list(view.audio[0].renditions) == ["opus-16", "aac-24"]
    assert [obj.height for obj in view.video] == [240]
    data = selectors.player_data(view)
    assert data["material"] == str(lesson.translation_key)
    assert data["title"] == "三江源𠀀"
    assert data["muxed"]["url"].startswith("/b/")
    assert {"name", "url", "index_url", "mime", "length"} == set(data["audio"][0]["sources"][0])
    assert data["subtitles"] == [
        {"language": "zh-hans", "label": "汉语", "url": f"/subtitles/{lesson.translation_key}/zh-hans.vtt"}
    ]


def test_the_player_is_told_of_slides_where_there_are_some_and_of_each_pictures_codec(commits, client) -> None:
    with commits():
        lesson = make.make_lesson(published=True)
    assert selectors.player_data(selectors.lesson_view(lesson))["deck"] is None
    picture = Rendition.objects.get(kind="video", source__sha256=lesson.media_pins["video"])
    slides = {"name": "deck", "kind": "deck", "mime": "image/webp", "sha256": "ab" * 32, "length": 5}
    tiles = {"name": "sprite", "kind": "sprite", "mime": "image/webp", "sha256": "cd" * 32, "index_sha256": "ef" * 32}
    for fields in (slides, tiles, {"name": "av1-360", "mime": 'video/mp4; codecs="av01.0.01M.08"', "height": 360}):
        copy = Rendition.objects.get(pk=picture.pk)
        copy.pk = None
        for field, value in fields.items():
            setattr(copy, field, value)
        copy.save()
    data = selectors.player_data(selectors.lesson_view(Lesson.objects.get(pk=lesson.pk)))
    assert set(data["deck"]) == {"name", "url", "index_url", "length"}
    assert data["deck"]["url"] == f"/b/ab/{'ab' * 32}?type=image%2Fwebp"
    assert data["sprite"]["url"] == f"/b/cd/{'cd' * 32}?type=image%2Fwebp"
    assert data["sprite"]["index_url"] == f"/b/ef/{'ef' * 32}?type=text%2Fvtt"
    assert [item["mime"].split('"')[1][:4] for item in data["video"]] == ["avc1", "av01"]
    assert client.get(reverse("hls_rung", args=[lesson.translation_key, "deck"])).status_code == 404


def test_a_teacher_is_named_once_his_profile_is_public_and_a_new_name_is_another_revision(commits, client) -> None:
    teacher = make.make_teacher(name="才仁多杰", published=False)
    with commits():
        lesson = make.make_lesson(published=True, teacher=teacher)

    def seen() -> selectors.LessonView:
        return selectors.lesson_view(Lesson.objects.get(pk=lesson.pk))

    nameless = seen()
    assert nameless.teacher_name == ""
    assert "才仁多杰" not in client.get(lesson.get_url()).content.decode()
    live = make.publish(teacher)
    named = seen()
    assert named.teacher_name == "才仁多杰"
    live.name = "才仁卓玛"
    live.save_revision()
    assert seen() == named
    make.publish(live)
    renamed = seen()
    assert renamed.teacher_name == "才仁卓玛"
    assert len({view.revision_sha256 for view in (nameless, named, renamed)}) == 3


def test_a_lecture_recorded_in_amdo_is_an_amdo_track_everywhere(commits, client) -> None:
    with commits():
        lesson = make.make_lesson(published=True, own_language="adx", dubs=("zh-hans",))
    view = selectors.lesson_view(lesson)
    assert [(track.language, track.label) for track in view.audio] == [("adx", "藏语（安多）"), ("zh-hans", "汉语")]
    assert [track["language"] for track in selectors.player_data(view)["audio"]] == ["adx", "zh-hans"]
    sounds = [item for item in contents.lesson_manifest(lesson, default_store()).items if item.kind == "audio"]
    assert {item.language for item in sounds if item.sha256 in str(view.audio[0])} == {"adx"}
    master = client.get(reverse("hls_master", args=[lesson.translation_key])).content.decode()
    own = next(line for line in master.splitlines() if "DEFAULT=YES" in line)
    assert 'LANGUAGE="adx",NAME="藏语（安多）"' in own
    checks = {check.name: check.state for check in overview.tracks_checks(lesson, [], edit_url="")}
    assert checks["藏语配音"] == "ok"


def test_another_own_language_is_another_revision_and_no_change_of_a_live_row(commits) -> None:
    with commits():
        lesson = make.make_lesson(published=True)
    before = selectors.lesson_view(lesson).revision_sha256
    lesson.own_language = "bo"
    assert selectors.lesson_view(lesson).revision_sha256 != before
    with pytest.raises(ReviewRequired):
        lesson.save()


def test_a_case_has_the_same_view(commits) -> None:
    with commits():
        case = make.make_lesson(published=True, model=Case, body="案例正文", place="曲麻莱", dubs=("adx",))
    view = selectors.lesson_view(case)
    assert (view.kind, view.genre_label, view.body) == ("case", "案例", "案例正文")
    assert [track.language for track in view.audio] == ["zh-hans", "adx"]


def test_playlists_are_served_for_live_lessons_only(commits, client) -> None:
    with commits():
        lesson = make.make_lesson(dubs=("adx",))
    address = reverse("hls_master", args=[lesson.translation_key])
    assert client.get(address).status_code == 404
    with commits():
        make.publish(lesson)
    master = client.get(address)
    assert master.headers["Content-Type"] == "application/vnd.apple.mpegurl"
    text = master.content.decode()
    assert f"/hls/{lesson.translation_key}/h264-240.m3u8" in text
    assert f"/hls/{lesson.translation_key}/adx/aac-24.m3u8" in text
    rung = client.get(reverse("hls_rung", args=[lesson.translation_key, "aac-24"])).content.decode()
    assert "#EXT-X-MAP" in rung
    assert "/b/" in rung
    assert client.get(reverse("hls_dub", args=[lesson.translation_key, "adx", "opus-16"])).status_code == 200


@pytest.mark.parametrize(
    "path", ["hls/{}/master.m3u8", "hls/{}/h264-240.m3u8", "hls/{}/adx/opus-16.m3u8", "subtitles/{}/bo.vtt"]
)
def test_an_unknown_lesson_has_no_streams(path, client) -> None:
    assert client.get("/" + path.format(uuid.uuid4())).status_code == 404


@pytest.mark.parametrize("said", ["", "abc", "-3", "nan", "inf", "1e9"])
def test_an_odd_start_is_the_beginning(said) -> None:
    assert selectors.start_seconds(said) == 0.0


def test_a_start_in_the_address_reaches_the_player() -> None:
    assert selectors.start_seconds("734.2") == 734.2


def test_the_public_pages_take_few_queries(commits, client, django_assert_max_num_queries) -> None:
    with commits():
        outline = make.make_outline(published=True)
        unit = make.make_unit(outline, published=True)
        teacher = make.make_teacher(name="才仁多杰")
        lesson = make.make_lesson(unit, published=True, subtitles={"zh-hans": VTT}, dubs=("adx",), teacher=teacher)
        for _ in range(3):
            make.make_lesson(unit, published=True)
        site = make.make_site(title="原子城纪念馆")
    addresses = [
        "/courses/",
        outline.get_url(),
        unit.get_url(),
        lesson.get_url(),
        "/sites/",
        site.get_url(),
        "/teachers/",
    ]
    for address in addresses:
        client.get(address)
    for address in addresses:
        with django_assert_max_num_queries(8, info=address):
            from django.core.cache import cache

            cache.clear()
            answer = client.get(address)
        assert answer.status_code == 200, address
    assert "才仁多杰" in client.get(lesson.get_url()).content.decode()

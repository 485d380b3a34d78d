"""Each language's dub and subtitle comes, changes and goes by itself: reviewed as an edit, the picture left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cms.core.models import PlatformDocument
from cms.lessons import selectors
from cms.lessons.models import ContentLanguage, Lesson, LessonTrack
from cms.review import services
from media_pipeline.models import Rendition, TranscodeJob
from search.selectors import search_materials
from tests.factories import cms as make

pytestmark = pytest.mark.django_db

JSON = {"HTTP_ACCEPT": "application/json"}
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n{}\n"
ASS = "[Script Info]\n[Events]\nFormat: Layer, Start, End, Text\nDialogue: 0,{start},{end},{{\\an8}}{text}\n"


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path) -> None:
    settings.MEDIA_ROOT, settings.OBJECTS_DIR = tmp_path / "media", tmp_path / "objects"
    settings.PUBLIC_TREE_DIR = tmp_path / "public"


@pytest.fixture
def editor() -> Any:
    return make.make_editor()


@pytest.fixture
def live(editor) -> Lesson:
    lesson = make.make_lesson(
        author=editor, published=True, dubs=("adx", "khg"), subtitles={"zh-hans": VTT.format("旧").encode()}
    )
    return Lesson.objects.get(pk=lesson.pk)


def document(name: str, text: str) -> PlatformDocument:
    made = PlatformDocument(title=name)
    made.file.save(name, ContentFile(text.encode()), save=False)
    made.save()
    return made


def sound() -> Any:
    return make.make_media(source=make.make_source(rungs=("opus-16",)), kind="audio")


def track_of(lesson: Lesson, kind: str, language: str) -> LessonTrack:
    [found] = [track for track in lesson.tracks.all() if (track.kind, track.language) == (kind, language)]
    return found


def add_a_dub(lesson: Lesson) -> None:
    lesson.tracks.add(LessonTrack(kind="audio", language="mn", audio=sound()))


def replace_a_dub(lesson: Lesson) -> None:
    track_of(lesson, "audio", "adx").audio = sound()


def withdraw_a_dub(lesson: Lesson) -> None:
    lesson.tracks.remove(track_of(lesson, "audio", "adx"))


def add_a_subtitle(lesson: Lesson) -> None:
    said = ASS.format(start="0:00:01.00", end="0:00:02.00", text="བོད་ཡིག")
    lesson.tracks.add(LessonTrack(kind="subtitle", language="bo", subtitle=document("a.ass", said)))


def replace_a_subtitle(lesson: Lesson) -> None:
    track_of(lesson, "subtitle", "zh-hans").subtitle = document("b.vtt", VTT.format("新"))


def withdraw_a_subtitle(lesson: Lesson) -> None:
    lesson.tracks.remove(track_of(lesson, "subtitle", "zh-hans"))


CHANGES = [add_a_dub, replace_a_dub, withdraw_a_dub, add_a_subtitle, replace_a_subtitle, withdraw_a_subtitle]


def shown(lesson: Lesson) -> dict[tuple[str, str], str]:
    """What the public gets of each track: the hash of its bytes, by kind and language; and the picture."""
    pins = Lesson.objects.get(pk=lesson.pk).media_pins
    tracks = {(kind, language): sha256 for kind in ("audio", "subtitle") for language, sha256 in pins[kind].items()}
    return {**tracks, ("video", ""): pins["video"]}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_track_that_changes_is_a_draft_that_is_reviewed_anew_and_touches_nothing_else(
    change: Callable[[Lesson], None], live: Lesson, editor, django_capture_on_commit_callbacks
) -> None:
    reviewers = make.make_reviewers()
    before = shown(live)
    picture = sorted(live.video.media_source.renditions.values_list("pk", "sha256"))
    with django_capture_on_commit_callbacks(execute=True):
        begun = live.get_latest_revision_as_object()
        begun.summary = "先改简介"
        begun.save_revision(user=editor)
        services.submit(Lesson.objects.get(pk=live.pk), editor)
        services.approve(Lesson.objects.get(pk=live.pk), reviewers[0])
        draft = Lesson.objects.get(pk=live.pk).get_latest_revision_as_object()
        change(draft)
        revision = draft.save_revision(user=editor)

    during = Lesson.objects.get(pk=live.pk)
    assert during.latest_revision_id == revision.pk
    assert during.has_unpublished_changes
    assert during.current_workflow_task.stage == 1, "who had passed it had not seen this"
    assert shown(live) == before, "the public keeps what was reviewed"

    with django_capture_on_commit_callbacks(execute=True):
        for reviewer in reviewers:
            services.approve(Lesson.objects.get(pk=live.pk), reviewer)
    after = shown(live)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    kind = "audio" if "dub" in change.__name__ else "subtitle"
    assert len(changed) == 1
    assert {key[0] for key in changed} == {kind}

    source = live.video.media_source
    assert not TranscodeJob.objects.filter(source=source).exists(), "the picture is not encoded again"
    assert sorted(source.renditions.values_list("pk", "sha256")) == picture
    view = selectors.lesson_view(Lesson.objects.get(pk=live.pk))
    assert {sub.language for sub in view.subtitles} == {language for kind, language in after if kind == "subtitle"}


def test_a_further_encode_of_the_same_source_is_no_edit(live: Lesson, django_capture_on_commit_callbacks) -> None:
    revision, pins = live.latest_revision_id, live.media_pins
    with django_capture_on_commit_callbacks(execute=True):
        rendition = make.add_rendition(live.video.media_source, "h264-360")
    after = Lesson.objects.get(pk=live.pk)
    assert Rendition.objects.filter(pk=rendition.pk).exists()
    assert (after.latest_revision_id, after.media_pins, after.has_unpublished_changes) == (revision, pins, False)


SAID = {
    "zh-hans": "先把羊圈的墙缝堵严实",
    "bo": "རྩྭ་ཐང་སྲུང་སྐྱོབ་བྱེད་པ།",
    "adx": "བྱ་བའི་ལམ་ལུགས་གསར་པ།",
    "khg": "སློབ་སྦྱོང་གི་དུས་ཚོད།",
    "mn": "бэлчээрийг хамгаалах",
    "mn-Mong": "ᠪᠡᠯᠴᠢᠭᠡᠷ ᠢ ᠬᠠᠮᠠᠭᠠᠯᠠᠬᠤ",
}


@pytest.mark.sqlite
def test_what_is_said_in_every_language_leads_to_its_second_once_it_is_published() -> None:
    assert set(SAID) == set(ContentLanguage.values)
    subtitles = {
        language: ASS.format(start=f"0:{minute:02}:07.25", end=f"0:{minute:02}:09.00", text=text).encode()
        for minute, (language, text) in enumerate(SAID.items(), start=1)
    }
    lesson = make.make_lesson(title="牧区实用技术", subtitles=subtitles)
    assert not any(search_materials(text).results for text in SAID.values())
    make.publish(lesson)
    for minute, text in enumerate(SAID.values(), start=1):
        found = search_materials(text)
        starts = [segment.start_s for result in found.results for segment in result.segments]
        assert minute * 60 + 7.25 in starts, text


def drop(client: Client, name: str, content: bytes, **fields: object) -> Any:
    url = reverse("lessons_media:track_subtitle")
    return client.post(url, {"file": SimpleUploadedFile(name, content), **fields}, **JSON)


def test_an_ass_file_is_dropped_like_any_other(client, editor) -> None:
    client.force_login(editor)
    said = ASS.format(start="0:00:01.00", end="0:00:02.00", text="བོད་ཡིག").encode("utf-16")
    answer = drop(client, "第一课.ass", said)
    assert answer.status_code == 201
    assert (answer.json()["language"], answer.json()["warning"]) == ("bo", "")


def test_subtitles_that_go_on_long_after_the_recording_are_told_to_the_editor_and_to_reviewers(client, editor) -> None:
    client.force_login(editor)
    late = VTT.format("一").replace("00:01.000 --> 00:02.000", "00:40:00.000 --> 00:40:02.000").encode()
    media = make.make_media(source=make.make_source())
    answer = drop(client, "a.vtt", late, video=media.pk)
    assert "0:40:00" in answer.json()["warning"]
    assert "0:10:00" in answer.json()["warning"]
    for odd in ("", "x", "0", "9" * 30):
        assert drop(client, "a.vtt", late, video=odd).json()["warning"] == ""

    lesson = make.make_lesson(author=editor, subtitles={"zh-hans": late})
    [said] = lesson.get_latest_revision_as_object().review_exhibit()["subtitle_warnings"]
    assert said.startswith("汉语：")
    services.submit(lesson, editor)
    reviewer = Client()
    reviewer.force_login(make.make_reviewers(1)[0])
    page = reviewer.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    assert "请核对是不是这节课的字幕" in page


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[Events]\nDialogue: 0,-1:00:00.00,0:00:02.00,,,,,,,a\n", "subtitle-unreadable"),
        (b"[Script Info]\n", "subtitle-unreadable"),
        (b"[Events]\n" + b"Dialogue: 0,0:00:01.00,0:00:02.00,,,,,,,a\n" * 260_000, "subtitle-too-large"),
        (b"\xff\xfe\x00\xd8" * 9, "subtitle-encoding"),
    ],
    ids=["negative time", "no events", "ten megabytes", "half a letter"],
)
def test_a_hostile_subtitle_file_is_refused_before_it_is_kept(content: bytes, code: str, client, editor) -> None:
    client.force_login(editor)
    answer = drop(client, "a.ass", content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert not PlatformDocument.objects.exists()

"""Recordings copied into a person's drop folder: taken in once whole, or refused with a reason."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from cms.core.models import LectureMedia
from cms.lessons import drop_folder, receivers
from cms.lessons.drop_folder import DropFolder
from cms.lessons.drop_rules import SETTLED_S, WAIT_S
from cms.lessons.models import Lesson
from tests.factories import cms as make
from tests.integration.offline.mortal import mortal_process

HEAD = "file,title,outline,unit,minutes,subtitle\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\n同志们好\n"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def editor(db: None, settings, tmp_path) -> Any:
    settings.MEDIA_ROOT, settings.OBJECTS_DIR = tmp_path / "media", tmp_path / "objects"
    return make.make_editor()


@pytest.fixture
def drop(tmp_path: Path, clock: Clock, editor) -> DropFolder:
    (tmp_path / "drop").mkdir()
    return DropFolder(tmp_path / "drop", author=editor, clock=clock)


def put(folder: Path, name: str, content: bytes | str = b"", *, seed: int = 0) -> None:
    body = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(body or make.SMALL_MP4 + bytes([seed]) * 2000)


def settle(drop: DropFolder, clock: Clock, *, after_s: float = SETTLED_S) -> None:
    """Look, wait, and look again."""
    drop.take()
    clock.now += after_s
    drop.take()


def lying(drop: DropFolder, where: str) -> list[str]:
    return sorted(path.name for path in (drop.root / where).glob("*/*"))


def reason(drop: DropFolder, name: str) -> str:
    [file] = (drop.root / "refused").glob(f"*/{name}.txt")
    return file.read_text("utf-8")


def waiting(drop: DropFolder) -> list[str]:
    return sorted(path.name for path in drop.root.iterdir() if path.is_file() and not path.name.startswith("."))


def test_a_recording_that_nobody_describes_goes_into_the_library(drop: DropFolder, clock: Clock, editor) -> None:
    put(drop.root, "三江源 𠀀.mp4")
    put(drop.root, "讲话.mp3", b"ID3" + bytes(900))
    settle(drop, clock)
    assert sorted(LectureMedia.objects.values_list("title", "type", "uploaded_by_user")) == [
        ("三江源 𠀀", "video", editor.pk),
        ("讲话", "audio", editor.pk),
    ]
    assert all(media.media_source.jobs.count() == 1 for media in LectureMedia.objects.all())
    assert lying(drop, "done") == ["三江源 𠀀.mp4", "讲话.mp3"]
    assert (waiting(drop), list((drop.root / "working").iterdir())) == ([], [])


def test_a_file_that_still_grows_is_left_alone(drop: DropFolder, clock: Clock) -> None:
    put(drop.root, "课.mp4")
    for _ in range(3):
        settle(drop, clock, after_s=SETTLED_S - 1)
        with (drop.root / "课.mp4").open("ab") as writer:
            writer.write(b"more")
    assert not LectureMedia.objects.exists()
    settle(drop, clock)
    assert LectureMedia.objects.count() == 1


def test_a_file_that_a_program_has_open_for_writing_is_left_alone_however_long_it_pauses(
    drop: DropFolder, clock: Clock
) -> None:
    put(drop.root, "课.mp4")
    with (drop.root / "课.mp4").open("ab"):
        settle(drop, clock, after_s=10 * SETTLED_S)
        assert waiting(drop) == ["课.mp4"]
    settle(drop, clock)
    assert lying(drop, "done") == ["课.mp4"]


def test_what_is_no_recording_is_refused_with_a_reason_in_both_languages(drop: DropFolder, clock: Clock) -> None:
    put(drop.root, "文本.mp4", "not a video")
    put(drop.root, "空.mp4", "x")
    (drop.root / "空.mp4").write_bytes(b"")
    settle(drop, clock)
    assert "不是音视频" in reason(drop, "文本.mp4")
    assert "not an audio or video file" in reason(drop, "文本.mp4")
    assert "0 字节" in reason(drop, "空.mp4")
    assert lying(drop, "refused") == ["文本.mp4", "文本.mp4.txt", "空.mp4", "空.mp4.txt"]
    assert not LectureMedia.objects.exists()


def test_a_json_of_the_same_name_makes_a_draft_lesson_of_its_author(drop: DropFolder, clock: Clock, editor) -> None:
    said = {"标题": "第一课", "大纲": "两弹一星精神", "单元": "原子城", "分钟": 20, "字幕": "字.srt"}
    put(drop.root, "甲.json", json.dumps(said, ensure_ascii=False))
    put(drop.root, "字.srt", SRT)
    settle(drop, clock)
    assert waiting(drop) == ["字.srt", "甲.json"], "the recording is still to come"
    put(drop.root, "甲.mp4")
    settle(drop, clock)
    lesson = Lesson.objects.get()
    assert (lesson.title, lesson.live, lesson.latest_revision.user, lesson.nominal_minutes) == (
        "第一课",
        False,
        editor,
        20,
    )
    assert lesson.tracks.get().language == "zh-hans"
    assert lying(drop, "done") == ["字.srt", "甲.json", "甲.mp4"]


def test_a_json_that_only_names_the_recording_names_it_in_the_library(drop: DropFolder, clock: Clock) -> None:
    put(drop.root, "甲.json", '{"title": "水塔"}')
    put(drop.root, "甲.mp4")
    settle(drop, clock)
    assert [media.title for media in LectureMedia.objects.all()] == ["水塔"]


@pytest.mark.parametrize("content", ["{", '{"title": "课", "outline": "纲", "unit": "元", "minutes": "x"}'])
def test_a_json_that_is_wrong_is_refused_with_its_recording(content: str, drop: DropFolder, clock: Clock) -> None:
    put(drop.root, "甲.json", content)
    put(drop.root, "甲.mp4")
    settle(drop, clock)
    assert lying(drop, "refused") == ["甲.json", "甲.json.txt", "甲.mp4", "甲.mp4.txt"]
    assert reason(drop, "甲.mp4") == reason(drop, "甲.json")
    assert not LectureMedia.objects.exists()


def test_a_json_whose_recording_never_comes_is_told_after_an_hour(drop: DropFolder, clock: Clock) -> None:
    put(drop.root, "甲.json", "{}")
    settle(drop, clock, after_s=WAIT_S)
    assert "录像一直没有放进来" in reason(drop, "甲.json")


def test_a_table_is_taken_in_with_its_files_row_by_row(drop: DropFolder, clock: Clock) -> None:
    put(drop.root, "lessons.csv", HEAD + "一.mp4,第一课,纲,元,10,一.srt\n二.mp4,第二课,纲,元,不是数,\n")
    for seed, name in enumerate(("一.mp4", "二.mp4")):
        put(drop.root, name, seed=seed)
    settle(drop, clock)
    assert not Lesson.objects.exists(), "it waits for the subtitle"
    put(drop.root, "一.srt", SRT)
    settle(drop, clock)
    assert [lesson.title for lesson in Lesson.objects.all()] == ["第一课"]
    assert lying(drop, "done") == ["一.mp4", "一.srt"]
    assert lying(drop, "refused") == ["lessons.csv", "lessons.csv.txt", "二.mp4", "二.mp4.txt"]
    assert "第 3 行" in reason(drop, "lessons.csv")
    assert "ine 3" in reason(drop, "lessons.csv")

    put(drop.root, "lessons.csv", HEAD + "一.mp4,第一课,纲,元,10,一.srt\n二.mp4,第二课,纲,元,12,\n")
    for where in ("done", "refused"):
        for path in (drop.root / where).glob("*/*"):
            if path.suffix in (".mp4", ".srt"):
                path.rename(drop.root / path.name)
    settle(drop, clock)
    assert sorted(lesson.title for lesson in Lesson.objects.all()) == ["第一课", "第二课"]
    assert LectureMedia.objects.count() == 2, "what was taken before is not taken twice"


def test_a_table_that_is_none_is_refused(drop: DropFolder, clock: Clock) -> None:
    put(drop.root, "lessons.csv", b"\xff\xff\xff\x00" * 9)
    settle(drop, clock)
    assert lying(drop, "refused") == ["lessons.csv", "lessons.csv.txt"]


def test_two_workers_never_take_the_same_file(drop: DropFolder, clock: Clock, editor) -> None:
    put(drop.root, "课.mp4")
    other = DropFolder(drop.root, author=editor, clock=clock)
    with (drop.root / ".lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        settle(other, clock)
        assert waiting(drop) == ["课.mp4"]
    settle(other, clock)
    drop.take()
    assert LectureMedia.objects.count() == 1


def test_a_disk_that_is_full_refuses_the_recording_with_what_to_do(drop: DropFolder, clock: Clock, monkeypatch) -> None:
    def full(*_args: object, **_named: object) -> None:
        raise OSError(28, os.strerror(28))

    put(drop.root, "课.mp4")
    monkeypatch.setattr("cms.lessons.import_service.write_stream", full)
    settle(drop, clock)
    assert "磁盘空间" in reason(drop, "课.mp4")
    assert not LectureMedia.objects.exists()


def test_only_folders_of_accounts_that_may_work_are_looked_into(
    settings, tmp_path, editor, monkeypatch, caplog
) -> None:
    settings.DROP_DIR = tmp_path / "drop"
    receivers.on_swept(sender=None)
    drop_folder.take_all()
    gone = make.make_editor(is_active=False)
    for name in (editor.get_username(), gone.get_username(), "nobody"):
        (tmp_path / "drop" / name).mkdir(parents=True)
        put(tmp_path / "drop" / name, "课.mp4")
    monkeypatch.setattr(drop_folder, "_folders", {})
    monkeypatch.setattr("cms.lessons.drop_rules.SETTLED_S", 0.0)
    drop_folder.take_all()
    assert LectureMedia.objects.get().uploaded_by_user == editor
    assert "nobody is named after no active account" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_wherever_the_worker_is_killed_every_file_is_taken_once_or_refused_once(settings, tmp_path: Path) -> None:
    root = tmp_path / "site"
    folder = root / "drop"
    folder.mkdir(parents=True)
    settings.MEDIA_ROOT, settings.OBJECTS_DIR = root / "media", root / "objects"
    settings.WORK_DIR = root / "work"
    editor = make.make_editor()
    seeds = iter(range(256))

    def fill() -> None:
        put(folder, "lessons.csv", HEAD + "一.mp4,课,纲,元,10,\n二.mp4,课,纲,元,x,\n")
        for name in ("一.mp4", "二.mp4", "三.mp4"):
            put(folder, name, seed=next(seeds))
        put(folder, "坏.mp4", "no recording")

    with mortal_process(root) as mortal:
        steps = 0
        for _ in ("the first also makes the outline", "how many steps one takes"):
            fill()
            status, steps = mortal.take_drop(editor.pk)
            assert status == 0
        assert (Lesson.objects.count(), LectureMedia.objects.count()) == (2, 4)
        for count, point in enumerate(range(2, steps, -(-steps // 20)), start=2):
            fill()
            assert mortal.take_drop(editor.pk, killed_before=point)[0] == -signal.SIGKILL, f"step {point} of {steps}"
            assert mortal.take_drop(editor.pk)[0] == 0, f"after step {point}"
            assert list((folder / "working").iterdir()) == []
            assert [path.name for path in folder.iterdir() if path.is_file() and path.name != ".lock"] == []
            assert (Lesson.objects.count(), LectureMedia.objects.count()) == (1 + count, 2 + 2 * count), point
            done = sorted(path.name for path in (folder / "done").glob("*/*"))
            refused = sorted(path.name for path in (folder / "refused").glob("*/*.mp4"))
            assert done == sorted(["一.mp4", "三.mp4"] * (count + 1))
            assert refused == sorted(["二.mp4", "坏.mp4"] * (count + 1))

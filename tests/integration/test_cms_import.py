"""`manage.py import_lessons FOLDER`: bad rows are reported one by one, good ones imported, and twice is once."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cms.core.bootstrap import EDITORS, REVIEWERS
from cms.core.models import LectureMedia
from cms.curriculum.models import OutlineUnit
from cms.lessons import durations
from cms.lessons.models import Lesson
from cms.review import services
from cms.review.errors import ReviewRefused
from media_pipeline.models import MediaSource
from tests.factories import cms as make
from tests.services.small_disk import small_disk

pytestmark = pytest.mark.django_db

HEAD = "file,title,outline,unit,minutes,summary,source,copyright,genre,content_class,subtitle"
GOOD = "一.mp4,第一课 𠀀,两弹一星精神,原子城,20,简介,省委党校,内部,党课,革命传统,一.srt"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(("一.mp4", "二.mp4", "三.mp4")):
        (tmp_path / name).write_bytes(make.SMALL_MP4 + bytes([number]) * 2000)
    (tmp_path / "一.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n同志们好\n", encoding="utf-8")
    (tmp_path / "文本.mp4").write_text("not a video", encoding="utf-8")
    (tmp_path / "坏.srt").write_text("没有时间", encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder, django_capture_on_commit_callbacks):
    author = make.make_editor(username="importer")

    def call(*rows: str, encoding: str = "utf-8", **options) -> tuple[str, str, str]:
        (folder / "lessons.csv").write_text("\n".join(rows), encoding=encoding)
        out, err, failure = io.StringIO(), io.StringIO(), ""
        with django_capture_on_commit_callbacks(execute=True):
            try:
                call_command(
                    "import_lessons", str(folder), stdout=out, stderr=err, **{"user": author.username, **options}
                )
            except CommandError as error:
                failure = str(error)
        return out.getvalue(), err.getvalue(), failure

    return call


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("缺.mp4,课,纲,元,10,,,,,,", "没有“缺.mp4”"),
        ("../etc/passwd,课,纲,元,10,,,,,,", "只写文件名"),
        ("文本.mp4,课,纲,元,10,,,,,,", "不是音视频"),
        ("二.mp4,,纲,元,10,,,,,,", "“title”列是空的"),
        ("二.mp4,课,纲,元,十二,,,,,,", "整数分钟"),
        ("二.mp4,课,纲,元,²,,,,,,", "整数分钟"),
        ("二.mp4,课,纲,元,0,,,,,,", "整数分钟"),
        ("二.mp4,课,纲,元," + "9" * 5000 + ",,,,,,", "整数分钟"),
        ("二.mp4,课,纲,元,10,,,,歌舞,,", "“歌舞”"),
        ("二.mp4,课,纲,元,10,,,,,没有这类,", "“没有这类”"),
        ("二.mp4,课,纲,元,10,,,,,,坏.srt", "字幕"),
        ("二.mp4," + "长" * 256 + ",纲,元,10,,,,,,", "超过 255"),
        ("二.mp4", "是空的"),
        ("一.mp4,又一次,纲,元,10,,,,,,", "第 2 行出现"),
    ],
)
def test_a_bad_row_is_named_and_the_good_one_imported(row, says, run) -> None:
    _out, err, failure = run(HEAD, GOOD, row)
    assert says in err
    assert "第 3 行" in err
    assert "ine 3" in err
    assert failure
    assert [lesson.title for lesson in Lesson.objects.all()] == ["第一课 𠀀"]


def test_a_recording_the_disk_has_no_room_for_is_named_and_the_others_are_imported(run, folder, settings) -> None:
    (folder / "二.mp4").write_bytes(make.SMALL_MP4 + os.urandom(8_000_000))
    with small_disk(folder.parent / f"{folder.name}-disk") as disk:
        settings.MEDIA_ROOT = disk.folder / "media"
        disk.leave(2_000_000)
        _out, err, failure = run(HEAD, "二.mp4,大课,纲,元,10,,,,,,", "三.mp4,小课,纲,元,10,,,,,,")
        assert failure
        assert "第 2 行" in err
        assert [lesson.title for lesson in Lesson.objects.all()] == ["小课"]
        disk.make_room()
        assert run(HEAD, "二.mp4,大课,纲,元,10,,,,,,", "三.mp4,小课,纲,元,10,,,,,,")[1:] == ("", "")
        assert Lesson.objects.count() == 2


def test_a_good_row_becomes_a_draft_with_everything(run) -> None:
    out, err, failure = run(HEAD, GOOD)
    assert (err, failure) == ("", "")
    assert "新建" in out
    lesson = Lesson.objects.get()
    assert not lesson.live
    assert (lesson.nominal_minutes, lesson.genre, lesson.source_note, lesson.content_class.name) == (
        20, "lecture", "省委党校", "革命传统",
    )  # fmt: skip
    unit = OutlineUnit.objects.get()
    assert (unit.title, unit.get_parent().title) == ("原子城", "两弹一星精神")
    assert lesson.video.media_source.jobs.count() == 1
    pins = lesson.latest_revision.content["media_pins"]
    assert lesson.video.media_source.sha256 in str(pins)
    assert list(lesson.latest_revision.as_object().media_pins["subtitle"]) == ["zh-hans"]


def test_a_lecture_spoken_in_amdo_is_imported_as_one(run) -> None:
    run(HEAD + ",language", GOOD + ",藏语（安多）")
    assert Lesson.objects.get().own_language == "adx"
    run(HEAD + ",language", GOOD + ",")
    assert Lesson.objects.get().latest_revision.content["own_language"] == "adx"


def test_running_it_again_changes_nothing(run) -> None:
    run(HEAD, GOOD)
    revision = Lesson.objects.get().latest_revision_id
    out, _err, _failure = run(HEAD, GOOD)
    assert "未变 1" in out
    assert Lesson.objects.get().latest_revision_id == revision
    assert LectureMedia.objects.count() == 1


def test_a_changed_row_updates_its_lesson_even_when_the_file_was_renamed(run, folder) -> None:
    run(HEAD, GOOD)
    (folder / "一.mp4").rename(folder / "改名.mp4")
    out, _err, _failure = run(HEAD, GOOD.replace("一.mp4", "改名.mp4").replace("简介", "新的简介"))
    assert "更新 1" in out
    assert Lesson.objects.get().latest_revision.content["summary"] == "新的简介"


def test_a_published_lesson_keeps_its_live_text_and_gets_a_draft(run) -> None:
    run(HEAD, GOOD)
    lesson = Lesson.objects.get()
    make.add_rendition(lesson.video.media_source, "opus-16")
    make.publish(lesson)
    run(HEAD, GOOD.replace("简介", "新的简介"))
    lesson = Lesson.objects.get()
    assert (lesson.live, lesson.summary, lesson.has_unpublished_changes) == (True, "简介", True)


def test_a_dry_run_writes_nothing(run) -> None:
    out, err, _failure = run(HEAD, GOOD, "缺.mp4,课,纲,元,10,,,,,,", dry_run=True)
    assert "将导入 1" in out
    assert "缺.mp4" in err
    assert not Lesson.objects.exists()
    assert not OutlineUnit.objects.exists()
    assert not LectureMedia.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_tables_of_every_usual_encoding_and_with_chinese_headings_are_read(encoding, run) -> None:
    run("文件,标题,大纲,单元,分钟", "一.mp4,三江源,三江源与中华水塔,水塔,15", encoding=encoding)
    assert Lesson.objects.get().title == "三江源"


@pytest.mark.parametrize(
    ("rows", "says"),
    [((), "缺少这些列"), (("file,title",), "outline, unit"), (("甲,乙",), "缺少这些列")],
)
def test_a_table_without_its_columns_says_which(rows, says, run) -> None:
    _out, _err, failure = run(*rows)
    assert says in failure


def test_a_folder_without_a_table_says_so(tmp_path) -> None:
    with pytest.raises(CommandError, match=r"没有 lessons\.csv"):
        call_command("import_lessons", str(tmp_path), user=make.make_editor().username)
    with pytest.raises(CommandError, match=r"没有 lessons\.csv"):
        call_command("import_lessons", str(tmp_path / "nowhere"), user=make.make_editor().username)


def test_an_unknown_author_says_so(tmp_path) -> None:
    with pytest.raises(CommandError, match="没有账号"):
        call_command("import_lessons", str(tmp_path), user="nobody")


def test_nobody_imports_unnamed_and_whoever_did_is_the_author_that_may_not_review(run) -> None:
    _out, _err, failure = run(HEAD, GOOD, user="")
    assert "--user" in failure
    assert "may not review" in failure
    assert not Lesson.objects.exists()
    both = make.make_user(EDITORS, REVIEWERS, username="both")
    run(HEAD, GOOD, user="both")
    lesson = Lesson.objects.get()
    services.submit(lesson, make.make_editor())
    with pytest.raises(ReviewRefused):
        services.approve(lesson, both)


@pytest.mark.parametrize(
    ("outline", "unit"), [("两路精神", "原子城"), ("两弹一星精神", "金银滩"), ("新大纲", "新单元")]
)
def test_a_row_that_names_another_unit_moves_the_draft_there(outline, unit, run) -> None:
    run(HEAD, GOOD)
    moved = GOOD.replace("两弹一星精神,原子城", f"{outline},{unit}")
    assert "更新 1" in run(HEAD, moved, dry_run=True)[0]
    assert "更新 1" in run(HEAD, moved)[0]
    parent = Lesson.objects.get().get_parent()
    assert (parent.get_parent().title, parent.title) == (outline, unit)
    assert "未变 1" in run(HEAD, moved)[0]


def test_a_published_lesson_is_not_moved_by_the_table_and_its_row_says_so(run) -> None:
    run(HEAD, GOOD)
    lesson = Lesson.objects.get()
    make.add_rendition(lesson.video.media_source, "opus-16")
    address = make.publish(lesson).url_path
    for options in ({"dry_run": True}, {}):
        _out, err, failure = run(HEAD, GOOD.replace("原子城", "金银滩"), **options)
        assert failure
        assert "第 2 行" in err
        assert "金银滩" in err
        assert "Move it in the admin" in err
    assert Lesson.objects.get().url_path == address


def test_a_row_without_minutes_counts_what_the_recording_plays(run) -> None:
    assert run("文件,标题,大纲,单元", "一.mp4,三江源,纲,元")[1:] == ("", "")
    lesson = Lesson.objects.get()
    assert lesson.nominal_minutes is None
    MediaSource.objects.filter(pk=lesson.video.media_source_id).update(duration_s=720)
    durations.fill_drafts_of(MediaSource.objects.get(pk=lesson.video.media_source_id))
    assert Lesson.objects.get().latest_revision.content["nominal_minutes"] == 12
    assert "未变 1" in run(HEAD, "一.mp4,三江源,纲,元,,,,,,,")[0]

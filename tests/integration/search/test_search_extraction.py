"""The words of attachments: read once, behind limits, and found with their page."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from django.test import Client
from django.utils import timezone

from cms.lessons.models import Lesson, LessonAttachment
from search.extraction import reading, shelf
from search.extraction.errors import FileBroken, FileLocked, FileTooCostly, NotAText, NoWords, TextError
from search.extraction.reading import read_pages, unbroken
from search.models import ExtractedText, SearchDocument, SearchSegment
from search.selectors import search_materials
from tests.factories import cms as make
from tests.factories.documents import PDF_IN_CIRCLES, make_docx, make_pdf, make_pdf_bomb

PAGES = ["接羔的准备", "羊圈要堵风", "弱羔要先暖后\n喂奶，不可着急"]


def locked_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf(["秘密"])))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def reason_of(content: bytes, folder: Path) -> type[TextError]:
    path = folder / "file"
    path.write_bytes(content)
    with pytest.raises(TextError) as caught:
        read_pages(path)
    return caught.type


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", NotAText),
        (b"\x7fELF\x02\x01\x01\0\0", NotAText),
        (b"\xff\xff\xff and so on", NotAText),
        (b" \n", NoWords),
        (b"%PDF-1.7\nnothing follows", FileBroken),
        (make_pdf(PAGES)[:700], FileBroken),
        (b"PK\x03\x04 no archive", FileBroken),
        (b"\xd0\xcf\x11\xe0 what Word makes of a file with a password", FileLocked),
        (locked_pdf(), FileLocked),
        (make_pdf([""]), NoWords),
        (make_docx([]), NoWords),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, reason: type[TextError], tmp_path: Path) -> None:
    assert reason_of(content, tmp_path) is reason
    error = reason()
    assert error.code.startswith("text-") and error.zh and error.en


def test_bombs_are_stopped_by_the_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MEMORY_BYTES", 300 << 20)
    monkeypatch.setattr(reading, "_CPU_S", 10)
    assert reason_of(make_docx(["一"], padding=150 << 20), tmp_path) in (FileTooCostly, FileBroken)
    assert reason_of(make_pdf_bomb(150), tmp_path) in (FileTooCostly, FileBroken, NoWords)
    assert reason_of(PDF_IN_CIRCLES, tmp_path) in (FileTooCostly, FileBroken, NoWords)


def test_pages_are_read_with_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(make_pdf(["", *PAGES]))
    assert [number for number, _text in read_pages(path)] == [2, 3, 4]
    path.write_bytes(make_docx(PAGES, marks=True))
    assert next((number, text.strip()) for number, text in read_pages(path)) == (1, PAGES[0])
    path.write_bytes(make_docx(["很长的一段。" * 800, "最后一段"]))
    pages = read_pages(path)
    assert {number for number, _text in pages} == {None}
    assert pages[-1][1].strip() == "最后一段"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_plain_text_is_read_however_it_is_encoded(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "计划.txt"
    path.write_bytes("冬春训学习计划\n第一周：接羔\n".encode(encoding) * 600)
    pieces = read_pages(path)
    assert {number for number, _text in pieces} == {None}
    assert len(pieces) > 1
    assert "第一周：接羔" in pieces[0][1]


def test_a_line_of_chinese_goes_on_and_a_line_of_words_does_not() -> None:
    assert unbroken("先暖后\n  喂\n奶。\n第二段\nlamb\ncare") == "先暖后喂奶。\n第二段\nlamb\ncare"


def attached(title: str, content: bytes, name: str) -> object:
    lesson = make.make_lesson(title=title)
    lesson.attachments.add(LessonAttachment(document=make.make_document(content, name=name, title="讲义")))
    lesson.save_revision()
    return make.publish(lesson)


def titles(text: str) -> list[str]:
    found = search_materials(text)
    return [] if found.relaxed else [result.title for result in found.results]


@pytest.mark.django_db
@pytest.mark.sqlite
def test_a_page_of_an_attachment_is_found_once_it_is_read_and_leads_there(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(shelf, "_dispatch", asked.append)
    with django_capture_on_commit_callbacks(execute=True):
        lesson = attached("牧区实用技术", make_pdf(PAGES), "jiangyi.pdf")
    assert titles("暖后喂奶") == []
    (sha256,) = asked
    assert shelf.extract(sha256) == "done"
    assert titles("暖后喂奶") == ["牧区实用技术"]
    (segment,) = SearchSegment.objects.filter(kind="page", text__contains="暖后喂奶")
    assert segment.page == 3 and segment.title == "讲义"
    assert segment.url == f"/b/{sha256[:2]}/{sha256}?type=application%2Fpdf#page=3"
    assert shelf.extract(sha256) == "left alone"
    with django_capture_on_commit_callbacks(execute=True):
        attached("同一份讲义", make_pdf(PAGES), "again.pdf")
    assert asked == [sha256]
    assert set(titles("暖后喂奶")) == {"牧区实用技术", "同一份讲义"}
    lesson.attachments.all().delete()
    lesson.attachments.clear()
    lesson.save_revision()
    make.publish(lesson)
    assert titles("暖后喂奶") == ["同一份讲义"]


@pytest.mark.django_db
@pytest.mark.sqlite
def test_a_file_that_cannot_be_read_leaves_the_lesson_findable_and_says_why() -> None:
    attached("牧区实用技术", locked_pdf(), "locked.pdf")
    row = ExtractedText.objects.get()
    assert shelf.extract(row.sha256) == "failed"
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "text-locked")
    assert titles("牧区实用") == ["牧区实用技术"]
    assert not SearchDocument.objects.get(title="牧区实用技术", is_draft=False).segments.exists()


@pytest.mark.django_db
@pytest.mark.sqlite
def test_who_opens_the_lesson_in_the_editor_is_told_which_attachment_cannot_be_read(admin_client: Client) -> None:
    attached("牧区实用技术", locked_pdf(), "locked.pdf")
    lesson = Lesson.objects.get(title="牧区实用技术")
    assert "读不出文字" not in admin_client.get(f"/admin/pages/{lesson.pk}/edit/").content.decode()
    shelf.extract(ExtractedText.objects.get().sha256)
    page = admin_client.get(f"/admin/pages/{lesson.pk}/edit/").content.decode()
    assert "请取消密码后重新上传" in page


@pytest.mark.django_db
def test_a_reader_that_never_came_back_is_asked_again_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(shelf, "_dispatch", asked.append)
    sha256 = "0" * 64
    row = ExtractedText.objects.create(sha256=sha256, name="a.pdf", begun_at=timezone.now(), tries=shelf.MAX_TRIES)
    assert shelf.ask_again() == 0
    later = timezone.now() + timedelta(hours=1)
    assert shelf.ask_again(later) == 1 and asked == [sha256]
    assert shelf.extract(sha256, now=later) == "failed"
    row.refresh_from_db()
    assert row.error == "text-too-costly"

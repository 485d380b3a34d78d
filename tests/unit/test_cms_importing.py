"""The import table, read without a database: whatever it holds, every row is taken or explained."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cms.lessons.importing import BadRow, CsvHeadings, CsvUnreadable, Row, decode, read_rows

HEAD = "file,title,outline,unit,minutes\n"
FILES = {"a.mp4", "b.mp4"}


def read(text: str) -> tuple[list[Row], list[BadRow]]:
    return read_rows(text, files=FILES, choices={"genre": {"党课": "lecture"}, "language": {"藏语（安多）": "adx"}})


def test_quoted_cells_may_hold_commas_quotes_and_line_ends() -> None:
    good, bad = read(HEAD + 'a.mp4,"三江源, ""中华水塔""\n𠀀",纲,元,12\n')
    assert bad == []
    assert good[0].title == '三江源, "中华水塔"\n𠀀'


def test_a_language_is_taken_by_its_name_and_another_word_is_explained() -> None:
    good, bad = read("file,title,outline,unit,minutes,语言\na.mp4,课,纲,元,9,藏语（安多）\nb.mp4,课,纲,元,9,羌语\n")
    assert [row.language for row in good] == ["adx"]
    assert "羌语" in bad[0].zh


def test_blank_lines_are_no_rows() -> None:
    assert read(HEAD + "\n,,,,\n\n") == ([], [])


@given(st.lists(st.lists(st.text(max_size=12), max_size=7), max_size=6))
def test_every_row_is_taken_or_explained_with_its_line(rows: list[list[str]]) -> None:
    text = HEAD + "\n".join(
        ",".join(cell.replace('"', "").replace("\n", "").replace("\r", "") for cell in row) for row in rows
    )
    good, bad = read(text)
    for problem in bad:
        assert str(problem.details["line"]) in problem.zh
        assert str(problem.details["line"]) in problem.en
    assert {row.file for row in good} <= FILES


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    try:
        read(decode(content))
    except (CsvHeadings, CsvUnreadable):
        return

"""What of a drop folder belongs together, and when it has arrived."""

from __future__ import annotations

import pytest

from cms.lessons.drop_rules import (
    SETTLED_S,
    WAIT_S,
    DescriptionUnreadable,
    Watch,
    batches,
    companions_of,
    description,
    is_candidate,
)

OLD, NEW, LATE = SETTLED_S, SETTLED_S - 1, WAIT_S


def test_a_file_has_been_there_as_long_as_neither_its_size_nor_its_time_changed() -> None:
    watch = Watch()
    assert watch.look({"a": (1, 1)}, now=0) == {"a": 0}
    assert watch.look({"a": (1, 1), "b": (5, 5)}, now=40) == {"a": 40, "b": 0}
    assert watch.look({"a": (2, 1), "b": (5, 5)}, now=50) == {"a": 0, "b": 10}
    assert watch.look({"a": (2, 2), "b": (5, 5)}, now=60) == {"a": 0, "b": 20}
    assert watch.look({}, now=70) == {}
    assert watch.look({"a": (2, 2)}, now=80) == {"a": 0}, "one that was away is a new one"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("课.mp4", True), ("lessons.csv", True), (".课.mp4.x7", False), ("课.mp4.part", False),
        ("课.MP4.FILEPART", False),
        ("课.crdownload", False), ("课.mp4~", False), ("Thumbs.db", False), ("a.tmp", False),
    ],
)  # fmt: skip
def test_names_of_copies_in_progress_are_passed_over(name: str, is_one: bool) -> None:
    assert is_candidate(name) is is_one


@pytest.mark.parametrize(
    ("unchanged_s", "table", "companions", "taken"),
    [
        ({}, set(), {}, []),
        ({"a.mp4": OLD, "b.mp4": NEW}, set(), {}, [["a.mp4"]]),
        ({"a.mp4": OLD, "a.json": OLD}, set(), {"a.json": {"a.mp4"}}, [["a.mp4", "a.json"]]),
        ({"a.mp4": NEW, "a.json": OLD}, set(), {"a.json": {"a.mp4"}}, []),
        ({"a.mp4": OLD, "a.json": NEW}, set(), {"a.json": {"a.mp4"}}, []),
        ({"a.json": OLD}, set(), {"a.json": set()}, []),
        ({"a.json": LATE}, set(), {"a.json": set()}, [["a.json"]]),
        ({"lessons.csv": OLD, "a.mp4": OLD, "b.mp4": OLD}, {"a.mp4"}, {}, [["a.mp4", "lessons.csv"], ["b.mp4"]]),
        ({"lessons.csv": OLD, "a.mp4": OLD}, {"a.mp4", "b.mp4"}, {}, []),
        ({"lessons.csv": LATE, "a.mp4": OLD}, {"a.mp4", "b.mp4"}, {}, [["a.mp4", "lessons.csv"]]),
        ({"lessons.csv": LATE, "a.mp4": NEW}, {"a.mp4"}, {}, []),
        ({"lessons.csv": OLD}, set(), {}, [["lessons.csv"]]),
        ({"lessons.csv": OLD}, {"lessons.csv"}, {}, [["lessons.csv"]]),
        ({"lessons.csv": LATE}, {"../etc/passwd"}, {}, [["lessons.csv"]]),
        (
            {"lessons.csv": OLD, "a.json": OLD, "a.mp4": OLD},
            {"a.mp4"},
            {"a.json": {"a.mp4"}},
            [["a.mp4", "a.json"]],
        ),
    ],
)
def test_what_is_taken_in_together(
    unchanged_s: dict[str, float], table: set[str], companions: dict[str, set[str]], taken: list[list[str]]
) -> None:
    assert batches(unchanged_s, table, companions) == taken


def test_a_json_speaks_of_the_recording_of_its_name_and_of_its_subtitle() -> None:
    files = {"课.json", "课.mp4", "课.srt", "别.mp4", "字.vtt"}
    assert companions_of("课.json", '{"字幕": "字.vtt"}'.encode(), files) == {"课.mp4", "字.vtt"}
    assert companions_of("课.json", b"{", files) == {"课.mp4"}
    assert companions_of("课.json", b"{}", {"课.json"}) == {"课"}, "a recording that is still to come"


def test_a_json_has_the_headings_of_the_table() -> None:
    content = '\ufeff{"标题": "第一课", "unit": "单元", "minutes": 20, "unknown": "x", "file": "../a"}'.encode()
    assert description("a.json", content) == {"title": "第一课", "unit": "单元", "minutes": "20"}


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"null", b'{"a": []}', b"\xff\xfe", b"[" * 60_000, b"{" + b" " * 70_000 + b"}"]
)
def test_a_json_that_is_none_says_so(content: bytes) -> None:
    with pytest.raises(DescriptionUnreadable):
        description("a.json", content)

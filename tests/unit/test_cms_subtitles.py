"""Subtitle files as they come: WebVTT, SubRip, every encoding, and what is none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.lessons.errors import SubtitleTooLarge, SubtitleUnreadable
from cms.lessons.subtitles import LIMIT_BYTES, Cue, decode, parse, to_webvtt

VTT = """WEBVTT - 第一课

NOTE 由编辑核对

STYLE
::cue { color: yellow }

intro
00:01.000 --> 00:03.500 line:90%
<v 老师>同志们好，</v>
今天学习<i>乡村振兴</i>。

01:00:00.000 --> 01:00:02.250
𠀀 &amp; &lt;三江源&gt;
"""

SRT = (
    "\ufeff1\r\n00:00:01,000 --> 00:00:03,500\r\n同志们好\r\n\r\n2\r\n00:00:04,000 --> 00:00:05,000\r\n{\\an8}开始\r\n"
)


def test_webvtt_is_read_without_its_markup_notes_and_styles() -> None:
    assert parse(VTT) == [
        Cue(1.0, 3.5, "同志们好，\n今天学习乡村振兴。"),
        Cue(3600.0, 3602.25, "𠀀 & <三江源>"),
    ]


def test_subrip_is_read() -> None:
    assert parse(SRT) == [Cue(1.0, 3.5, "同志们好"), Cue(4.0, 5.0, "开始")]


def test_subrip_without_blank_lines_keeps_its_numbers_out_of_the_text() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n甲\n2\n00:00:03,000 --> 00:00:04,000\n乙\n"
    assert [cue.text for cue in parse(text)] == ["甲", "乙"]


def test_cues_come_in_order_of_time() -> None:
    text = "WEBVTT\n\n00:05.000 --> 00:06.000\n后\n\n00:01.000 --> 00:02.000\n先\n"
    assert [cue.text for cue in parse(text)] == ["先", "后"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("这是一份讲稿，不是字幕。", 1),
        ("WEBVTT\n\n00:01 -> 00:02\n甲", 1),
        ("WEBVTT\n\n00:99.000 --> 00:02.000\n甲", 3),
        ("WEBVTT\n\n00:05.000 --> 00:02.000\n甲", 3),
        ("WEBVTT\n\n一 --> 二\n甲", 3),
    ],
)
def test_a_file_that_is_no_subtitle_says_where(text: str, line: int) -> None:
    with pytest.raises(SubtitleUnreadable) as caught:
        parse(text)
    assert caught.value.details["line"] == line
    assert str(line) in caught.value.zh
    assert str(line) in caught.value.en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_every_usual_encoding_is_understood(encoding: str) -> None:
    assert decode("字幕𠀀".encode(encoding)) == "字幕𠀀"


def test_a_huge_file_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(SubtitleTooLarge):
        decode(b"a" * (LIMIT_BYTES + 1))


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
    lambda text: text.strip() == text and "-->" not in text and "\u2028" not in text and "\u2029" not in text
)
cues = st.builds(
    lambda start, length, text: Cue(start / 1000, (start + length) / 1000, text),
    st.integers(0, 10**7),
    st.integers(0, 10**5),
    texts,
)


@given(st.lists(cues, min_size=1, max_size=10))
def test_what_is_written_is_read_again(written: list[Cue]) -> None:
    once = to_webvtt(sorted(written, key=lambda cue: (cue.start_s, cue.end_s)))
    assert [(round(c.start_s, 3), round(c.end_s, 3), c.text) for c in parse(once)] == [
        (round(c.start_s, 3), round(c.end_s, 3), c.text)
        for c in sorted(written, key=lambda cue: (cue.start_s, cue.end_s))
        if c.text
    ]


@given(st.text(max_size=300))
def test_no_text_makes_the_parser_fail_in_another_way(text: str) -> None:
    with contextlib.suppress(SubtitleUnreadable):
        parse(text)

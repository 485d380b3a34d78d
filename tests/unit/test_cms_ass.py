"""ASS and SSA subtitles as fansubs, broadcasters and karaoke tools leave them: only what is said comes out."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.lessons import ass
from cms.lessons.cues import Cue
from cms.lessons.errors import SubtitleTooLarge, SubtitleUnreadable
from cms.lessons.subtitles import (
    BEYOND_S,
    LIMIT_BYTES,
    LIMIT_WEBVTT_BYTES,
    decode,
    parse,
    parse_webvtt,
    seconds_beyond,
    to_webvtt,
)

HEAD = """[Script Info]
; 由编辑导出
Title: 第一课
ScriptType: v4.00+
WrapStyle: 0

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour
Style: Default,思源黑体,48,&H00FFFFFF

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def event(text: str, *, start: str = "0:00:01.00", end: str = "0:00:03.50", layer: int = 0) -> str:
    return f"Dialogue: {layer},{start},{end},Default,,0,0,0,,{text}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("同志们好", "同志们好"),
        ("同志们，大家好, ok", "同志们，大家好, ok"),
        (r"第一行\N第二行", "第一行\n第二行"),
        (r"软\n换行", "软 换行"),
        (r"空\h格", "空\u00a0格"),
        (r"{\an8\fs40}上面", "上面"),
        (r"{\b1}粗{\b0}细{\i1}斜", "粗细斜"),
        (r"{\k50}卡{\k60}拉{\kf30}O{\ko20}K", "卡拉OK"),
        (r"{\pos(100,200)\t(0,500,\fscx120)}动", "动"),
        (r"{\fad(200,200)\c&HFF00FF&}色", "色"),
        ("{译注：这里要核对}正文", "正文"),
        (r"{\p1}m 0 0 l 100 0 100 100 0 100{\p0}", ""),
        (r"前{\p1}m 0 0 l 9 9{\p0}后", "前后"),
        (r"{\p2\an7}m 0 0 b 1 2 3 4 5 6", ""),
        (r"{\pbo10}不是图{\pos(1,2)}形", "不是图形"),
        (r"{{\b1}套}娃", "{套}娃"),
        (r"没关上的{\b1", r"没关上的{\b1"),
        ("<i>不是标签</i> & 三江源", "<i>不是标签</i> & 三江源"),
        (r"\N\N  \N", ""),
        ("བོད་ཡིག", "བོད་ཡིག"),
    ],
)
def test_only_the_words_of_an_event_are_kept(text: str, said: str) -> None:
    found = parse(HEAD + event(text) + event("在", start="0:00:09.00", end="0:00:10.00"))
    assert [cue.text for cue in found] == [*([said] if said else []), "在"]


def test_times_are_hundredths_and_lines_come_in_order() -> None:
    text = HEAD + event("后", start="1:02:03.04", end="1:02:05.5") + event("先")
    assert parse(text) == [Cue(1.0, 3.5, "先"), Cue(3723.04, 3725.5, "后")]


def test_comments_other_sections_and_other_kinds_of_events_are_passed_over() -> None:
    text = (
        HEAD
        + "Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,template,!retime()!\n"
        + "Picture: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,a.png\n"
        + event("说的话")
        + "\n[Fonts]\nfontname: a.ttf\nM5P&Dialogue: 0,0:00:01.00\n[Graphics]\n"
        + event("不算")
    )
    assert [cue.text for cue in parse(text)] == ["说的话"]


def test_the_same_words_on_several_layers_are_one_cue_and_different_words_at_one_time_are_two() -> None:
    text = HEAD + event(r"{\blur3}发光", layer=1) + event("发光") + event("屏上的字", layer=2)
    assert sorted(cue.text for cue in parse(text)) == ["发光", "屏上的字"]


def test_events_that_are_shown_for_no_time_are_none() -> None:
    text = HEAD + event("闪", start="0:00:01.00", end="0:00:01.00") + event("在")
    assert [cue.text for cue in parse(text)] == ["在"]


def test_the_forerunner_and_columns_in_another_order_are_read() -> None:
    ssa = "[Script Info]\n[Events]\nFormat: Marked, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    assert parse(ssa + "Dialogue: Marked=0,0:00:01.00,0:00:02.00,Default,NTP,0000,0000,0000,,旧\n") == [Cue(1, 2, "旧")]
    other = "[Events]\nFormat: End, Start, Text\nDialogue: 0:00:02.00,0:00:01.00,换,了,序\n"
    assert parse(other) == [Cue(1, 2, "换,了,序")]


def test_a_file_without_a_format_line_has_the_usual_columns() -> None:
    assert parse("[Events]\n" + event("照样")) == [Cue(1.0, 3.5, "照样")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_every_usual_encoding_and_line_end_is_read(encoding: str) -> None:
    for text in (HEAD + event("三江源"), (HEAD + event("三江源")).replace("\n", "\r\n")):
        assert [cue.text for cue in parse(decode(text.encode(encoding)))] == ["三江源"]


@pytest.mark.parametrize(
    ("event_line", "reason"),
    [
        (event("a", start="-0:00:01.00"), "malformed"),
        (event("a", start="0:00:01"), "malformed"),
        (event("a", start="0:99:01.00"), "malformed"),
        (event("a", start="９:00:01.00"), "malformed"),
        (event("a", start="0:00:05.00"), "before the start"),
        ("Dialogue: 0\n", "malformed"),
        ("Dialogue:\n", "malformed"),
        ("Format: Layer, Start, Text\n", "Format"),
        ("Format: Text, Start, End\n", "Format"),
        ("Format: " + "a," * 100 + "Start, End, Text\n", "Format"),
    ],
)
def test_a_broken_line_is_named(event_line: str, reason: str) -> None:
    with pytest.raises(SubtitleUnreadable) as caught:
        parse(HEAD + event("好") + event_line)
    assert caught.value.details["line"] == HEAD.count("\n") + 2
    assert reason in str(caught.value.details["reason_en"])


def test_subrip_whose_words_name_a_section_stays_subrip() -> None:
    assert parse("1\n00:00:01,000 --> 00:00:02,000\n[Events]\n") == [Cue(1, 2, "[Events]")]


@pytest.mark.parametrize("text", [HEAD, "[Events]\n", HEAD + "Comment: x\n", HEAD + event(r"{\p1}m 0 0")])
def test_a_file_in_which_nothing_is_said_is_refused(text: str) -> None:
    with pytest.raises(SubtitleUnreadable):
        parse(text)


# --- hostile files, of every kind -------------------------------------------------------------------


def test_ten_megabytes_are_refused_unread() -> None:
    with pytest.raises(SubtitleTooLarge):
        decode((HEAD + event("a") * 200_000).encode())


@pytest.mark.parametrize("kind", ["ass", "vtt"])
def test_a_hundred_thousand_cues_are_refused(kind: str) -> None:
    stamp = lambda n: f"{n // 3600}:{n // 60 % 60:02}:{n % 60:02}"  # noqa: E731
    if kind == "ass":
        text = HEAD + "".join(f"Dialogue: 0,{stamp(n)}.00,{stamp(n)}.50,,,,,,,a\n" for n in range(100_000))
    else:
        text = "WEBVTT\n\n" + "".join(f"{stamp(n)}.000 --> {stamp(n)}.500\na\n\n" for n in range(100_000))
    with pytest.raises(SubtitleUnreadable) as caught:
        parse(text)
    assert "too many" in str(caught.value.details["reason_en"])


BULK = LIMIT_BYTES - 1000


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "{",
        r"{\b1",
        "<b<i<u>",
        "}{",
        "\\N",
        "-->\n",
        "\n",
        " ",
        "[",
        "1:",
        "NOTE\n",
        r"{\p1}",
        "&lt;",
        "[Events]\n",
    ],
)
def test_no_repetition_keeps_the_parser_busy(piece: str) -> None:
    """As many as a file may hold; the limit is the one that every bad file has (20 CPU-seconds)."""
    filler = piece * (BULK // len(piece))
    for text in (HEAD + event(filler), "WEBVTT\n\n00:01.000 --> 00:02.000\n" + filler, filler):
        began = time.process_time()
        with contextlib.suppress(SubtitleUnreadable):
            parse(text)
        assert time.process_time() - began < 20


def test_overlapping_cues_are_all_kept() -> None:
    text = HEAD + event("甲", end="0:00:09.00") + event("乙", start="0:00:02.00", end="0:00:08.00")
    assert parse_webvtt(to_webvtt(parse(text)).encode()) == [Cue(1, 9, "甲"), Cue(2, 8, "乙")]


def test_subtitles_that_go_on_long_after_the_recording_are_noticed() -> None:
    cues = [Cue(10, 12, "a"), Cue(600, 601, "b")]
    assert seconds_beyond(cues, 300.0) == 300.0
    assert seconds_beyond(cues, 600.0 - BEYOND_S) == 0.0
    assert seconds_beyond(cues, None) == seconds_beyond([], 300.0) == 0.0


def test_the_longest_subtitles_that_are_taken_can_be_read_again_as_they_are_kept() -> None:
    line = "&" * 90
    text = "WEBVTT\n\n" + "".join(
        f"{n // 60:02}:{n % 60:02}.000 --> {n // 60:02}:{n % 60:02}.900\n{line}\n\n" for n in range(3600)
    )
    text += "00:59.000 --> 01:00.000\n" + "&" * (LIMIT_BYTES - len(text.encode()) - 60)
    kept = to_webvtt(parse(decode(text.encode()))).encode()
    assert LIMIT_BYTES < len(kept) <= LIMIT_WEBVTT_BYTES
    assert len(parse_webvtt(kept)) == 3601


@given(st.text(max_size=200))
def test_what_is_kept_holds_no_markup_whatever_an_event_says(text: str) -> None:
    with contextlib.suppress(SubtitleUnreadable):
        said = ass.plain(text.replace("\n", " "))
        kept = to_webvtt([Cue(0, 1, said or "a")])
        assert "<" not in kept
        assert kept.count("-->") == 1


@given(st.text(alphabet="[]Events\n:,.0123{}\\pNkDialogueFormat ", max_size=300))
def test_no_text_makes_it_fail_in_another_way(text: str) -> None:
    with contextlib.suppress(SubtitleUnreadable):
        parse("[Events]\n" + text)

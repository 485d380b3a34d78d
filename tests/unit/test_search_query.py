"""A query is made safe and small; a highlight never lets markup through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.highlight import find, mark, snippet
from search.query import MAX_CHARACTERS, MAX_PARTS, MAX_TERMS, clean, parse
from search.windows import SpokenCue, second_at, windows


def test_parts_are_split_at_spaces_of_any_script() -> None:
    assert [part.terms for part in parse("长征 \u3000精神\u202f雪").parts] == [("长征",), ("精神",), ("雪",)]


@given(st.text(alphabet=st.characters(), max_size=1000))
def test_no_input_breaks_the_limits(text: str) -> None:
    query = parse(text)
    assert len(query.text) <= MAX_CHARACTERS
    assert len(query.parts) <= MAX_PARTS
    assert sum(len(part.terms) for part in query.parts) <= MAX_TERMS
    assert all(part.terms and part.units for part in query.parts)


def test_ten_thousand_terms_become_eight_parts() -> None:
    assert len(parse("羊 " * 10_000).parts) == MAX_PARTS


def test_invisible_marks_do_not_split_a_word() -> None:
    assert [part.units for part in parse("两\u200d弹\u202e一星").parts] == [("两", "弹", "一", "星")]


def test_what_is_shown_again_has_no_control_character() -> None:
    assert clean("a\x00b\u202ec\ud800d\r\ne") == "a bcd e"


def test_a_lone_character_is_looked_for_among_characters() -> None:
    assert parse("羊").parts[0].by_characters
    assert not parse("羔羊").parts[0].by_characters


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>羔羊", '"><img src=x onerror=alert(1)>羔羊', "&lt;羔羊&gt;"]
)
def test_markup_is_escaped_before_marking(text: str) -> None:
    html = snippet(text, parse("羔羊"))
    assert "<script" not in html
    assert "<img" not in html
    assert html.replace("<mark>", "").replace("</mark>", "").count("<") == 0
    assert "<mark>羔羊</mark>" in html


def test_a_query_of_markup_marks_words_not_tags() -> None:
    assert mark("<mark>x</mark>", find("<mark>x</mark>", parse("mark"))).count("<mark>") == 2
    assert "&lt;<mark>mark</mark>&gt;" in mark("<mark>x</mark>", find("<mark>x</mark>", parse("mark")))


def test_a_traditional_spelling_is_marked_where_it_stands() -> None:
    text = "紀念長征精神的課"
    assert mark(text, find(text, parse("长征精神"))) == "紀念<mark>長征精神</mark>的課"


def test_characters_beyond_the_basic_plane_are_marked_whole() -> None:
    assert mark("在𠮷野", find("在𠮷野", parse("𠮷野"))) == "在<mark>𠮷野</mark>"


def test_a_long_text_is_cut_around_the_first_place() -> None:
    html = snippet("前" * 500 + "羔羊" + "后" * 500, parse("羔羊"))
    assert html.startswith("…")
    assert html.endswith("…")
    assert "<mark>羔羊</mark>" in html
    assert len(html) < 150


@given(st.text(max_size=200), st.text(max_size=30))
def test_any_highlight_is_the_escaped_text_with_marks(text: str, typed: str) -> None:
    html = mark(text, find(text, parse(typed)))
    assert html.replace("<mark>", "").replace("</mark>", "") == mark(text, [])


def _cues(*texts: str, length: float = 4.0) -> list[SpokenCue]:
    return [SpokenCue(n * length, n * length + length, text) for n, text in enumerate(texts)]


def test_windows_hold_half_a_minute_and_keep_every_cue_start() -> None:
    made = windows(_cues(*["今天讲接羔"] * 30))
    assert [window.start_s for window in made] == [0.0, 32.0, 64.0, 96.0]
    for window in made:
        for place, second in window.cues:
            assert window.text[place:].startswith("今天讲接羔")
            assert second % 4 == 0


def test_a_phrase_across_the_border_of_two_windows_is_whole_in_one() -> None:
    texts = ["空" * 10] * 7 + ["我们先把羊圈", "打扫干净再接羔"] + ["空" * 10] * 5
    assert any("羊圈打扫干净" in window.text for window in windows(_cues(*texts)))


def test_a_place_in_a_window_leads_to_the_second_its_cue_begins() -> None:
    (window,) = windows(_cues("第一句", "第二句", "第三句"))
    assert second_at(window.cues, window.text.index("二")) == 4.0
    assert second_at(window.cues, window.text.index("第三")) == 8.0


def test_words_of_other_scripts_stay_apart_when_cues_are_joined() -> None:
    (window,) = windows(_cues("hello", "world", "世界"))
    assert window.text == "hello world世界"


@pytest.mark.parametrize("cues", [[], _cues("", "  ", "\n")])
def test_nothing_said_makes_no_window(cues: list[SpokenCue]) -> None:
    assert windows(cues) == []

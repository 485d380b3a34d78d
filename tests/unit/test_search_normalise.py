"""The normaliser: what is equal to a searcher."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import bigram_stream, character_stream, strip_tibetan_affix, units
from search.normalise import fold, normalise


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("長征精神", "长征精神"),
        ("ＷＩＦＩ", "wifi"),
        ("Straße", "strasse"),
        ("两弹\u200b一星", "两弹一星"),
        ("ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ", "ᠮᠣᠩᠭᠣᠯ ᠤᠨ"),
        ("ᠠ\u180b\u180e\u180f", "ᠠ"),
        ("a\x00b\ud800c", "abc"),
        ("e\u0301", "é"),
        ("𠮷野", "𠮷野"),
        ("\U0002ebf0", "\U0002ebf0"),
        ("བོད\u0f0cཡིག", "བོད་ཡིག"),
    ],
)
def test_folds_what_a_searcher_takes_for_the_same(written: str, expected: str) -> None:
    assert normalise(written) == expected


def test_traditional_characters_keep_the_length_so_that_highlights_stay_right() -> None:
    text = "兩彈一星與長征精神,後來發展為鄉村振興"
    assert len(normalise(text)) == len(text)


def test_a_word_folds_the_same_alone_and_inside_a_text() -> None:
    # OpenCC with context leaves 乾隆 alone but turns 乾 into 干: an exact keyword would be missed
    assert normalise("乾") in normalise("乾隆年間")


@given(st.text(alphabet=st.characters(), max_size=80))
def test_every_place_points_into_the_original(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)


@given(st.text(alphabet=st.characters(), max_size=80))
def test_normalising_twice_changes_no_term(text: str) -> None:
    once = normalise(text)
    assert character_stream(units(normalise(once))) == character_stream(units(once))


@pytest.mark.parametrize(
    ("syllable", "stem"),
    [("པོའི", "པོ"), ("པོའིས", "པོ"), ("པོའོ", "པོ"), ("པོའང", "པོ"), ("དགའ", "དག"), ("དགའི", "དག"), ("བོད", "བོད"), ("འདི", "འདི")],
)
def test_tibetan_affixes_are_stripped_from_the_syllable(syllable: str, stem: str) -> None:
    assert strip_tibetan_affix(syllable) == stem


@pytest.mark.parametrize(
    ("text", "bigrams"),
    [
        ("乡村振兴", ["乡村", "村振", "振兴"]),
        ("两弹、一星", ["两弹", "一星"]),
        ("5G网络", ["5g", "网络"]),
        ("县", ["县"]),
        ("བོད་པོའི་སྐད", ["བོད", "པོ", "སྐད"]),
        ("!!!", []),
        ("𠮷野家", ["𠮷野", "野家"]),
    ],
)
def test_the_bigram_stream(text: str, bigrams: list[str]) -> None:
    assert bigram_stream(units(text)) == bigrams


def test_vowel_signs_of_tibetan_belong_to_their_syllable() -> None:
    assert character_stream(units("བོད་ཡིག")) == ["བོད", "ཡིག"]

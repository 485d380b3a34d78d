"""One-time codes: what people do to a code when they type it, and what no code can be."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.codes import ALPHABET, LENGTH, UnreadableCode, generate, parse, printed

made = st.randoms(use_true_random=False).map(lambda chance: generate(chance.randrange))


@pytest.mark.parametrize(
    "typed", ["", " ", "ABCD", "0" * 15, "0" * 17, "U" * 16, "激活码", "0000-0000-0000-000!", "0" * 10_000, "\x00" * 16]
)
def test_what_cannot_be_a_code_is_unreadable(typed: str) -> None:
    with pytest.raises(UnreadableCode):
        parse(typed)


@given(made)
def test_a_printed_code_is_read_back(code: str) -> None:
    assert len(code) == LENGTH
    assert parse(printed(code)) == code


@given(made)
def test_case_spaces_full_width_and_missing_hyphens_do_not_matter(code: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in code)
    for typed in (
        code.lower(),
        f"  {printed(code)} ",
        printed(code).replace("-", " "),
        wide,
        printed(code).replace("-", "—"),
    ):
        assert parse(typed) == code


@given(made)
def test_letters_that_look_like_digits_are_taken_as_these(code: str) -> None:
    assert parse(code.replace("0", "O").replace("1", "l")) == code


@given(made, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(code: str, place: int, wrong: str) -> None:
    typed = code[:place] + wrong + code[place + 1 :]
    if typed != code:
        with pytest.raises(UnreadableCode):
            parse(typed)


def test_nearly_every_swap_of_neighbours_is_noticed() -> None:
    chance = random.Random(1)
    noticed = swapped = 0
    for _ in range(2000):
        code = generate(chance.randrange)
        place = chance.randrange(LENGTH - 1)
        typed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if typed == code:
            continue
        swapped += 1
        try:
            parse(typed)
        except UnreadableCode:
            noticed += 1
    assert noticed / swapped > 0.99

"""What a person reads of a transcript that was found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from search.highlight import snippet
from search.query import parse

SAID = "先备过冬的草料储草棚要离房子远"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("草料", "先备过冬的<mark>草料</mark> 储草棚要离房子远"),
        ("储草棚", "先备过冬的草料 <mark>储草棚</mark>要离房子远"),
        ("草料储草棚", "先备过冬的<mark>草料 储草棚</mark>要离房子远"),
    ],
)
def test_a_space_stands_where_one_subtitle_ends_and_the_next_begins(words: str, shown: str) -> None:
    assert snippet(SAID, parse(words), borders=[0, 7]) == shown


def test_what_does_as_well_is_marked_too() -> None:
    asked = parse("接羔")
    asked = replace(asked, parts=(replace(asked.parts[0], alternatives=parse("产羔").parts),))
    assert snippet("母羊产羔", asked) == "母羊<mark>产羔</mark>"


def test_a_border_that_has_its_space_gets_no_second_one() -> None:
    assert snippet("one two", parse("two"), borders=[0, 4, 99]) == "one <mark>two</mark>"

"""What an address may ask for when it narrows a search."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from search import narrowing


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("", {}),
        ("q=a&page=2&colour=red&KIND=case&kind[]=case", {}),
        ("kind=case&kind=lesson&kind=case", {"kind": ("case", "lesson")}),
        ("kind=&kind=%20&kind=%00", {}),
        ("place=%E6%B5%B7%E6%99%8F%E5%8E%BF%00", {"place": ("海晏县",)}),
        (f"kind={'x' * 61}&year=2026", {"year": ("2026",)}),
        ("kind=%ed%a0%80", {"kind": ("���",)}),
    ],
)
def test_known_facets_are_read_and_all_else_is_passed_over(asked: str, read: dict[str, tuple[str, ...]]) -> None:
    assert narrowing.read(QueryDict(asked)) == read


def test_of_a_thousand_values_eight_are_looked_at() -> None:
    bomb = "&".join(f"place=p{n}" for n in range(900))
    assert narrowing.read(QueryDict(bomb)) == {"place": tuple(f"p{n}" for n in range(8))}

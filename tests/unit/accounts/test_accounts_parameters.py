"""Numbers in addresses: digits of a sensible length, or nothing."""

from __future__ import annotations

import pytest

from accounts.parameters import whole_number


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("0", 0), ("12", 12), ("07", 7)])
def test_plain_digits_are_a_number(text: str, number: int) -> None:
    assert whole_number(text, at_most=12) == number


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1e3", " 1", "七", "٣", "²", "13", "9" * 5000, "007"])
def test_anything_else_is_none(text: str) -> None:
    assert whole_number(text, at_most=12) is None

"""Reads what a stranger wrote into an address. Pure."""

from __future__ import annotations


def whole_number(text: str, *, at_most: int) -> int | None:
    """The number that plain digits name; None for anything else, and for what lies above `at_most`.

    Digits are counted before they are read: Python refuses to convert thousands of them.
    """
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(at_most)):
        return None
    number = int(text)
    return number if number <= at_most else None

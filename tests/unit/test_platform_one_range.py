"""Which bytes a Range header asks for."""

from __future__ import annotations

import pytest

from config.public_objects import one_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("bytes=0-9", (0, 9)),
        ("bytes=90-", (90, 99)),
        ("bytes=90-500", (90, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=-500", (0, 99)),
        ("bytes=100-", (100, 99)),
        ("bytes=-0", (100, 100)),
        ("bytes=-", None),
        ("bytes=9-1", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=" + "9" * 40 + "-", None),
    ],
)
def test_a_header_asks_for_one_range_or_for_the_whole(header: str | None, wanted: tuple[int, int] | None) -> None:
    assert one_range(header, 100) == wanted

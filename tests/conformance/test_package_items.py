"""The vectors of a package's items: what every reader of the format takes of a lesson, and how a deck is described."""

from __future__ import annotations

import json

from offline.packages import manifest
from tests.conformance import make_vectors

VECTORS = json.loads(make_vectors.ITEMS_PATH.read_text(encoding="utf-8"))


def test_the_committed_vectors_are_what_the_code_makes_now():
    assert make_vectors.build_items() == VECTORS


def test_a_lesson_with_a_deck_is_read_back_as_it_was_written():
    raw = manifest.canonical_json(VECTORS["lesson"])
    assert manifest.parse_lesson(raw).as_bytes() == raw


def test_av1_takes_the_place_of_the_picture_only_where_it_has_no_more_bytes():
    name_of = {item["sha256"]: item["profile"] for item in VECTORS["lesson"]["items"]}
    taken = {choice: {name_of[sha256] for sha256 in hashes} for choice, hashes in VECTORS["taken"].items()}
    assert "h264-240" in taken["small-av1"] and "av1-360" in taken["clear-av1"]
    assert all("deck" in names and "av1-480" not in names for names in taken.values())
    assert not any(name.startswith(("h264", "av1")) for choice in ("sound", "sound-av1") for name in taken[choice])

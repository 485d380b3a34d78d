"""The fields that both engines search, and what a hit in each counts: one list, or they would rank apart."""

from __future__ import annotations

from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {"title": 8.0, "summary": 3.0, "body": 1.5, "teachers": 4.0, "transcript": 1.0}
"""A field, in the order of `search.likeness`, and what a hit of its bigrams counts."""
TEXT_FIELDS = tuple(WEIGHTS)
CHARACTER_SHARE = 0.5
"""Characters count this much of the bigrams of their field."""
TITLE_FACTOR = 3.0
"""What has every part in its title stands above what only mentions them: BM25 alone would punish a lesson for the
length of its transcript."""

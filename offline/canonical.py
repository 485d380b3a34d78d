"""Canonical JSON: the one byte form of a document that is hashed or signed (docs/spec/offline-package.md §2.1).

Pure: imports nothing of Django.
"""

from __future__ import annotations

import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """Return `value` as UTF-8 JSON with sorted keys, no spaces and no escapes beyond what JSON demands.

    Raises ValueError for NaN and the infinities, which JSON has no words for.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def strict_json(data: bytes) -> Any:
    """Parse UTF-8 JSON; a repeated key, NaN, an infinity or too deep a nesting raises ValueError.

    The caller bounds the size of `data` first.
    """
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error

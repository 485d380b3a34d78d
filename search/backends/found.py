"""What an engine knows of a document that is a hit, and which of a material's versions is shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A document that matches, and the material of which it is a version."""

    document_id: int
    material: str
    language: str


def one_a_material(found: Iterable[Found], language: str) -> tuple[int, ...]:
    """Where the best of a material's documents stands, the one in the reader's language, if it is a hit as well."""
    shown: dict[str, Found] = {}
    for each in found:
        before = shown.get(each.material)
        if before is None or (each.language == language != before.language):
            shown[each.material] = each
    return tuple(each.document_id for each in shown.values())

"""Background tasks: each only carries ids, and may run twice (architecture.md §3)."""

from __future__ import annotations

from django_tasks import task


@task()
def take_over(document_ids: list[int]) -> int:
    """Index documents whose text is long; returns how many."""
    from search.services import take_over as work

    return work(document_ids)


@task()
def index_materials(material_ids: list[str]) -> int:
    """Bring the documents of materials up to date; returns how many were looked at."""
    from search.services import index_all

    return index_all(material_ids)


@task()
def extract(sha256: str) -> str:
    """Read the words of a file; returns its state afterwards."""
    from search.extraction.shelf import extract as work

    return work(sha256)

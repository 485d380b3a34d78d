"""Which drafts hold something: the rows of a live item say nothing of its draft, which lies in a revision alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from wagtail.models import Revision, TaskState


def drafts_naming(model: Any, parts: Sequence[str], names: Callable[..., bool]) -> list[Any]:
    """The items of a model whose draft, or whose revision before the reviewers, names what is looked for.

    Args:
        parts: the keys of a revision's content that `names` is asked about; nothing else is read.
        names: told the parts' values in that order (None where a revision lacks one).
    """
    latest = model.objects.filter(has_unpublished_changes=True).values("latest_revision")
    judged = TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS).values("revision")
    rows = (
        Revision.objects.filter(content_type=ContentType.objects.get_for_model(model))
        .filter(Q(pk__in=latest) | Q(pk__in=judged))
        .values_list("object_id", *(f"content__{part}" for part in parts))
    )
    found = {object_id for object_id, *values in rows.iterator() if names(*values)}
    return list(model.objects.filter(pk__in=found))

"""Finding pages in few queries (architecture.md §5: at most eight for a public page)."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from wagtail.models import Page, PageViewRestriction, get_page_models


class KnownAncestors:
    """Mixin for pages that `find` may have found together with their ancestors."""

    known_ancestors: list[Any] | None = None

    def ancestors(self) -> list[Page]:
        """The pages above, from the root down; no query when they were found together."""
        if self.known_ancestors is None:
            return list(self.get_ancestors()) if self.path else []  # type: ignore[attr-defined]
        return self.known_ancestors

    def get_view_restrictions(self) -> Any:
        """As Wagtail's, without its query for the ancestors; this site has no aliases (`cms.review.guard`)."""
        return PageViewRestriction.objects.filter(
            page_id__in=[self.pk, *(page.pk for page in self.ancestors())]  # type: ignore[attr-defined]
        )


def _links() -> list[str]:
    """Names of the one-to-one links from a page's base row to its specific row."""
    children = [model for model in get_page_models() if model is not Page and model._meta.get_parent_list() == [Page]]
    return [model._meta.get_field("page_ptr").remote_field.get_accessor_name() for model in children]


def find(url_path: str) -> Page:
    """The live page of a whole address, specific, with its ancestors; one query.

    Raises:
        Http404: there is none, or it is not live.
    """
    parts = url_path.strip("/").split("/")
    prefixes = ["/", *("/" + "/".join(parts[:count]) + "/" for count in range(1, len(parts) + 1))]
    rows = list(Page.objects.filter(url_path__in=prefixes).select_related(*_links()).order_by("path"))
    found = next((row for row in rows if row.url_path == url_path and row.live), None)
    if found is None:
        raise Http404
    specific = next((child for link in _links() if (child := getattr(found, link, None)) is not None), None)
    if specific is None:
        return found.specific
    specific.known_ancestors = [row for row in rows if row.depth < found.depth and found.path.startswith(row.path)]
    return specific

"""What the admin's lists of reviewed snippets have in common."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.views.snippets import UnpublishView

from cms.review.guard import TAKE_DOWN_PERMISSION


class TakeDownView(UnpublishView):
    """The urgent take-down of a snippet: a right of its own, since nobody holds "publish" (domain.md §3)."""

    page_title = _("下架")
    success_message = _("“%(object)s”已下架。")

    def user_has_permission(self, permission: str) -> bool:
        return self.request.user.has_perm(TAKE_DOWN_PERMISSION)


class ReviewedSnippetViewSet:
    """Mixin for a `SnippetViewSet` of something `Reviewed`; stands first among the bases."""

    copy_view_enabled = False
    unpublish_view_class = TakeDownView

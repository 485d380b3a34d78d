"""The review in the admin: the home panel, and no publish button for anybody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel
from wagtail.snippets.action_menu import UnpublishMenuItem
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.review import decided, selectors  # noqa: F401 - registers its hooks
from cms.review.guard import TAKE_DOWN_PERMISSION, Reviewed
from cms.review.models import ReviewRecord
from cms.review.views import ReviewedPageCompareView

PUBLISHING_ACTIONS = {"action-publish", "action-unpublish"}
LOCKED = {"action-page-locked", "action-locked"}
DECIDING_ACTIONS = {"approve", "reject"}
"""They stand on the desk, beside what is judged, and once is enough."""


class ToTheDesk(Component):
    """The way from the foot of a long form back to where it is decided."""

    name = "to-the-desk"
    template_name = "review_admin/to_the_desk.html"


class AwaitingMyReview(Component):
    """待我审核: what this person may decide now, the oldest first."""

    name = "awaiting_my_review"
    template_name = "review_admin/awaiting_my_review.html"
    order = 90

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        finder = AdminURLFinder(user)
        rows = [(waiting, finder.get_edit_url(waiting.instance)) for waiting in selectors.waiting_for(user)]
        return {**super().get_context_data(parent_context), "rows": rows}


class ReturnedToMe(Component):
    """被退回: what this person has to change, with the reviewer's words; before everything else."""

    name = "returned_to_me"
    template_name = "review_admin/returned_to_me.html"
    order = 80

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        finder = AdminURLFinder(user)
        rows = [(returned, finder.get_edit_url(returned.instance)) for returned in selectors.returned_to(user)]
        return {**super().get_context_data(parent_context), "rows": rows}


@hooks.register("construct_homepage_panels")
def show_own_review_panel(request: HttpRequest, panels: list[Component]) -> None:
    """Ours names the stage and who handed it in; Wagtail's would list the same items again."""
    panels[:] = [panel for panel in panels if not isinstance(panel, WorkflowObjectsToModeratePanel)]
    panels += [ReturnedToMe(), AwaitingMyReview()]


@hooks.register("construct_page_action_menu")
@hooks.register("construct_snippet_action_menu")
def offer_no_publishing(menu_items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """A button that the guard refuses must not be offered; for superusers neither."""
    instance = context.get("page") or context.get("instance")
    model = context.get("model")
    reviewed = isinstance(instance, Reviewed) or (isinstance(model, type) and issubclass(model, Reviewed))
    if not reviewed:
        return
    taken_away = PUBLISHING_ACTIONS if context.get("page") is None else {"action-publish"}
    if any(item.name in DECIDING_ACTIONS for item in menu_items):
        taken_away = taken_away | DECIDING_ACTIONS
        menu_items.append(ToTheDesk())
    menu_items[:] = [item for item in menu_items if item.name not in taken_away]
    menu_items.sort(key=lambda item: _rank(item, is_saved_draft=_is_saved_draft(instance, context)))


def _is_saved_draft(instance: Any, context: dict[str, Any]) -> bool:
    return context.get("view") == "edit" and bool(instance and instance.has_unpublished_changes)


def _rank(item: Any, *, is_saved_draft: bool) -> int:
    """The first button is the one at hand; the others keep Wagtail's order.

    Who may decide came to decide, not to save a change of his own. Who may hand in has a draft that saves itself.
    While others review it there is nothing to do, and calling it back must not lie at hand.
    """
    if item.name in LOCKED or item.name == ToTheDesk.name:
        return 0
    if item.name == "action-submit" and is_saved_draft:
        return 1
    return 2


class TakeDownMenuItem(UnpublishMenuItem):
    """下架, for those who hold the right to it; also while a change of the item is being reviewed."""

    label = _("下架")
    name = "action-take-down"

    def is_shown(self, context: dict[str, Any]) -> bool:
        instance = context.get("instance")
        may = context["request"].user.has_perm(TAKE_DOWN_PERMISSION)
        return context["view"] == "edit" and isinstance(instance, Reviewed) and instance.live and may


@hooks.register("register_snippet_action_menu_item")
def offer_the_take_down(model: type) -> TakeDownMenuItem | None:
    """Pages have Wagtail's own item, which asks the page's permission tester."""
    return TakeDownMenuItem(order=100) if issubclass(model, Reviewed) else None


@hooks.register("register_admin_urls")
def review_urls() -> list[Any]:
    compare = "review/compare/<int:pk>/<int:revision_id_a>...<int:revision_id_b>/"
    return [path(compare, ReviewedPageCompareView.as_view(), name="review_compare")]


class ReviewRecordViewSet(SnippetViewSet):
    """审核记录: everything that was ever decided, to read."""

    model = ReviewRecord
    icon = "clipboard-list"
    menu_label = _("审核记录")
    menu_name = "review-records"
    add_to_admin_menu = True
    menu_order = 820
    inspect_view_enabled = True
    copy_view_enabled = False
    list_display = ["decided_at", "title", "stage", "decision", "person", "comment"]
    list_filter = ["stage", "decision", "person"]
    search_fields = ["title"]
    ordering = ["-decided_at"]


register_snippet(ReviewRecordViewSet)

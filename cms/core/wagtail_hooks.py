"""What every editing page of the admin carries."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms.core.private_media import may_see_uploads


@hooks.register("insert_editor_js")
def one_save_at_a_time() -> SafeString:
    """Hold a person's save back while an autosave is under way."""
    return format_html('<script src="{}"></script>', static("core/one-save-at-a-time.js"))


@hooks.register("construct_help_menu")
def no_help_about_wagtail(request: HttpRequest, menu_items: list[Any]) -> None:
    """Wagtail's news and its English guide help nobody here, and their badge calls for attention; the keys stay."""
    menu_items[:] = [item for item in menu_items if item.name == "keyboard-shortcuts-trigger"]


class HealthMenuItem(MenuItem):
    """For those to whom the health page says what is wrong and why."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.is_staff)


@hooks.register("register_admin_menu_item")
def health_menu_item() -> MenuItem:
    return HealthMenuItem(_("运行状况"), reverse("health:health"), name="health", icon_name="circle-check", order=900)


@hooks.register("before_serve_document")
def documents_are_private(document: Any, request: HttpRequest) -> None:
    """Subtitles and attachments reach the public by the objects that a published revision pinned, never by this."""
    if not may_see_uploads(request.user):
        raise Http404

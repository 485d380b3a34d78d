"""What every editing page of the admin carries."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks

from cms.core.private_media import may_see_uploads


@hooks.register("insert_editor_js")
def one_save_at_a_time() -> SafeString:
    """Hold a person's save back while an autosave is under way."""
    return format_html('<script src="{}"></script>', static("core/one-save-at-a-time.js"))


@hooks.register("before_serve_document")
def documents_are_private(document: Any, request: HttpRequest) -> None:
    """Subtitles and attachments reach the public by the objects that a published revision pinned, never by this."""
    if not may_see_uploads(request.user):
        raise Http404

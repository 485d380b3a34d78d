"""What every editing page of the admin carries."""

from __future__ import annotations

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks


@hooks.register("insert_editor_js")
def one_save_at_a_time() -> SafeString:
    """Hold a person's save back while an autosave is under way."""
    return format_html('<script src="{}"></script>', static("core/one-save-at-a-time.js"))

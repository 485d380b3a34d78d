"""The panel that shows, in a lesson's edit page, how far its media are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel


class MediaProgressPanel(Panel):
    """Shows and controls the transcode of the media chosen in `field_name`, and takes a new file by dropping.

    Works before the page is saved: it follows the value of the chooser's input and asks by media id.
    """

    def __init__(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("heading", _("视频处理进度"))
        super().__init__(*args, **kwargs)
        self.field_name = field_name

    def clone_kwargs(self) -> dict[str, Any]:
        return {**super().clone_kwargs(), "field_name": self.field_name}

    class BoundPanel(Panel.BoundPanel):
        template_name = "lessons_admin/media_progress_panel.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            field = self.form[self.panel.field_name]
            model_field = self.instance._meta.get_field(self.panel.field_name)
            return {
                **super().get_context_data(parent_context),
                "input_id": field.auto_id,
                "media_type": "audio" if model_field.name == "audio" else "video",
                "base_url": reverse("lessons_media:base"),
                "upload_url": reverse("lessons_media:upload_start"),
                "login_url": reverse("wagtailadmin_login"),
            }

        @property
        def media(self) -> forms.Media:
            return forms.Media(js=["lessons/media-progress.js"], css={"all": ["lessons/media-progress.css"]})

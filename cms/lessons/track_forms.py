"""The form of one dub or subtitle. Apart from the models, which import it while they load."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import InlinePanel, get_form_for_model

from accounts.errors import PersonError


class TrackForm(WagtailAdminModelForm):
    """A dub needs a sound file, a subtitle a file that can be read as one.

    A draft is kept without them (it saves itself while the person is still choosing); handing it in asks for them.
    """

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind, audio, subtitle = (cleaned.get(name) for name in ("kind", "audio", "subtitle"))
        if kind == "audio" and audio is None and not self.is_deferred_validation:
            self.add_error("audio", _("请选择配音文件。"))
        if kind == "subtitle" and subtitle is None and not self.is_deferred_validation:
            self.add_error("subtitle", _("请选择字幕文件。"))
        if kind == "subtitle" and subtitle is not None:
            self._check_readable(subtitle)
        return cleaned

    def _check_readable(self, subtitle: Any) -> None:
        from cms.lessons import subtitles

        try:
            subtitles.cues(subtitle)
        except PersonError as error:
            self.add_error("subtitle", f"{error.zh} / {error.en}")


class TrackInlinePanel(InlinePanel):
    """The rows of dubs and subtitles, each checked by `TrackForm`; Wagtail's own panel takes no form of ours."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        deferred = self.child_edit_handler.get_form_options().get("defer_required_on_fields", [])
        options["formsets"][self.relation_name]["form"] = get_form_for_model(
            self.db_field.related_model, form_class=TrackForm, defer_required_on_fields=deferred
        )
        return options

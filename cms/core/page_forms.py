"""The form of authored pages. Apart from `forms`, since models import it while they load."""

from __future__ import annotations

from typing import Any

from django.utils.text import slugify
from wagtail.admin.forms.pages import WagtailAdminPageForm
from wagtail.models import Page


class MaterialPageForm(WagtailAdminPageForm):
    """Asks only what a person must say: the address follows the title, and a taken one gets a number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def clean(self) -> dict[str, Any]:
        wanted = self.cleaned_data.get("slug") or slugify(self.cleaned_data.get("title", ""), allow_unicode=True)
        if "slug" in self.cleaned_data and (self.instance.first_published_at is None or not self.cleaned_data["slug"]):
            self.cleaned_data["slug"] = self._free_slug(wanted or "page")
        return super().clean()

    def _free_slug(self, wanted: str) -> str:
        wanted, slug, number = wanted[:240], wanted[:240], 1
        while not Page._slug_is_available(slug, self.parent_page, self.instance):
            number += 1
            slug = f"{wanted}-{number}"
        return slug

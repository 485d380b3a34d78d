"""The panel on a package's edit page: what it comes to, what stands in its way, the build button, the builds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel

from offline.packages import selectors
from offline.packages.reach import may_build


class BuildPanel(Panel):
    """Shows what would be built; the button builds what was reviewed last, and progress comes without reloading."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("heading", _("制作"))
        super().__init__(*args, **kwargs)

    class BoundPanel(Panel.BoundPanel):
        template_name = "packages_admin/build_panel.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            if self.instance.pk is None:
                return context
            # The form works on a draft with unsaved children: the panel speaks of what a build would take.
            package = type(self.instance).objects.get(pk=self.instance.pk)
            shown = package if package.live else package.get_latest_revision_as_object()
            composition, problems = selectors.composition(shown)
            return {
                **context,
                "composition": composition,
                "problems": problems,
                "has_changes": package.live and package.has_unpublished_changes,
                "may_build": may_build(self.request.user, package),
                "megabytes": {choice: -(-size // 1_000_000) for choice, size in composition.sizes.items()},
                "builds_url": reverse("packages_admin:builds", args=[package.pk]),
                "build_url": reverse("packages_admin:build", args=[package.pk]),
            }

        @property
        def media(self) -> forms.Media:
            return forms.Media(js=["packages/build-panel.js"], css={"all": ["packages/build-panel.css"]})

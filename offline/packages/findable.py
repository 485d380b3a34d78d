"""Packages that can be found: a published one by its title, campaign and what it holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from accounts.models import Organisation
from offline.packages import selectors
from offline.packages.errors import PackageUnknown
from offline.packages.models import OfflinePackage, PackageBuild
from search.facets import length_band
from search.registry import Draft, Source


class PackageSource(Source):
    """Packages with a published build."""

    kinds = {"package": _("资源包")}
    models: tuple[type[Model], ...] = (OfflinePackage,)

    def draft(self, material_id: UUID) -> Draft | None:
        try:
            package = selectors.published_package(material_id)
        except PackageUnknown:
            return None
        held = Page.objects.live().public().filter(translation_key__in=package.materials)
        return Draft(
            kind="package",
            url=reverse("packages:package", args=[material_id]),
            title=package.title,
            summary=package.campaign,
            body="\n".join([package.organisation_name, *held.values_list("title", flat=True)]),
            facets=_facets(package),
            published_at=package.published,
        )

    def material_ids(self) -> Iterable[UUID]:
        builds = PackageBuild.objects.filter(state=PackageBuild.State.PUBLISHED, package__live=True)
        return builds.values_list("package__package_id", flat=True).distinct()

    def visible(self, material_ids: Collection[UUID]) -> set[UUID]:
        builds = PackageBuild.objects.filter(
            state=PackageBuild.State.PUBLISHED, package__live=True, package__package_id__in=list(material_ids)
        )
        return set(builds.values_list("package__package_id", flat=True))


def _facets(package: selectors.PublishedPackage) -> dict[str, Any]:
    organisation = Organisation.objects.filter(code=package.organisation).first()
    county = organisation is not None and organisation.level == Organisation.Level.COUNTY
    return {
        "minutes": package.minutes,
        "length": length_band(package.minutes),
        "level": organisation.level if organisation is not None else None,
        "year": str(timezone.localtime(package.published).year),
        "place": package.organisation_name if county else None,
    }

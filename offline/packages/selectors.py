"""Reads of packages: what is published, what a composition comes to, how builds are going."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from offline.packages import contents, rules
from offline.packages.errors import PackageError, PackageUnknown
from offline.packages.models import OfflinePackage, PackageBuild

_MEGABYTE = 1_000_000
BUILDS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PublishedPackage:
    """The newest published version of a package, as lists and the API show it: in the words it was signed with.

    Lengths in bytes.
    """

    package_id: UUID
    title: str
    campaign: str
    organisation: str
    organisation_name: str
    target: str
    version: int
    length: int
    sizes: Mapping[str, int]
    minutes: int
    lessons: int
    published: datetime
    materials: tuple[UUID, ...]

    @property
    def megabytes(self) -> int:
        """What the choice *small* fetches, rounded up."""
        return -(-self.length // _MEGABYTE)

    def as_dict(self) -> dict[str, Any]:
        """The API's form."""
        return {
            "package_id": str(self.package_id),
            "title": self.title,
            "campaign": self.campaign,
            "organisation": self.organisation,
            "target": self.target,
            "version": self.version,
            "length": self.length,
            "sizes": dict(self.sizes),
            "minutes": self.minutes,
            "lessons": self.lessons,
            "published": self.published.isoformat(),
        }


def published_packages() -> list[PublishedPackage]:
    """Every package that can be fetched, newest first; one that was taken down is not among them."""
    return [_published(build) for build in _newest_builds().order_by("-published_at", "-pk")]


def published_package(package_id: UUID) -> PublishedPackage:
    """One package.

    Raises PackageUnknown.
    """
    build = _newest_builds().filter(package__package_id=package_id).first()
    if build is None:
        raise PackageUnknown
    return _published(build)


def composition(package: OfflinePackage) -> tuple[rules.Composition, list[PackageError]]:
    """What the package would come to if it were built now without what is not ready, and what stands in its way."""
    content, problems = contents.survey(package)
    summary = rules.Composition(
        lessons=len(content.lessons),
        minutes=sum(lesson.minutes for lesson in content.lessons),
        case_minutes=sum(lesson.minutes for lesson in content.lessons if lesson.genre == contents.CASE),
        sizes=rules.sizes(content.lessons),
    )
    return summary, problems


def builds(package: OfflinePackage) -> list[PackageBuild]:
    """The latest builds, newest first."""
    return list(PackageBuild.objects.filter(package=package).order_by("-pk")[:BUILDS_SHOWN])


def _newest_builds() -> Any:
    newest = PackageBuild.objects.published().filter(package=OuterRef("package"), package__live=True).values("pk")[:1]
    return PackageBuild.objects.filter(pk=Subquery(newest)).select_related("package__campaign__organisation")


def _published(build: PackageBuild) -> PublishedPackage:
    package = build.package
    if build.published_at is None:
        raise ValueError("a published build has its date")
    return PublishedPackage(
        package_id=package.package_id,
        title=build.title,
        campaign=build.campaign_name,
        organisation=package.campaign.organisation.code,
        organisation_name=package.campaign.organisation.name,
        target=build.target_path,
        version=build.version,
        length=build.sizes.get("small", build.total_length),
        sizes=build.sizes,
        minutes=build.minutes,
        lessons=len(build.materials),
        published=build.published_at,
        materials=tuple(UUID(text) for text in build.materials),
    )

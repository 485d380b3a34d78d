"""Keeps what is signed in step with what is published (docs/spec/offline-package.md §5.4, §5.6).

A take-down marks the material and asks for builds at once; `reconcile_packages` looks now and then at what is signed
and asks again until it holds, whatever failed or died in between.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts.errors import PersonError
from media_pipeline.publication import settle
from offline.packages import holding, manifest, rules, signing
from offline.packages.models import OfflinePackage, PackageBuild, Recall
from offline.packages.repository import PublishedTarget, Publisher, default_publisher
from offline.packages.services import Dispatch, dispatch_by_task, request_build

logger = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


def recall_material(
    material_id: UUID, *, clock: Callable[[], datetime] = _now, dispatch: Dispatch = dispatch_by_task
) -> int:
    """Build anew, without it, every package that handed this material out; returns how many.

    Called inside the transaction of the take-down. On commit its objects leave the public tree.
    """
    _mark(material_id, clock())
    # After a failure `reconcile_packages` and the tree's own reconciliation do the rest.
    transaction.on_commit(lambda: settle(holding.objects_of_material(material_id)), robust=True)
    count = 0
    for package in OfflinePackage.objects.filter(builds__state=PackageBuild.State.PUBLISHED).distinct():
        newest = PackageBuild.objects.published().filter(package=package).first()
        if newest is not None and material_id in newest.held:
            request_build(package, drop_unpublished=True, dispatch=dispatch)
            count += 1
    return count


def reconcile_packages(*, clock: Callable[[], datetime] = _now, dispatch: Dispatch = dispatch_by_task) -> int:
    """Ask for the builds that what is signed calls for, and take back targets that no package stands behind.

    Idempotent; a build that failed is asked for again with growing patience. Returns how many were asked for.
    """
    publisher = default_publisher()
    signed = {target.path: target for target in publisher.targets()}
    codes = dict(OfflinePackage.objects.values_list("package_id", "campaign__organisation__code"))
    abandoned, asked = [], 0
    for path, target in signed.items():
        package_id = signing.package_of(path)
        if package_id not in codes:
            abandoned.append(path)
            continue
        current = signing.target_path(codes[package_id], str(package_id))
        if path != current and current in signed:
            abandoned.append(path)
        elif path != current or _holds_withdrawn(publisher, target, clock()):
            asked += _ask(package_id, clock(), dispatch)
    if abandoned:
        logger.warning("taking back targets without a package: %s", ", ".join(abandoned))
        publisher.retract(abandoned)
    return asked


def _holds_withdrawn(publisher: Publisher, target: PublishedTarget, now: datetime) -> bool:
    """Whether a signed manifest names a lesson that was taken down. One that cannot be read is left to a person."""
    try:
        package = manifest.parse_package(publisher.read_target(target))
    except PersonError:
        logger.exception("the signed manifest %s cannot be read", target.path)
        return False
    # A take-down that was killed before it could say so is marked now.
    for material in holding.unmarked_materials(package):
        _mark(material, now)
    return bool(holding.withdrawn_materials(package))


def _ask(package_id: UUID, now: datetime, dispatch: Dispatch) -> int:
    package = OfflinePackage.objects.get(package_id=package_id)
    builds = PackageBuild.objects.filter(package=package)
    newest = builds.published().first()
    failed = builds.filter(state=PackageBuild.State.FAILED, drop_unpublished=True, pk__gt=newest.pk if newest else 0)
    last = failed.order_by("-pk").first()
    last_tried = (last.heartbeat_at or last.created_at) if last is not None else None
    if builds.unfinished().exists() or not rules.may_retry(failed.count(), last_tried, now):
        return 0
    request_build(package, drop_unpublished=True, dispatch=dispatch)
    return 1


@transaction.atomic
def _mark(material_id: UUID, now: datetime) -> None:
    """Record the take-down as later than whatever was planned before it, whatever the clock says."""
    known = Recall.objects.select_for_update().filter(material_id=material_id).first()
    newest = PackageBuild.objects.aggregate(newest=Max("published_at"))["newest"]
    at = rules.recall_moment(now, [known.at if known else None, newest])
    Recall.objects.update_or_create(material_id=material_id, defaults={"at": at})

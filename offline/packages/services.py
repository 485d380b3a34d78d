"""Writes of packages: asking for a build, building it under a lease."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts.errors import PersonError
from media_pipeline.objects import default_store
from media_pipeline.publication import default_tree, settle
from offline.packages import contents, holding, rules
from offline.packages.builder import BuildPlan, BuildResult, PackageBuilder, check_plan
from offline.packages.errors import BuildInterrupted, ContentChanged, PackageNotReviewed
from offline.packages.findable import PackageSource
from offline.packages.manifest import PackageManifest
from offline.packages.models import OfflinePackage, PackageBuild, PackageBuildQuerySet, Recall
from offline.packages.repository import default_publisher
from search.services import index_material

logger = logging.getLogger(__name__)

State = PackageBuild.State
Dispatch = Callable[[int], None]
"""Hands a build's id to a worker."""

PROGRESS_EVERY = timedelta(milliseconds=500)
"""Progress is read once a second; every write costs the database an fsync."""


class LeaseLost(Exception):
    """Another worker has this build now; whoever sees this stops and leaves everything as it is."""


def _now() -> datetime:
    return datetime.now(UTC)


def dispatch_by_task(build_id: int) -> None:
    """Enqueue the build for the worker."""
    # The task imports this module: only the function that enqueues may know it.
    from offline.packages.tasks import build_package

    build_package.enqueue(build_id)


def request_build(
    package: OfflinePackage, *, drop_unpublished: bool = False, dispatch: Dispatch = dispatch_by_task
) -> PackageBuild:
    """Ask for a new version; while one is unfinished, that one is the answer.

    A build made by a take-down leaves out what is not published. Any other is checked at once.

    Raises a PackageError that says what the editor has to do first.
    """
    if not drop_unpublished:
        contents.collect(package)
    with transaction.atomic():
        OfflinePackage.objects.select_for_update().get(pk=package.pk)
        unfinished = PackageBuild.objects.unfinished().filter(package=package).first()
        if unfinished is not None:
            if drop_unpublished and not unfinished.drop_unpublished:
                unfinished.drop_unpublished = True
                unfinished.save(update_fields=["drop_unpublished"])
            return unfinished
        build = PackageBuild.objects.create(package=package, drop_unpublished=drop_unpublished)
        # A dispatch that fails is made up for by `sweep_builds`.
        transaction.on_commit(partial(dispatch, build.pk), robust=True)
    return build


def run_build(build_id: int, *, clock: Callable[[], datetime] = _now, dispatch: Dispatch = dispatch_by_task) -> str:
    """Bring a build to its end; running it twice, or at the same time, is harmless. Returns a word for the log."""
    build = _take(build_id, clock())
    if build is None:
        return "left alone"
    try:
        plan, result = _build(build, clock)
    except LeaseLost:
        return "lease lost"
    except PersonError as error:
        _fail(build, error.code, _said(error))
        return error.code
    except Exception:
        # Unanticipated: kept for the editor, logged with its context, passed on to the top.
        _fail(build, "internal", _said(PersonError()))
        logger.exception("build %s of package %s failed", build.pk, build.package.package_id)
        raise
    _finish(build, plan, result, clock())
    # A lesson may have been taken down between its objects' publication and the signature.
    if holding.withdrawn_materials(result.manifest):
        request_build(build.package, drop_unpublished=True, dispatch=dispatch)
    _settle(holding.objects_of(result.manifest))
    return "published"


def sweep_builds(*, clock: Callable[[], datetime] = _now, dispatch: Dispatch = dispatch_by_task) -> int:
    """Hand out again the builds whose worker died or whose task was lost; returns how many."""
    now, handed_out = clock(), 0
    for build in PackageBuild.objects.unfinished():
        queued = build.state == State.QUEUED
        if not rules.needs_dispatch(
            queued=queued, heartbeat_at=build.heartbeat_at, created_at=build.created_at, now=now
        ):
            continue
        if queued:
            PackageBuild.objects.filter(pk=build.pk, state=State.QUEUED).update(heartbeat_at=now)
        dispatch(build.pk)
        handed_out += 1
    return handed_out


def _take(build_id: int, now: datetime) -> PackageBuild | None:
    """Lease the build, or None when it has ended, is being worked on, or was given up."""
    with transaction.atomic():
        build = PackageBuild.objects.select_for_update().filter(pk=build_id).first()
        if build is None or build.state in (State.PUBLISHED, State.FAILED):
            return None
        if not rules.may_take(queued=build.state == State.QUEUED, heartbeat_at=build.heartbeat_at, now=now):
            return None
        build.lease_token = uuid.uuid4()
        if build.attempts >= rules.MAX_ATTEMPTS:
            error = BuildInterrupted()
            build.state, build.error_code, build.error_detail = State.FAILED, error.code, _said(error)
            build.save()
            return None
        build.state, build.progress = State.BUILDING, 0.0
        build.attempts += 1
        build.heartbeat_at = now
        build.save()
        return build


def _build(build: PackageBuild, clock: Callable[[], datetime]) -> tuple[BuildPlan, BuildResult]:
    """Plan and build, anew when a take-down overtakes the plan.

    Raises LeaseLost, ContentChanged or what planning and building raise.
    """
    for _attempt in range(rules.MAX_PLANS):
        plan = _plan(build, clock())
        try:
            return plan, _builder(build, clock).build(plan)
        except ContentChanged:
            logger.info("build %s of package %s is planned anew", build.pk, plan.package)
    raise ContentChanged


def _plan(build: PackageBuild, now: datetime) -> BuildPlan:
    """Collect the content and give the build its version number, once."""
    package = build.package
    # Before the content: a take-down that comes between the two makes the plan one that knew nothing of it.
    recalled = Recall.objects.aggregate(newest=Max("at"))["newest"]
    content, problems = contents.survey(package)
    # After the content: whatever take-down the survey saw has set the flag by the same commit.
    build.refresh_from_db(fields=["drop_unpublished"])
    if problems and not build.drop_unpublished:
        raise problems[0]
    earlier = PackageBuild.objects.published().filter(package=package)
    if not build.version:
        newest = PackageBuild.objects.filter(package=package).order_by("-version").first()
        _write(build, version=(newest.version if newest else 0) + 1)
    before = {material for past in earlier for material in (*past.held, *map(UUID, past.recalled))}
    title, campaign = _words(package, earlier)
    plan = BuildPlan(
        package=package.package_id,
        organisation=package.campaign.organisation.code,
        version=build.version,
        title=title,
        campaign=campaign,
        published=rules.plan_moment(now, recalled),
        lessons=content.lessons,
        quizzes=content.quizzes,
        recalled=rules.recalled_materials(before, contents.published_materials(before)),
    )
    check_plan(plan)
    return plan


def _words(package: OfflinePackage, earlier: PackageBuildQuerySet) -> tuple[str, str]:
    """The title and the campaign's name that everybody will read: as reviewed, else as they were signed before.

    A take-down must reach the phones of a package too that waits for its first review, or was taken off the site.

    Raises PackageNotReviewed where neither is there.
    """
    if package.is_reviewed:
        return package.title, package.campaign_name
    newest = earlier.first()
    if newest is None:
        raise PackageNotReviewed(title=package.title)
    return newest.title, newest.campaign_name


def _builder(build: PackageBuild, clock: Callable[[], datetime]) -> PackageBuilder:
    def progress(part: float) -> None:
        now = clock()
        if build.heartbeat_at is None or now - build.heartbeat_at >= PROGRESS_EVERY:
            _write(build, progress=part, heartbeat_at=now)

    return PackageBuilder(
        store=default_store(),
        announce=partial(_announce, build, clock),
        publisher=default_publisher(),
        progress=progress,
    )


def _announce(
    build: PackageBuild, clock: Callable[[], datetime], package: PackageManifest, objects: Collection[str]
) -> None:
    """Make the row name what will be signed, and public what of it may be.

    Raises ContentChanged where that is not all of it: something was taken down since the plan.
    """
    _write(build, manifest_sha256=default_store().put_bytes(package.as_bytes()), heartbeat_at=clock())
    settle(objects)
    if default_tree().published(objects) != set(objects):
        raise ContentChanged
    _write(build, heartbeat_at=clock())


def _write(build: PackageBuild, **fields: Any) -> None:
    """Write to the row as long as the lease is ours.

    Raises LeaseLost.
    """
    if not PackageBuild.objects.filter(pk=build.pk, lease_token=build.lease_token).update(**fields):
        raise LeaseLost
    for name, value in fields.items():
        setattr(build, name, value)


def _said(error: PersonError) -> str:
    """Why, in the languages of the admin."""
    return f"{error.zh} {error.en}"


def _fail(build: PackageBuild, code: str, detail: str) -> None:
    """Record the failure, unless somebody else has the build by now; what it alone had made public goes."""
    mine = PackageBuild.objects.filter(pk=build.pk, lease_token=build.lease_token)
    if mine.update(state=State.FAILED, error_code=code, error_detail=detail):
        _settle(holding.announced_objects(build))


def _settle(objects: set[str]) -> None:
    """Bring the tree in step after a build has ended; what a full disk prevents, the reconciliation does later."""
    try:
        settle(objects)
    except OSError:
        logger.exception("the public tree could not be brought in step")


def _finish(build: PackageBuild, plan: BuildPlan, result: BuildResult, now: datetime) -> None:
    """Record what was signed. It is signed whether or not the lease still holds, so the row is written regardless."""
    PackageBuild.objects.filter(pk=build.pk).update(
        state=State.PUBLISHED,
        progress=1.0,
        version=result.manifest.version,
        manifest_sha256=result.target.sha256,
        manifest_length=result.target.length,
        target_path=result.target.path,
        total_length=result.total_length,
        sizes=rules.sizes(plan.lessons),
        title=plan.title,
        campaign_name=plan.campaign,
        minutes=plan.minutes,
        materials=[str(lesson.material) for lesson in plan.lessons],
        quizzes=contents.signed_quizzes(plan.quizzes, result.manifest.quizzes),
        recalled=[str(material) for material in plan.recalled],
        published_at=now,
        error_code="",
        error_detail="",
    )
    index_material(PackageSource(), build.package.package_id)

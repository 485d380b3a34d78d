"""Which objects packages hold in the public tree (docs/spec/offline-package.md §1.3, §5.4): read from manifests.

A manifest counts while its file lies in `pkg/` (a superseded one as long as a client may be in the midst of it, §4.4),
and from the moment an unfinished build has announced it. Of its lessons it holds those that are published and were not
taken down since it was planned: no package, old or being made, keeps public what a take-down took back.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from media_pipeline.garbage import Columns
from media_pipeline.objects import default_store
from offline.packages import contents, manifest, rules
from offline.packages.errors import PackageError
from offline.packages.manifest import PackageManifest
from offline.packages.models import PackageBuild, Recall
from offline.packages.repository import KEEP_SUPERSEDED

logger = logging.getLogger(__name__)

_NEVER = datetime.min.replace(tzinfo=UTC)
_STORED = None
"""In place of a file's path: the manifest lies in the object store."""


class PackageHolder:
    """Names what can be fetched of every package."""

    def named(self, shas: Collection[str] | None = None) -> set[str]:
        packages = list(_manifests())
        withdrawn = _withdrawn(packages)
        found: set[str] = set()
        for package in packages:
            found |= objects_of(package, without=withdrawn(package))
        return found if shas is None else found & set(shas)


class PackageReferrer:
    """Names everything that packages may still need, for the collection of garbage; stricter than the holder.

    Manifests of every build, what its quizzes were signed as, and all below the manifests that are handed out or
    announced, whether or not something of it was taken down.
    """

    def referenced(self) -> set[str]:
        found = Columns("packages").referenced()
        for quizzes in PackageBuild.objects.values_list("quizzes", flat=True):
            found |= {row["sha256"] for row in quizzes}
        for package in _manifests():
            found |= {reference.sha256 for reference in (*package.lessons, *package.quizzes)}
            for lesson in package.lessons:
                # Raises where the manifest cannot be read: then nothing is known, and nothing is collected.
                found |= _objects_in(lesson.sha256, str(settings.OBJECTS_DIR))
        return found


def objects_of(package: PackageManifest, *, without: Collection[UUID] = ()) -> set[str]:
    """Every object below a package manifest, but for those of the lessons and quizzes left out."""
    found = {quiz.sha256 for quiz in package.quizzes if quiz.material not in without}
    for lesson in package.lessons:
        if lesson.material not in without:
            found |= {lesson.sha256, *_lesson_objects(lesson.sha256)}
    return found


def objects_of_material(material_id: UUID) -> set[str]:
    """Every object that any package names below this lesson or quiz."""
    found: set[str] = set()
    for package in _manifests():
        others = _materials(package) - {material_id}
        found |= objects_of(package, without=others)
    return found


def announced_objects(build: PackageBuild) -> set[str]:
    """Every object below the manifest that a build has announced; none where it came not so far."""
    if not build.manifest_sha256:
        return set()
    stored = _readable(build.manifest_sha256, _STORED)
    return {sha256 for package in stored for sha256 in objects_of(package)}


def withdrawn_materials(package: PackageManifest) -> set[UUID]:
    """Lessons and quizzes of a manifest that are not published, or were taken down since it was planned."""
    return _withdrawn([package])(package)


def unmarked_materials(package: PackageManifest) -> set[UUID]:
    """Those of the withdrawn ones whose take-down is not on record."""
    state = _withdrawn([package])
    return state(package) - state.recalled_since(package)


class _Withdrawn:
    """The state of all the lessons and quizzes of some manifests, read in four queries."""

    def __init__(self, materials: set[UUID]) -> None:
        self._published = contents.published_materials(materials) if materials else set()
        recalls = Recall.objects.filter(material_id__in=materials)
        self._recalled_at = dict(recalls.values_list("material_id", "at"))

    def __call__(self, package: PackageManifest) -> set[UUID]:
        return self.recalled_since(package) | (_materials(package) - self._published)

    def recalled_since(self, package: PackageManifest) -> set[UUID]:
        """What was taken down after the manifest had been planned, published again or not."""
        planned = _moment(package.published)
        return {
            material for material in _materials(package) if not rules.is_valid(planned, self._recalled_at.get(material))
        }


def _withdrawn(packages: Iterable[PackageManifest]) -> _Withdrawn:
    return _Withdrawn({material for package in packages for material in _materials(package)})


def _materials(package: PackageManifest) -> set[UUID]:
    return {reference.material for reference in (*package.lessons, *package.quizzes)}


def _moment(text: str) -> datetime:
    """When a manifest was planned; an unreadable moment is older than every take-down."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _NEVER
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _manifests() -> Iterator[PackageManifest]:
    # The announced ones first: a build that ends meanwhile is met as a file.
    announced = PackageBuild.objects.unfinished().exclude(manifest_sha256="")
    for sha256 in announced.values_list("manifest_sha256", flat=True):
        yield from _readable(sha256, _STORED)
    signed = Path(settings.PUBLIC_TREE_DIR)
    if not (signed / "tuf").is_dir():
        # Another machine signs (docs/adr/0006-objects-in-s3.md): its builds say what it hands out.
        for sha256 in _handed_out():
            yield from _readable(sha256, _STORED)
    for path in (signed / "pkg").glob("*/*.json"):
        yield from _readable(path.name.partition(".")[0], path)


def _handed_out() -> Iterator[str]:
    """Signed manifests that a client may be in the midst of: the newest of each package and what it replaced lately."""
    horizon = datetime.now(UTC) - KEEP_SUPERSEDED
    newer: dict[int, datetime | None] = {}
    rows = PackageBuild.objects.published().exclude(manifest_sha256="").order_by("package_id", "-version")
    for package, sha256, published_at in rows.values_list("package_id", "manifest_sha256", "published_at"):
        if package not in newer or (newer[package] or _NEVER) > horizon:
            yield sha256
        newer[package] = published_at


def _readable(sha256: str, path: Path | None) -> Iterator[PackageManifest]:
    try:
        yield _package(sha256, path, str(settings.OBJECTS_DIR))
    except FileNotFoundError:
        return
    except (PackageError, ValueError):
        # A client would refuse it as well, and what nobody can verify holds nothing.
        logger.exception("the package manifest %s cannot be read", path or sha256)


@lru_cache(maxsize=512)
def _package(sha256: str, path: Path | None, _room: str) -> PackageManifest:
    data = path.read_bytes() if path else default_store().read(sha256, limit=manifest.MAX_PACKAGE_BYTES)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{path or sha256} is not what its name says")
    return manifest.parse_package(data)


@lru_cache(maxsize=8192)
def _objects_in(sha256: str, _room: str) -> frozenset[str]:
    data = default_store().read(sha256, limit=manifest.MAX_LESSON_BYTES)
    return frozenset(manifest.parse_lesson(data).objects())


def _lesson_objects(sha256: str) -> frozenset[str]:
    try:
        return _objects_in(sha256, str(settings.OBJECTS_DIR))
    except (FileNotFoundError, ValueError, PackageError):
        # A store that is away is another matter: it must not look as if nothing were held.
        logger.exception("the lesson manifest %s cannot be read", sha256)
        return frozenset()

"""Turns lessons and quizzes into objects, manifests and one signed target (docs/spec/offline-package.md §5).

Every object is hashed again while it is built: what reaches the tree is what its name says. Writing an object twice
is harmless, so a build that was killed is simply run again.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from media_pipeline.objects import ObjectStore
from offline.packages import manifest, signing
from offline.packages.errors import DiskFull, TreeDamaged
from offline.packages.repository import PublishedTarget, Publisher

PIECE = 512 * 1024
"""Bytes hashed at a time: large enough for full speed, small enough to stay in the processor's cache."""

Announce = Callable[[manifest.PackageManifest, Collection[str]], None]
"""Called with the manifest that is about to be signed and all its objects: makes them public, or raises to stop."""

Progress = Callable[[float], None]
"""Called with 0–1; it may raise to stop the build (a lost lease)."""


@dataclass(frozen=True, slots=True)
class QuizContent:
    """A quiz's material id and the bytes of its document (§2.5)."""

    material: UUID
    document: bytes


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """Everything that decides what a build holds."""

    package: UUID
    organisation: str
    version: int
    title: str
    campaign: str
    published: datetime
    lessons: tuple[manifest.LessonManifest, ...]
    quizzes: tuple[QuizContent, ...] = ()
    recalled: tuple[UUID, ...] = ()

    @property
    def minutes(self) -> int:
        """Nominal minutes of all lessons."""
        return sum(lesson.minutes for lesson in self.lessons)


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What was published: the target, the manifest behind it, and the bytes of all its objects counted once."""

    target: PublishedTarget
    manifest: manifest.PackageManifest
    total_length: int


class PackageBuilder:
    """Builds packages from a private store; what it signs, `announce` has made public before."""

    def __init__(
        self,
        *,
        store: ObjectStore,
        announce: Announce,
        publisher: Publisher,
        progress: Progress = lambda part: None,
    ) -> None:
        self._store = store
        self._announce = announce
        self._publisher = publisher
        self._progress = progress

    def build(self, plan: BuildPlan) -> BuildResult:
        """Publish `plan` as the newest version of its package.

        A version that an earlier, interrupted run already signed with the same content is adopted, not signed again;
        the version rises above whatever is signed, even when the database was restored from an old copy.

        Raises TreeDamaged, DiskFull, SigningKeyMissing or OSError; then the old version stays.
        """
        try:
            return self._build(plan)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull from error
            raise

    def _build(self, plan: BuildPlan) -> BuildResult:
        self._hash_objects(plan.lessons)
        lessons = tuple(self._put(lesson.material, lesson.as_bytes()) for lesson in plan.lessons)
        quizzes = tuple(self._put(quiz.material, quiz.document) for quiz in plan.quizzes)
        objects = {sha256: length for lesson in plan.lessons for sha256, length in lesson.objects().items()}
        objects.update({reference.sha256: reference.length for reference in (*lessons, *quizzes)})
        package = manifest.PackageManifest(
            package=plan.package,
            version=plan.version,
            title=plan.title,
            campaign=plan.campaign,
            organisation=plan.organisation,
            published=plan.published.isoformat(timespec="seconds"),
            minutes=plan.minutes,
            lessons=lessons,
            quizzes=quizzes,
            recalled=plan.recalled,
        )
        self._announce(package, objects)
        target, signed = self._sign(package)
        self._progress(1.0)
        return BuildResult(target, signed, sum(objects.values()))

    def _sign(self, package: manifest.PackageManifest) -> tuple[PublishedTarget, manifest.PackageManifest]:
        code, package_id = package.organisation, str(package.package)
        current = self._publisher.current_target(signing.target_path(code, package_id))
        if current is not None:
            signed = manifest.parse_package(self._publisher.read_target(current))
            if signed.version >= package.version:
                if _same_but_date(signed, package):
                    return current, signed
                package = replace(package, version=signed.version + 1)
        self._store.put_bytes(package.as_bytes())
        target = self._publisher.publish(code=code, package_id=package_id, data=package.as_bytes())
        return target, package

    def _put(self, material: UUID, document: bytes) -> manifest.ObjectReference:
        return manifest.ObjectReference(material, self._store.put_bytes(document), len(document))

    def _hash_objects(self, lessons: Iterable[manifest.LessonManifest]) -> None:
        objects = {sha256: length for lesson in lessons for sha256, length in lesson.objects().items()}
        total, done = sum(objects.values()) or 1, 0
        for sha256, length in objects.items():
            self._hash_object(sha256, length)
            done += length
            self._progress(0.98 * done / total)

    def _hash_object(self, sha256: str, length: int) -> None:
        digest, buffer, seen = hashlib.sha256(), bytearray(PIECE), 0
        view = memoryview(buffer)
        try:
            with self._store.local_file(sha256) as path, path.open("rb", buffering=0) as reader:
                while count := reader.readinto(buffer):
                    digest.update(view[:count])
                    seen += count
        except FileNotFoundError as error:
            raise TreeDamaged(name=sha256, reason="missing") from error
        if seen != length or digest.hexdigest() != sha256:
            raise TreeDamaged(name=sha256, reason="SHA-256")


def check_plan(plan: BuildPlan) -> None:
    """Refuse what no client would read: every document is parsed as a client parses it.

    Raises ManifestTooLarge or ManifestMalformed.
    """
    for lesson in plan.lessons:
        manifest.parse_lesson(lesson.as_bytes())
    for quiz in plan.quizzes:
        manifest.parse_quiz(quiz.document)
    if len(plan.lessons) > manifest.MAX_LESSONS:
        raise manifest.ManifestTooLarge(what="lessons", limit=manifest.MAX_LESSONS)


def _same_but_date(signed: manifest.PackageManifest, wanted: manifest.PackageManifest) -> bool:
    return replace(signed, published="", version=1) == replace(wanted, published="", version=1)

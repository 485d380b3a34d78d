"""Winter-spring packages (冬春训资源包) as editors compose them and as they were built."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import DraftStateMixin, LockableMixin, Orderable, Page, RevisionMixin, WorkflowMixin

from accounts.errors import PersonError
from cms.curriculum.models import OutlineUnit
from cms.review.guard import Reviewed
from education.classroom.models import Quiz
from education.training.models import TrainingCampaign
from offline.packages.errors import NothingToPack


class OfflinePackage(Reviewed, WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, ClusterableModel):
    """What an editor composes for a campaign; builds of it are signed and handed out.

    The row is what three people passed: drafts lie in revisions, and a build signs the row and nothing else.
    """

    package_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(TrainingCampaign, models.PROTECT, related_name="packages", verbose_name=_("培训活动"))
    title = models.CharField(_("标题"), max_length=120)
    quiz = models.ForeignKey(Quiz, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("测验"))
    campaign_name = models.CharField(
        max_length=120, blank=True, editable=False, help_text="The campaign's name as this revision shows it."
    )
    live = models.BooleanField(_("已通过审核"), default=False, editable=False)

    review_exhibit_template = "packages_admin/exhibit.html"

    class Meta:
        verbose_name = _("资源包")
        verbose_name_plural = _("资源包")

    def __str__(self) -> str:
        return self.title

    @property
    def material_id(self) -> uuid.UUID:
        """The id by which the review knows it."""
        return self.package_id

    @property
    def is_reviewed(self) -> bool:
        """Whether the row is what three people passed; one of before there was a review is not."""
        return self.live and self.live_revision_id is not None

    def save_revision(self, *args: Any, **kwargs: Any) -> Any:
        """Save a revision that keeps the campaign's name as it is now: that is read in public too."""
        self.campaign_name = self.campaign.name
        return super().save_revision(*args, **kwargs)

    def publication_blockers(self) -> list[PersonError]:
        """A package of nothing. Lessons that are not published stand against a build, not against the review."""
        return [] if self.package_lessons.all() or self.package_units.all() else [NothingToPack()]

    def review_exhibit(self) -> dict[str, Any]:
        """What a reviewer reads: the words that become public, and what is inside in the order of teaching."""
        return {
            "package": self,
            "lessons": [entry.lesson for entry in self.package_lessons.all()],
            "units": [entry.unit for entry in self.package_units.all()],
        }

    @admin.display(description=_("最新版本"))
    def newest_version(self) -> str:
        """The published version, for lists."""
        newest = self.builds.published().first()
        return str(newest.version) if newest else "—"


class PackageUnit(Orderable):
    """A whole outline unit: every lesson and case of it that is published when the package is built."""

    package = ParentalKey(OfflinePackage, on_delete=models.CASCADE, related_name="package_units")
    unit = models.ForeignKey(OutlineUnit, models.PROTECT, related_name="+", verbose_name=_("大纲单元"))

    class Meta(Orderable.Meta):
        verbose_name = _("大纲单元")
        verbose_name_plural = _("大纲单元")


class PackageLesson(Orderable):
    """One lesson or case, in the order of teaching; it must be published when the package is built."""

    package = ParentalKey(OfflinePackage, on_delete=models.CASCADE, related_name="package_lessons")
    lesson = models.ForeignKey(
        Page,
        models.PROTECT,
        related_name="+",
        verbose_name=_("视频课或案例"),
        limit_choices_to={"content_type__app_label": "lessons"},
    )

    class Meta(Orderable.Meta):
        verbose_name = _("课程")
        verbose_name_plural = _("课程")


class Recall(models.Model):
    """The latest take-down of a material: manifests planned before it hold nothing of it, published again or not."""

    material_id = models.UUIDField(unique=True)
    at = models.DateTimeField(help_text="A whole second, later than everything that was planned before.")

    class Meta:
        verbose_name = _("下架记录")
        verbose_name_plural = _("下架记录")


class PackageBuildQuerySet(models.QuerySet["PackageBuild"]):
    def unfinished(self) -> PackageBuildQuerySet:
        """Builds that still have work to do."""
        return self.filter(state__in=[PackageBuild.State.QUEUED, PackageBuild.State.BUILDING])

    def published(self) -> PackageBuildQuerySet:
        """Builds that reached the signed tree, newest version first."""
        return self.filter(state=PackageBuild.State.PUBLISHED).order_by("-version")


class PackageBuild(models.Model):
    """One signed build of a package, and the state of the job that makes it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        BUILDING = "building", _("制作中")
        PUBLISHED = "published", _("已发布")
        FAILED = "failed", _("失败")

    package = models.ForeignKey(OfflinePackage, models.CASCADE, related_name="builds")
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    progress = models.FloatField(default=0.0, help_text="0–1, never falls within an attempt.")
    version = models.PositiveIntegerField(default=0, help_text="0 until the build has been given its number.")
    drop_unpublished = models.BooleanField(
        default=False, help_text="Made by a take-down: lessons that are not published are left out, not refused."
    )
    manifest_sha256 = models.CharField(
        max_length=64, blank=True, help_text="The signed manifest; of an unfinished build, the one it will sign."
    )
    manifest_length = models.PositiveIntegerField(default=0, help_text="Bytes.")
    target_path = models.CharField(max_length=300, blank=True)
    total_length = models.BigIntegerField(default=0, help_text="Bytes of all objects, each counted once.")
    sizes = models.JSONField(default=dict, help_text="Bytes that a phone fetches, by choice: sound, small, clear.")
    title = models.CharField(max_length=120, blank=True, help_text="As it was signed.")
    campaign_name = models.CharField(max_length=120, blank=True, help_text="As it was signed.")
    minutes = models.PositiveIntegerField(default=0)
    materials = models.JSONField(default=list, help_text="Material ids of the lessons inside, as text.")
    quizzes = models.JSONField(
        default=list, help_text="Quizzes inside as they were signed: material, title, questions (count), sha256."
    )
    recalled = models.JSONField(default=list, help_text="Material ids taken down since an earlier version.")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True, help_text="Whoever holds it may write this row.")
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = PackageBuildQuerySet.as_manager()

    class Meta:
        verbose_name = _("资源包版本")
        verbose_name_plural = _("资源包版本")
        constraints = [
            models.UniqueConstraint(
                fields=["package", "version"], condition=models.Q(version__gt=0), name="one_build_a_version"
            ),
            models.UniqueConstraint(
                fields=["package"], condition=models.Q(state__in=["queued", "building"]), name="one_unfinished_build"
            ),
        ]

    @property
    def held(self) -> frozenset[uuid.UUID]:
        """Every material inside, quizzes included."""
        return frozenset(map(uuid.UUID, [*self.materials, *(quiz["material"] for quiz in self.quizzes)]))

"""Winter-spring packages (冬春训资源包) as editors compose them and as they were built."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from cms.lessons.models import Lesson
from education.classroom.models import Quiz
from education.training.models import TrainingCampaign


class OfflinePackage(ClusterableModel):
    """What an editor composes for a campaign."""

    package_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(TrainingCampaign, models.PROTECT, related_name="packages", verbose_name=_("培训活动"))
    title = models.CharField(_("标题"), max_length=120)
    quiz = models.ForeignKey(Quiz, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("测验"))

    class Meta:
        verbose_name = _("资源包")
        verbose_name_plural = _("资源包")

    def __str__(self) -> str:
        return self.title


class PackageLesson(Orderable):
    package = ParentalKey(OfflinePackage, on_delete=models.CASCADE, related_name="package_lessons")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+", verbose_name=_("视频课"))


class PackageBuild(models.Model):
    """One signed build of a package."""

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        BUILDING = "building", _("制作中")
        PUBLISHED = "published", _("已发布")
        FAILED = "failed", _("失败")

    package = models.ForeignKey(OfflinePackage, models.CASCADE, related_name="builds")
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    progress = models.FloatField(default=0.0)
    version = models.PositiveIntegerField(default=0)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    target_path = models.CharField(max_length=300, blank=True)
    total_length = models.BigIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("资源包版本")
        verbose_name_plural = _("资源包版本")

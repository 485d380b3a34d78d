"""Sources, the jobs that transcode them and the renditions that come out.

The pipeline knows source hashes, not lessons.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MediaSource(models.Model):
    """One uploaded original, known by the SHA-256 of its bytes."""

    sha256 = models.CharField(max_length=64, unique=True)
    storage_name = models.CharField(max_length=300, help_text="Name in the originals storage.")
    length = models.BigIntegerField(help_text="Bytes.")
    name = models.CharField(max_length=255, blank=True, help_text="What the uploader called the file; for display.")
    duration_s = models.FloatField(null=True, blank=True)
    probe = models.JSONField(default=dict, blank=True, help_text="Facts of the probe, and the measured loudness.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("媒体原件")
        verbose_name_plural = _("媒体原件")

    def __str__(self) -> str:
        return f"{self.name or self.sha256[:12]}"


class TranscodeJobQuerySet(models.QuerySet["TranscodeJob"]):
    """Questions asked of many jobs at once."""

    def unfinished(self) -> TranscodeJobQuerySet:
        """Jobs that a worker holds or should hold."""
        return self.exclude(state__in=TranscodeJob.TERMINAL)


class TranscodeJob(models.Model):
    """The state of one transcode; the task queue only carries its id (architecture.md §3)."""

    class State(models.TextChoices):
        RECEIVED = "received", _("已接收")
        PROBED = "probed", _("已检测")
        PLANNED = "planned", _("已规划")
        ENCODING = "encoding", _("转码中")
        PACKAGED = "packaged", _("已封装")
        VERIFIED = "verified", _("已核验")
        PUBLISHED = "published", _("已完成")
        FAILED = "failed", _("失败")
        CANCELLED = "cancelled", _("已取消")

    TERMINAL = (State.PUBLISHED, State.FAILED, State.CANCELLED)

    source = models.ForeignKey(MediaSource, models.CASCADE, related_name="jobs")
    preset_version = models.CharField(max_length=20)
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    step = models.CharField(max_length=80, blank=True)
    progress = models.FloatField(default=0.0, help_text="0–1, never falls.")
    plan = models.JSONField(default=dict, blank=True, help_text="Planned rungs, and dropped ones with the reason.")
    attempts = models.PositiveIntegerField(default=0, help_text="Leases taken since the last request or retry.")
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    fencing_token = models.PositiveBigIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True, help_text="Details that fill the message of the code, as JSON.")
    dispatched_at = models.DateTimeField(null=True, blank=True, help_text="When a task was last enqueued for it.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TranscodeJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("转码任务")
        verbose_name_plural = _("转码任务")
        constraints = [models.UniqueConstraint(fields=["source", "preset_version"], name="one_job_a_source_and_preset")]

    @property
    def is_terminal(self) -> bool:
        """Whether no worker will touch the job any more."""
        return self.state in self.TERMINAL

    def __str__(self) -> str:
        return f"{self.source_id} {self.preset_version} {self.state}"


class Rendition(models.Model):
    """One verified output of a source (码流)."""

    class Kind(models.TextChoices):
        VIDEO = "video", _("画面")
        AUDIO = "audio", _("声音")
        MUXED = "muxed", _("合成")
        DECK = "deck", _("幻灯片")
        SPRITE = "sprite", _("进度条小图")
        POSTER = "poster", _("封面")

    source = models.ForeignKey(MediaSource, models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=40, help_text="Rung, e.g. h264-240, h264-360, opus-16, aac-24, muxed-240.")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    mime = models.CharField(max_length=100, help_text='With codecs, e.g. video/mp4; codecs="avc1.4d401e".')
    sha256 = models.CharField(max_length=64, db_index=True)
    length = models.BigIntegerField(help_text="Bytes.")
    duration_s = models.FloatField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    index_sha256 = models.CharField(max_length=64, blank=True, help_text="Segment index object (offline.md §2).")
    peak_bps = models.PositiveIntegerField(null=True, blank=True, help_text="Bits per second of its densest segment.")
    encoded_under_token = models.PositiveBigIntegerField(default=0, help_text="Fencing token it was written under.")
    preset_version = models.CharField(max_length=20)
    measures = models.JSONField(default=dict, blank=True, help_text="VMAF of sampled seconds: vmaf_mean, vmaf_p5.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("码流")
        verbose_name_plural = _("码流")
        constraints = [
            models.UniqueConstraint(fields=["source", "name", "preset_version"], name="one_rendition_a_rung")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:12]}"


class SourceChunk(models.Model):
    """A stretch of a source's pictures or sound between two cuts that its content chose (media.md §4).

    A later version of the same lecture is recognised by the chunks it shares.
    """

    class Kind(models.TextChoices):
        PICTURE = "picture", _("画面")
        SOUND = "sound", _("声音")

    source = models.ForeignKey(MediaSource, models.CASCADE, related_name="chunks")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PICTURE)
    number = models.PositiveIntegerField()
    start = models.PositiveIntegerField(help_text="First frame on the grid of the encoded rate; of 20 ms for sound.")
    frames = models.PositiveIntegerField()
    frames_sha256 = models.CharField(max_length=64, db_index=True)
    looks_sha256 = models.CharField(
        max_length=64,
        blank=True,
        help_text="Of small copies of the frames: tells a helper that it reads the same ones. Sound has none.",
    )

    class Meta:
        verbose_name = _("原件片段")
        verbose_name_plural = _("原件片段")
        ordering = ["source", "kind", "number"]
        constraints = [models.UniqueConstraint(fields=["source", "kind", "number"], name="one_chunk_a_number")]

    def __str__(self) -> str:
        return f"{self.source_id}/{self.kind}/{self.number}"


class EncodedChunk(models.Model):
    """A verified encode of one chunk at one rung, or a worker's claim on making it.

    `key` covers decoded frames, encoder options and encoder build. The bytes are fragments of an object: first of the
    chunk's own, later of the rendition that was joined from it. A row whose object is gone means nothing.
    """

    key = models.CharField(max_length=64, unique=True)
    object_sha256 = models.CharField(max_length=64, blank=True, db_index=True, help_text="Empty while being made.")
    first_fragment = models.PositiveIntegerField(default=0)
    fragments = models.PositiveIntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("已编码片段")
        verbose_name_plural = _("已编码片段")

    def __str__(self) -> str:
        return f"{self.key[:12]} {self.object_sha256[:12]}"

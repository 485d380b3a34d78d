"""Search documents and segments: the source of truth for every engine (search.md §2)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchDocument(models.Model):
    """One findable material; only what everybody may read carries the access token "public"."""

    material_id = models.UUIDField()
    kind = models.CharField(max_length=24)
    language = models.CharField(max_length=8, default="zh-hans")
    url = models.CharField(max_length=400)
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    teachers = models.CharField(max_length=300, blank=True)
    facets = models.JSONField(default=dict)
    access_tokens = models.JSONField(default=list)
    version = models.PositiveBigIntegerField(default=1, help_text="Grows with every change of this document.")
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("搜索条目")
        verbose_name_plural = _("搜索条目")
        constraints = [models.UniqueConstraint(fields=["material_id", "language"], name="one_document_a_language")]

    def __str__(self) -> str:
        return self.title


class SearchSegment(models.Model):
    """A window of a transcript, or a page of a document."""

    document = models.ForeignKey(SearchDocument, models.CASCADE, related_name="segments")
    language = models.CharField(max_length=8)
    start_s = models.FloatField(null=True, blank=True)
    end_s = models.FloatField(null=True, blank=True)
    text = models.TextField()
    cues = models.JSONField(
        default=list, blank=True, help_text="Where each cue begins: [[character of text, second of the lecture], …]."
    )

    class Meta:
        verbose_name = _("搜索片段")
        verbose_name_plural = _("搜索片段")


class SearchOutbox(models.Model):
    """A change that an index outside the main database has yet to take over (docs/adr/0003).

    The row names the document; what to write is read when the row is drained, so rows may be applied twice
    and in any order.
    """

    document_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("待同步的搜索变更")
        verbose_name_plural = _("待同步的搜索变更")

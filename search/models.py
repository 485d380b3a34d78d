"""Search documents and segments: the source of truth for every engine (search.md §2)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchDocument(models.Model):
    """One findable material."""

    material_id = models.UUIDField()
    kind = models.CharField(max_length=24)
    language = models.CharField(max_length=8, default="zh-hans")
    url = models.CharField(max_length=400)
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    facets = models.JSONField(default=dict)
    access_tokens = models.JSONField(default=list)
    version = models.PositiveBigIntegerField(default=1)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("搜索条目")
        verbose_name_plural = _("搜索条目")
        constraints = [models.UniqueConstraint(fields=["material_id", "language"], name="one_document_a_language")]


class SearchSegment(models.Model):
    """A window of a transcript, or a page of a document."""

    document = models.ForeignKey(SearchDocument, models.CASCADE, related_name="segments")
    language = models.CharField(max_length=8)
    start_s = models.FloatField(null=True, blank=True)
    end_s = models.FloatField(null=True, blank=True)
    text = models.TextField()

"""Search documents and segments: the source of truth for every engine (search.md §2)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchDocument(models.Model):
    """One findable material in one language, as it is published or, apart from that, as it is being edited.

    Who may find it is said by `access_tokens` (search/access.py); everybody holds "public".
    """

    material_id = models.UUIDField()
    kind = models.CharField(max_length=24)
    language = models.CharField(max_length=8, default="zh-hans")
    is_draft = models.BooleanField(default=False, help_text="What editors have not published yet.")
    url = models.CharField(max_length=400)
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    teachers = models.CharField(max_length=300, blank=True)
    facets = models.JSONField(default=dict)
    access_tokens = models.JSONField(default=list)
    version = models.PositiveBigIntegerField(default=1, help_text="Grows with every change of this document.")
    segments_version = models.PositiveBigIntegerField(
        default=0, help_text="The document's version at the last change of its segments."
    )
    segments_sha256 = models.CharField(max_length=64, blank=True, help_text="What the segments were made of.")
    characters = models.PositiveIntegerField(
        default=0, help_text="Length of all its text; long ones are indexed later."
    )
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("搜索条目")
        verbose_name_plural = _("搜索条目")
        constraints = [
            models.UniqueConstraint(
                fields=["material_id", "language", "is_draft"], name="one_document_a_language_and_state"
            )
        ]

    def __str__(self) -> str:
        return self.title


class SearchSegment(models.Model):
    """A window of a transcript, a page of an attachment, or a passage of a long text."""

    class Kind(models.TextChoices):
        SPEECH = "speech", _("讲话")
        PAGE = "page", _("附件页")
        PASSAGE = "passage", _("正文段落")

    document = models.ForeignKey(SearchDocument, models.CASCADE, related_name="segments")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SPEECH)
    language = models.CharField(max_length=8)
    start_s = models.FloatField(null=True, blank=True)
    end_s = models.FloatField(null=True, blank=True)
    page = models.PositiveIntegerField(null=True, blank=True, help_text="Page of the attachment, from 1.")
    title = models.CharField(max_length=300, blank=True, help_text="The attachment's title.")
    url = models.CharField(
        max_length=400, blank=True, help_text="Where it can be read, page included; empty: at the document's address."
    )
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
    and in any order. `is_sent` is Elasticsearch's mark: since it stands at the row, one that commits late is not
    missed. Each machine's replica keeps its own marks in its file, and tells how far it is in `SearchReplica`.
    """

    document_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    is_sent = models.BooleanField(default=False, help_text="Elasticsearch has it, or there is none.")

    class Meta:
        verbose_name = _("待同步的搜索变更")
        verbose_name_plural = _("待同步的搜索变更")
        indexes = [models.Index(fields=["id"], name="search_outbox_unsent", condition=models.Q(is_sent=False))]


class SearchReplica(models.Model):
    """A machine's index file: up to which outbox row it is whole. Rows that all replicas have are pruned."""

    name = models.CharField(max_length=80, unique=True)
    settled = models.PositiveBigIntegerField(default=0)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("搜索副本")
        verbose_name_plural = _("搜索副本")

    def __str__(self) -> str:
        return self.name


class ExtractedText(models.Model):
    """The words of a file, page by page, kept by the hash of its bytes: the same file is read once.

    Made by `search/extraction`; what cannot be read keeps the code of the reason.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待读取")
        DONE = "done", _("已读取")
        FAILED = "failed", _("读不出文字")

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("文件名"), max_length=255)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.WAITING)
    error = models.CharField(max_length=40, blank=True, help_text="Code of a class in search/extraction/errors.py.")
    tries = models.PositiveSmallIntegerField(default=0)
    pages = models.JSONField(default=list, help_text="[[number of the page or null, text], …]")
    asked_by = models.JSONField(default=list, help_text="Materials to index once it is read.")
    asked_at = models.DateTimeField(auto_now_add=True)
    begun_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("附件文字")
        verbose_name_plural = _("附件文字")

    def __str__(self) -> str:
        return self.name


# Rooms with models of their own; Django looks for models here only.
from search.missed.models import MissedQuery  # noqa: E402
from search.saved.models import SavedSearch  # noqa: E402
from search.synonyms.models import SearchWords  # noqa: E402

__all__ = [
    "ExtractedText",
    "MissedQuery",
    "SavedSearch",
    "SearchDocument",
    "SearchOutbox",
    "SearchReplica",
    "SearchSegment",
    "SearchWords",
]

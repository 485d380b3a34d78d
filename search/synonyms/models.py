"""The editors' table of synonyms and stop terms, one for the whole organisation."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from search.synonyms.rules import MOST_WORDS, words_of


class SearchWords(models.Model):
    """Words that a searcher may use for one another, or that he need not have used at all."""

    class Kind(models.TextChoices):
        SYNONYMS = "synonyms", _("同义词")
        STOP = "stop", _("停用词")

    kind = models.CharField(_("类别"), max_length=8, choices=Kind.choices, default=Kind.SYNONYMS)
    words = models.CharField(
        _("词"),
        max_length=200,
        help_text=_("用顿号、逗号或空格隔开。同义词：找其中一个，等于找每一个；停用词：找的时候不算数，如“请问”。"),
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("搜索用词")
        verbose_name_plural = _("搜索用词")
        ordering = ["kind", "words"]

    def __str__(self) -> str:
        return self.words

    def clean(self) -> None:
        """Synonyms need each other; a long list is a mistake."""
        words = words_of(self.words)
        if len(words) < (2 if self.kind == self.Kind.SYNONYMS else 1):
            raise ValidationError({"words": _("同义词至少两个，停用词至少一个；每个词要有字。")})
        if len(words) > MOST_WORDS:
            raise ValidationError({"words": _("一行最多十二个词，请分成几行。")})

"""The one row that says how often the public content has changed."""

from __future__ import annotations

from django.db import models


class PageGeneration(models.Model):
    """Grows with every change of public content; a cached page is good for one generation only."""

    number = models.PositiveBigIntegerField(default=1)

    class Meta:
        verbose_name = "页面版次"
        verbose_name_plural = "页面版次"

    def __str__(self) -> str:
        return str(self.number)

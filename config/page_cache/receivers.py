"""Notices every saved or deleted row that a public page may show."""

from __future__ import annotations

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save

from cms.core.signals import material_published, material_withdrawn
from config.page_cache.services import invalidate
from media_pipeline.signals import job_finished, rendition_published

_SHOWN_APPS = frozenset(
    {"core", "curriculum", "lessons", "places", "teachers", "classroom", "training", "packages", "wagtailredirects"}
)
_SHOWN_WAGTAIL_MODELS = frozenset({"page", "site", "locale", "collection", "pageviewrestriction"})


def connect() -> None:
    """Listen; called once when the applications are ready."""
    for signal in (post_save, post_delete):
        signal.connect(_row_changed, dispatch_uid=f"page-cache-{id(signal)}")
    m2m_changed.connect(_links_changed, dispatch_uid="page-cache-links")
    for event in (material_published, material_withdrawn, rendition_published, job_finished):
        event.connect(_content_changed, dispatch_uid=f"page-cache-{id(event)}")


def is_shown(model: type[Model]) -> bool:
    """Whether rows of the model can appear on a public page (not the historical models of a migration)."""
    meta = model._meta
    if model.__module__ == "__fake__":
        return False
    if meta.app_label == "wagtailcore":
        return meta.model_name in _SHOWN_WAGTAIL_MODELS
    return meta.app_label in _SHOWN_APPS


def _row_changed(sender: type[Model], **kwargs: object) -> None:
    if is_shown(sender):
        invalidate()


def _links_changed(sender: type[Model], instance: Model, action: str, **kwargs: object) -> None:
    if action.startswith("post_") and is_shown(type(instance)):
        invalidate()


def _content_changed(sender: object, **kwargs: object) -> None:
    invalidate()

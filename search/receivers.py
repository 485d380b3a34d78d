"""Keeping the index in step: what is published, moved, renamed or deleted is so in the same transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.db.models.signals import post_delete, post_migrate
from wagtail.models import Page
from wagtail.signals import page_slug_changed, post_page_move

from cms.core.signals import material_published, material_withdrawn
from cms.curriculum.models import CurriculumOutline, OutlineUnit
from search.registry import source_of
from search.services import index_material, reconcile, withdraw_material

_UID = "search.receivers"


def _material_id(instance: Model) -> UUID:
    """Pages carry it as their translation key, packages under a name of their own."""
    names = ("translation_key",) if isinstance(instance, Page) else ("material_id", "package_id")
    return next(getattr(instance, name) for name in names if hasattr(instance, name))


def on_published(sender: type[Model], *, material_id: UUID, instance: Model, **_kwargs: Any) -> None:
    """Index it; an outline or unit gives its name to what stands below, so that is indexed too."""
    source = source_of(type(instance))
    if source is None:
        return
    index_material(source, material_id)
    if isinstance(instance, CurriculumOutline | OutlineUnit):
        _index_below(instance)


def on_withdrawn(sender: type[Model], *, material_id: UUID, **_kwargs: Any) -> None:
    """Forget it."""
    withdraw_material(material_id)


def on_moved(sender: type[Page], instance: Page, **_kwargs: Any) -> None:
    """A moved or renamed page takes everything below it to new addresses."""
    if source := source_of(type(instance.specific)):
        index_material(source, instance.translation_key)
    _index_below(instance)


def on_deleted(sender: type[Model], instance: Model, **_kwargs: Any) -> None:
    """Deleting withdraws, however it was done."""
    if source_of(sender) is not None:
        withdraw_material(_material_id(instance))


def _index_below(page: Page) -> None:
    for below in page.get_descendants().live().specific().iterator():
        if source := source_of(type(below)):
            index_material(source, below.translation_key)


def on_migrated(sender: Any, **_kwargs: Any) -> None:
    """After `migrate` the engine's tables exist and agree with the documents (a flush empties only the latter)."""
    reconcile()


def connect(config: Any) -> None:
    """Called once when the application is ready."""
    material_published.connect(on_published, dispatch_uid=f"{_UID}.published")
    material_withdrawn.connect(on_withdrawn, dispatch_uid=f"{_UID}.withdrawn")
    post_page_move.connect(on_moved, dispatch_uid=f"{_UID}.moved")
    page_slug_changed.connect(on_moved, dispatch_uid=f"{_UID}.renamed")
    post_delete.connect(on_deleted, dispatch_uid=f"{_UID}.deleted")
    post_migrate.connect(on_migrated, sender=config, dispatch_uid=f"{_UID}.migrated")

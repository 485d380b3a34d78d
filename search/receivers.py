"""Keeping the index in step: what is published, edited, moved, renamed, restricted or deleted is so at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete, pre_save
from wagtail import signals as wagtail_signals
from wagtail.models import Page, PageViewRestriction, TaskState

from cms.core.signals import material_published, material_withdrawn
from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.lessons.models import Case, Lesson
from cms.teachers.models import TeacherProfile
from media_pipeline.signals import swept
from search import admin_rights, engine, outbox, taxonomies, upkeep
from search.backends.replica import ReplicaBackend
from search.models import SearchDocument
from search.registry import source_of
from search.services import index_material, index_touched, reconcile, withdraw_material
from search.sources import PAGE_KINDS

_UID = "search.receivers"
_REVISION_FIELD = "latest_revision"


def _material_id(instance: Model) -> UUID:
    """Pages carry it as their translation key, packages under a name of their own."""
    names = ("translation_key",) if isinstance(instance, Page) else ("material_id", "package_id")
    return next(getattr(instance, name) for name in names if hasattr(instance, name))


def _index(instance: Model) -> None:
    if source := source_of(type(instance)):
        index_material(source, _material_id(instance))


def on_published(sender: type[Model], *, material_id: UUID, instance: Model, **_kwargs: Any) -> None:
    """Index it; what is found by its name too is indexed anew: below an outline or unit, of a teacher the lessons."""
    _index(instance)
    if isinstance(instance, CurriculumOutline | OutlineUnit):
        _index_below(instance)
    if isinstance(instance, TeacherProfile):
        _index_lessons_of(instance)


def on_withdrawn(sender: type[Model], *, material_id: UUID, **kwargs: Any) -> None:
    """Leave it to those who edit it, and forget a teacher's name at his lessons."""
    instance = kwargs.get("instance")
    if instance is None or source_of(type(instance)) is None:
        withdraw_material(material_id)
    else:
        _index(instance)
    if isinstance(instance, TeacherProfile):
        _index_lessons_of(instance)


def on_saved(sender: type[Model], instance: Model, update_fields: Any = None, **_kwargs: Any) -> None:
    """What is being edited lies in a revision; the row is told that there is a new one."""
    if update_fields is not None and _REVISION_FIELD in update_fields and source_of(sender) is not None:
        _index(instance)


def on_review(sender: type[Model], instance: TaskState, **_kwargs: Any) -> None:
    """A draft that goes before reviewers, or comes back, is found by others than before."""
    item = instance.workflow_state.content_object
    item = getattr(item, "specific", item)
    if item is not None and source_of(type(item)) is not None:
        _index(item)


def on_moved(sender: type[Page], instance: Page, **_kwargs: Any) -> None:
    """A moved or renamed page takes everything below it to new addresses, and under the rights there."""
    _index(instance.specific)
    _index_below(instance)


def on_restricted(sender: type[Model], instance: PageViewRestriction, **_kwargs: Any) -> None:
    """Who may read a page and what lies below it has changed."""
    page = Page.objects.filter(pk=instance.page_id).first()
    if page is not None:
        index_touched(_findable(page.get_descendants(inclusive=True)))


def on_deleted(sender: type[Model], instance: Model, **_kwargs: Any) -> None:
    """Deleting withdraws, however it was done."""
    if source_of(sender) is not None:
        language = instance.locale.language_code if isinstance(instance, Page) else None
        withdraw_material(_material_id(instance), language=language)
    if isinstance(instance, TeacherProfile):
        _index_lessons_that_named(instance)


def _findable(pages: Any) -> list[UUID]:
    return list(pages.type(*PAGE_KINDS).order_by("path").values_list("translation_key", flat=True))


def _index_below(page: Page) -> None:
    index_touched(_findable(page.get_descendants()))


def _index_lessons_of(teacher: TeacherProfile) -> None:
    index_touched(
        [
            material_id
            for model in (Lesson, Case)
            for material_id in model.objects.filter(teacher=teacher).values_list("translation_key", flat=True)
        ]
    )


def _index_lessons_that_named(teacher: TeacherProfile) -> None:
    """For a teacher who was deleted: the lessons do not point to him any more."""
    named = SearchDocument.objects.filter(teachers__contains=teacher.name)
    index_touched(list(named.values_list("material_id", flat=True)))


def on_announced(sender: Any, **_kwargs: Any) -> None:
    """Whoever made the change finds it on this machine at once."""
    backend = engine.embedded_backend()
    if isinstance(backend, ReplicaBackend):
        backend.catch_up(patience_s=1.0)


def on_migrated(sender: Any, **_kwargs: Any) -> None:
    """After `migrate` the tables exist and agree with the documents (a flush empties only the latter)."""
    reconcile([engine.embedded_backend()])
    admin_rights.grant(sender)


def connect(config: Any) -> None:
    """Called once when the application is ready."""
    material_published.connect(on_published, dispatch_uid=f"{_UID}.published")
    material_withdrawn.connect(on_withdrawn, dispatch_uid=f"{_UID}.withdrawn")
    post_save.connect(on_saved, dispatch_uid=f"{_UID}.saved")
    post_delete.connect(on_deleted, dispatch_uid=f"{_UID}.deleted")
    for name in ("task_submitted", "task_approved", "task_rejected", "task_cancelled"):
        getattr(wagtail_signals, name).connect(on_review, dispatch_uid=f"{_UID}.{name}")
    wagtail_signals.post_page_move.connect(on_moved, dispatch_uid=f"{_UID}.moved")
    wagtail_signals.page_slug_changed.connect(on_moved, dispatch_uid=f"{_UID}.renamed")
    for changed in (post_save, post_delete):
        changed.connect(on_restricted, sender=PageViewRestriction, dispatch_uid=f"{_UID}.restricted")
    for term in taxonomies.TERMS:
        pre_save.connect(taxonomies.before_saving, sender=term, dispatch_uid=f"{_UID}.term")
        post_save.connect(taxonomies.after_saving, sender=term, dispatch_uid=f"{_UID}.term")
        pre_delete.connect(taxonomies.before_deleting, sender=term, dispatch_uid=f"{_UID}.term")
        post_delete.connect(taxonomies.after_deleting, sender=term, dispatch_uid=f"{_UID}.term")
    outbox.announced.connect(on_announced, dispatch_uid=f"{_UID}.announced")
    swept.connect(upkeep.on_swept, dispatch_uid=f"{_UID}.swept")
    post_migrate.connect(on_migrated, sender=config, dispatch_uid=f"{_UID}.migrated")

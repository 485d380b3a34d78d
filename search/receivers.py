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
from cms.lessons.models import Case, Lesson
from cms.teachers.models import TeacherProfile
from search.models import SearchDocument
from search.registry import source_of
from search.services import index_material, reconcile, withdraw_material

_UID = "search.receivers"


def _material_id(instance: Model) -> UUID:
    """Pages carry it as their translation key, packages under a name of their own."""
    names = ("translation_key",) if isinstance(instance, Page) else ("material_id", "package_id")
    return next(getattr(instance, name) for name in names if hasattr(instance, name))


def on_published(sender: type[Model], *, material_id: UUID, instance: Model, **_kwargs: Any) -> None:
    """Index it; what is found by its name too is indexed anew: below an outline or unit, of a teacher the lessons."""
    source = source_of(type(instance))
    if source is None:
        return
    index_material(source, material_id)
    if isinstance(instance, CurriculumOutline | OutlineUnit):
        _index_below(instance)
    if isinstance(instance, TeacherProfile):
        _index_lessons_of(instance)


def on_withdrawn(sender: type[Model], *, material_id: UUID, **kwargs: Any) -> None:
    """Leave it to those who edit it, and forget a teacher's name at his lessons."""
    instance = kwargs.get("instance")
    source = source_of(type(instance)) if instance is not None else None
    if source is None:
        withdraw_material(material_id)
    else:
        index_material(source, material_id)
    if isinstance(instance, TeacherProfile):
        _index_lessons_of(instance)


def on_moved(sender: type[Page], instance: Page, **_kwargs: Any) -> None:
    """A moved or renamed page takes everything below it to new addresses."""
    if source := source_of(type(instance.specific)):
        index_material(source, instance.translation_key)
    _index_below(instance)


def on_deleted(sender: type[Model], instance: Model, **_kwargs: Any) -> None:
    """Deleting withdraws, however it was done."""
    if source_of(sender) is not None:
        language = instance.locale.language_code if isinstance(instance, Page) else None
        withdraw_material(_material_id(instance), language=language)
    if isinstance(instance, TeacherProfile):
        _index_lessons_that_named(instance)


def _index_below(page: Page) -> None:
    for below in page.get_descendants().live().specific().iterator():
        if source := source_of(type(below)):
            index_material(source, below.translation_key)


def _index_lessons_of(teacher: TeacherProfile) -> None:
    for model in (Lesson, Case):
        for lesson in model.objects.live().filter(teacher=teacher).iterator():
            if source := source_of(model):
                index_material(source, lesson.translation_key)


def _index_lessons_that_named(teacher: TeacherProfile) -> None:
    """For a teacher who was deleted: the lessons do not point to him any more."""
    named = SearchDocument.objects.filter(teachers__contains=teacher.name)
    for material_id in list(named.values_list("material_id", flat=True)):
        for model in (Lesson, Case):
            if model.objects.filter(translation_key=material_id).exists() and (source := source_of(model)):
                index_material(source, material_id)


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

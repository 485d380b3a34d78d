"""Nobody learns of what he may not see, by hits or by counts, over random trees, rights and restrictions.

What is right is asked of Wagtail itself, page by page; the engines answer by tokens.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.test import RequestFactory
from wagtail.models import GroupPagePermission, Page, PageViewRestriction

from accounts.models import User
from cms.core.bootstrap import ensure_site
from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.lessons.models import Lesson
from search.access import tokens_of, visible_documents
from search.backends.base import FACETS, Request, SearchBackend
from search.models import SearchDocument, SearchSegment
from search.query import parse
from search.services import index_all, reconcile
from tests.factories import cms as make

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
WORD = "接羔"


class World:
    """A small site at random; every page says the same word."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.courses = ensure_site().courses
        self.groups = [Group.objects.create(name=f"group {n}") for n in range(4)]
        self.users = [AnonymousUser(), *(self._person(n) for n in range(6))]
        self.pages: list[Page] = []
        for number in range(2):
            outline = self._add(self.courses, CurriculumOutline(edition="2026年版", slug=f"o{number}"))
            for place in range(2):
                unit = self._add(outline, OutlineUnit(slug=f"u{place}"))
                self.pages += [self._add(unit, Lesson(slug=f"l{each}")) for each in range(2)]
                self.pages.append(unit)
            self.pages.append(outline)
        for _each in range(3):
            self.restrict()
        for _each in range(4):
            self.allow()
        for page in self.chance.sample([page for page in self.pages if isinstance(page, Lesson)], 2):
            self.hand_in(page)
        self.index()

    def _person(self, number: int) -> Any:
        user = User.objects.create(username=f"person{number}", is_superuser=number == 0, is_active=number != 1)
        user.groups.set(self.chance.sample(self.groups, self.chance.randint(0, 3)))
        if number != 2:
            user.user_permissions.add(Permission.objects.get(codename="access_admin"))
        return User.objects.get(pk=user.pk)

    def _add(self, parent: Page, page: Any) -> Any:
        owner = self.chance.choice([None, *(user.pk for user in self.users[1:])])
        page.title, page.live, page.owner_id = f"{WORD}{page.slug}", False, owner
        added = Page.objects.get(pk=parent.pk).add_child(instance=page)
        added.save_revision()
        # Reviews take their time: here the rows are simply what they would be after one.
        live, edited = self.chance.choice([(True, False), (True, True), (False, True)])
        Page.objects.filter(pk=added.pk).update(live=live, has_unpublished_changes=edited)
        return added

    def restrict(self) -> None:
        kind = self.chance.choice(["login", "groups", "groups", "password"])
        page = Page.objects.get(pk=self.chance.choice(self.pages).pk)
        restriction = PageViewRestriction.objects.create(page=page, restriction_type=kind, password="x")
        restriction.groups.set(self.chance.sample(self.groups, 2))

    def allow(self) -> None:
        GroupPagePermission.objects.get_or_create(
            group=self.chance.choice(self.groups),
            page=Page.objects.get(pk=self.chance.choice([self.courses, *self.pages]).pk),
            permission=Permission.objects.get(codename=self.chance.choice(["change_page", "add_page", "publish_page"])),
        )

    def hand_in(self, page: Page) -> None:
        lesson = page.specific
        lesson.refresh_from_db()
        if lesson.has_unpublished_changes:
            lesson.get_workflow().start(lesson, make.make_editor())
            stage = lesson.current_workflow_state.current_task_state.task.specific
            stage.groups.set([self.chance.choice(self.groups)])

    def index(self) -> None:
        index_all([page.translation_key for page in self.pages])

    def change(self) -> None:
        """What editors and administrators do; the signals do the rest."""
        PageViewRestriction.objects.order_by("pk").first().delete()
        self.restrict()
        GroupPagePermission.objects.filter(group__in=self.groups).order_by("pk").first().delete()
        self.allow()
        moved = self.chance.choice(list(Page.objects.type(OutlineUnit).order_by("path")))
        target = Page.objects.type(CurriculumOutline).order_by("path").last()
        if not moved.is_child_of(target):
            moved.slug = f"moved{moved.pk}"
            Page.objects.filter(pk=moved.pk).update(slug=moved.slug)
            Page.objects.get(pk=moved.pk).move(target, pos="first-child")
        self.users[3].groups.set([self.groups[0]])
        self.users = [AnonymousUser(), *(User.objects.get(pk=user.pk) for user in self.users[1:])]


def may_see(user: Any, document: SearchDocument) -> bool:
    """Wagtail's own answer."""
    page = Page.objects.get(translation_key=document.material_id).specific
    if document.is_draft:
        return bool(user.has_perm("wagtailadmin.access_admin") and page.permissions_for_user(user).can_edit())
    person = user if user.is_active else AnonymousUser()
    request = RequestFactory().get("/")
    request.user, request.session = person, SimpleNamespace(get=lambda _key, default: default)
    return page.live and all(each.accept_request(request) for each in Page.get_view_restrictions(page))


def expected_counts(documents: Collection[SearchDocument]) -> dict[str, int]:
    kinds = [document.kind for document in documents]
    return {kind: kinds.count(kind) for kind in set(kinds)}


def check(world: World, engine: SearchBackend) -> None:
    documents = list(SearchDocument.objects.filter(title__startswith=WORD))
    assert len(documents) >= len(world.pages)
    seen = {frozenset(document.pk for document in documents if may_see(user, document)) for user in world.users}
    assert len(seen) > 3, "the site is too simple to prove anything"
    for user in world.users:
        right = {document.pk for document in documents if may_see(user, document)}
        hits = engine.search(Request(parse(WORD), tokens_of(user), count=FACETS))
        assert set(hits.document_ids) == right, user
        assert hits.facets["kind"] == expected_counts([each for each in documents if each.pk in right]), user
        narrowed = engine.search(Request(parse(WORD), tokens_of(user), filters={"kind": ("lesson",)}, count=("kind",)))
        assert set(narrowed.document_ids) == {d.pk for d in documents if d.pk in right and d.kind == "lesson"}, user
        assert {document.pk for document in visible_documents(documents, user)} == right, user


@pytest.mark.parametrize("seed", [1, 4])
def test_a_person_finds_and_counts_what_wagtail_lets_him_see_and_nothing_else(seed: int, engine: SearchBackend) -> None:
    world = World(seed)
    reconcile([engine])
    check(world, engine)
    world.change()
    reconcile([engine])
    check(world, engine)


def test_what_is_said_in_a_draft_is_no_place_in_the_published_lesson() -> None:
    spoken = "WEBVTT\n\n00:01.000 --> 00:03.000\n还没有审过的一句话\n".encode()
    lesson = make.make_lesson(title="冬季接羔保育", published=True)
    make.add_subtitle(lesson, "bo", spoken)
    lesson.save_revision()
    segments = SearchSegment.objects.filter(text__contains="没有审过")
    assert {segment.document.is_draft for segment in segments} == {True}
    assert not set(segments[0].document.access_tokens) & set(tokens_of(AnonymousUser()))

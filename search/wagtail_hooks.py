"""The search in the admin: the editors' words, what was not found, one's own saved searches."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel
from wagtail.admin.search import SearchArea
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from accounts.viewsets import ReachViewSet, RecordViewSet, allow_only
from cms.lessons.models import Case, Lesson
from search import admin_views
from search.extraction.shelf import unread
from search.missed.models import MissedQuery
from search.saved.models import SavedSearch
from search.synonyms.models import SearchWords
from search.transcripts import attached_files


class SearchWordsViewSet(SnippetViewSet):
    """同义词和停用词: in force with the next search, in every process."""

    model = SearchWords
    icon = "search"
    menu_label = _("搜索用词")
    list_display = ["words", "kind", "note"]
    list_filter = ["kind"]
    search_fields = ["words", "note"]
    search_backend_name = None
    panels = [FieldPanel("kind"), FieldPanel("words"), FieldPanel("note")]
    copy_view_enabled = False


allow_only(MissedQuery, "view")
allow_only(SavedSearch, "view", "change", "delete")


class MissedQueryViewSet(RecordViewSet):
    """没找到的词: which lessons people look for in vain."""

    model = MissedQuery
    icon = "help"
    menu_label = _("没找到的词")
    list_display = ["text", "day", "count"]
    list_filter = ["day"]
    search_fields = ["text"]
    form_fields = ["text", "day", "count"]
    inspect_view_fields = ["text", "day", "count"]
    ordering = ["-day", "-count"]


class SavedSearchViewSet(ReachViewSet):
    """我保存的搜索."""

    model = SavedSearch
    icon = "tag"
    menu_label = _("我保存的搜索")
    list_display = ["name", "query", "created_at"]
    search_fields = ["name", "query"]
    form_fields = ["name"]

    def within(self, user: Any, rows: QuerySet[SavedSearch]) -> QuerySet[SavedSearch]:
        return rows.filter(user=user)


class SearchGroup(ModelViewSetGroup):
    items = (MissedQueryViewSet, SavedSearchViewSet)
    menu_icon = "search"
    menu_label = _("搜索")
    menu_order = 420


register_snippet(SearchWordsViewSet)


@hooks.register("register_admin_viewset")
def search_group() -> SearchGroup:
    return SearchGroup()


@hooks.register("register_admin_urls")
def search_urls() -> list[URLPattern]:
    return [path("materials/search/", admin_views.materials, name="search_materials")]


@hooks.register("register_admin_search_area")
def materials_area() -> SearchArea:
    """Beside Wagtail's own searches by title: the same words in everything written and said."""
    return SearchArea(_("全文查找"), reverse("search_materials"), name="materials", icon_name="search", order=150)


@hooks.register("register_admin_menu_item")
def materials_item() -> MenuItem:
    return MenuItem(_("全文查找"), reverse("search_materials"), name="search-materials", icon_name="search", order=55)


@hooks.register("before_edit_page")
def tell_of_unread_attachments(request: HttpRequest, page: Page) -> None:
    """Whoever opens a lesson learns which of its attachments nobody will find by their words, and what to do."""
    if request.method != "GET" or not isinstance(page, Lesson | Case):
        return
    pins = page.get_latest_revision_as_object().media_pins or {}
    for title, error in unread(attached_files(pins, is_draft=True)):
        messages.warning(request, _("附件《{title}》：{reason}").format(title=title, reason=f"{error.zh} {error.en}"))

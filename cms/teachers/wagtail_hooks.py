"""The teacher pool in the admin; telephone numbers behind a right of their own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.review.snippets import ReviewedSnippetViewSet
from cms.teachers.models import TeacherContact, TeacherProfile


class TeacherProfileViewSet(ReviewedSnippetViewSet, SnippetViewSet):
    model = TeacherProfile
    icon = "user"
    menu_label = _("师资")
    list_display = ["name", "category", "unit", "status_string", "term_until"]
    list_filter = ["category", "selection_batch"]
    search_fields = ["name", "unit"]


class TeacherContactViewSet(SnippetViewSet):
    """Only who may view contacts sees this menu, a number in it or that there is one."""

    model = TeacherContact
    icon = "mail"
    menu_label = _("联系方式（不公开）")
    list_display = ["teacher"]
    panels = [FieldPanel("teacher"), FieldPanel("private_phone")]
    copy_view_enabled = False


class TeacherPool(SnippetViewSetGroup):
    items = (TeacherProfileViewSet, TeacherContactViewSet)
    menu_icon = "group"
    menu_label = _("师资库")
    menu_name = "teacher-pool"
    menu_order = 220


register_snippet(TeacherPool)

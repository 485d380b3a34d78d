"""Quizzes in the admin."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.viewsets.chooser import ChooserViewSet

from accounts.viewsets import ListViewSet
from education.classroom import rules
from education.classroom.admin_forms import QuizForm, QuizQuestionForm
from education.classroom.models import Quiz

_ANSWERS = [
    FieldRowPanel(
        [FieldPanel(f"answer_{key}_{part}") for part in ("pictogram", "text", "text_bo")], heading=key.upper()
    )
    for key in rules.ANSWER_KEYS
]


class QuestionsPanel(InlinePanel):
    """The questions, each in the form that knows its answers' rows."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name]["form"] = QuizQuestionForm
        return options


class QuizViewSet(ListViewSet):
    """A quiz and its questions on one page."""

    model = Quiz
    icon = "help"
    menu_label = _("测验")
    menu_order = 310
    add_to_admin_menu = True
    list_display = ["title"]
    search_fields = ["title"]
    edit_handler = ObjectList(
        [
            FieldPanel("title"),
            FieldPanel("lesson"),
            QuestionsPanel(
                "questions",
                heading=_("题目"),
                label=_("题目"),
                min_num=1,
                panels=[
                    FieldPanel("text"),
                    FieldPanel("text_bo"),
                    FieldPanel("pictogram"),
                    MultiFieldPanel(_ANSWERS, heading=_("选项（2 到 4 个，写中文的才算）")),
                    FieldPanel("correct_key"),
                ],
            ),
        ],
        base_form_class=QuizForm,
    )


class QuizChooserViewSet(ChooserViewSet):
    """Quizzes for packages."""

    model = Quiz
    icon = "help"
    choose_one_text = _("选择测验")
    choose_another_text = _("换一份测验")


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [QuizViewSet(), QuizChooserViewSet("quiz_chooser", url_prefix="quiz-chooser")]

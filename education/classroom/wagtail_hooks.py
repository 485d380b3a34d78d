"""Quizzes in the admin: snippets that only the three-stage review publishes."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.compare import TextFieldComparison
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.review.snippets import ReviewedSnippetViewSet
from education.classroom import rules
from education.classroom.admin_forms import QuizForm, QuizQuestionForm
from education.classroom.models import Quiz, QuizQuestion


def _in_words(answers: list[dict[str, str]]) -> str:
    return "\n".join(
        " ".join(filter(None, [answer["key"].upper(), answer["text"], answer.get("text_bo"), answer.get("pictogram")]))
        for answer in answers
    )


class AnswersComparison(TextFieldComparison):
    """What a reviewer sees of changed answers: letter, words and picture, a line each."""

    def __init__(self, field: Any, obj_a: QuizQuestion, obj_b: QuizQuestion) -> None:
        super().__init__(field, obj_a, obj_b)
        self.val_a, self.val_b = _in_words(obj_a.answers), _in_words(obj_b.answers)


class AnswersPanel(MultiFieldPanel):
    """The rows of answers, which the form turns into the one column that is compared."""

    class BoundPanel(MultiFieldPanel.BoundPanel):
        def get_comparison(self) -> list[Any]:
            return [partial(AnswersComparison, QuizQuestion._meta.get_field("answers"))]


class QuestionsPanel(InlinePanel):
    """The questions, each in the form that knows its answers' rows."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name]["form"] = QuizQuestionForm
        return options


_ANSWERS = [
    FieldRowPanel(
        [FieldPanel(f"answer_{key}_{part}") for part in ("pictogram", "text", "text_bo")], heading=key.upper()
    )
    for key in rules.ANSWER_KEYS
]


class QuizViewSet(ReviewedSnippetViewSet, SnippetViewSet):
    """A quiz and its questions on one page."""

    model = Quiz
    icon = "help"
    menu_label = _("测验")
    menu_name = "quizzes"
    menu_order = 310
    add_to_admin_menu = True
    list_display = ["title", "status_string"]
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
                    AnswersPanel(_ANSWERS, heading=_("选项（2 到 4 个，写中文的才算）")),
                    FieldPanel("correct_key"),
                ],
            ),
        ],
        base_form_class=QuizForm,
    )


register_snippet(QuizViewSet)

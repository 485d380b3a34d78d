"""Forms of the quiz editor: four rows of picture, Chinese and Tibetan become the question's answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from cms.lessons.models import Lesson
from education.classroom import rules
from education.classroom.errors import PROBLEM_WORDS
from education.classroom.models import QuizQuestion
from education.classroom.pictograms import available


def _pictures() -> list[tuple[str, Any]]:
    return [("", _("（无图）")), *((name, name) for name in available())]


def _picture(letter: str) -> forms.ChoiceField:
    return forms.ChoiceField(choices=_pictures, required=False, label=f"{letter} · 图")


def _chinese(letter: str) -> forms.CharField:
    return forms.CharField(required=False, max_length=120, label=f"{letter} · 中文")


def _tibetan(letter: str) -> forms.CharField:
    return forms.CharField(required=False, max_length=240, label=f"{letter} · 藏文")


def _is_uuid(text: object) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


class QuizForm(WagtailAdminModelForm):
    """The quiz; the lesson it belongs to is chosen by title and kept by material id."""

    lesson = forms.ModelChoiceField(
        Lesson.objects.none(), to_field_name="translation_key", required=False, label=_("所属课程")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lesson"].queryset = Lesson.objects.order_by("title")  # type: ignore[attr-defined]
        self.initial["lesson"] = self.instance.lesson_material_id

    def save(self, commit: bool = True) -> Any:
        lesson = self.cleaned_data.get("lesson")
        self.instance.lesson_material_id = lesson.translation_key if lesson else None
        return super().save(commit=commit)

    def clean(self) -> dict[str, Any]:
        """An id names one question of one quiz, whatever a browser sends."""
        cleaned = super().clean() or {}
        named = [form["question_id"].value() for form in self.formsets["questions"].forms]
        ids = [text for text in named if text]
        strangers = QuizQuestion.objects.exclude(quiz=self.instance if self.instance.pk else None)
        if len(set(ids)) != len(ids) or strangers.filter(question_id__in=[*filter(_is_uuid, ids)]).exists():
            raise ValidationError(_("题目的编号有重复，请刷新页面再改。"))
        return cleaned


class QuizQuestionForm(WagtailAdminModelForm):
    """One question with its answers in rows; a row without Chinese text is no answer."""

    question_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    pictogram = forms.ChoiceField(choices=_pictures, required=False, label=_("图示"))
    correct_key = forms.ChoiceField(
        choices=[("", "—"), *((key, key.upper()) for key in rules.ANSWER_KEYS)], label=_("正确选项")
    )
    answer_a_pictogram = _picture("A")
    answer_a_text = _chinese("A")
    answer_a_text_bo = _tibetan("A")
    answer_b_pictogram = _picture("B")
    answer_b_text = _chinese("B")
    answer_b_text_bo = _tibetan("B")
    answer_c_pictogram = _picture("C")
    answer_c_text = _chinese("C")
    answer_c_text_bo = _tibetan("C")
    answer_d_pictogram = _picture("D")
    answer_d_text = _chinese("D")
    answer_d_text_bo = _tibetan("D")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A row that is new has no id yet: a browser copies the empty row as often as it likes.
        self.initial["question_id"] = self.instance.question_id if self._is_kept() else None
        stored = {answer.get("key"): answer for answer in self.instance.answers or []}
        for key in rules.ANSWER_KEYS:
            answer = stored.get(key, {})
            for part in ("pictogram", "text", "text_bo"):
                self.initial.setdefault(f"answer_{key}_{part}", answer.get(part, ""))

    def _is_kept(self) -> bool:
        """Whether the question was there before: stored, or in the draft that is being edited."""
        return self.instance.pk is not None or bool(self.instance.text)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.pk is None and cleaned.get("question_id"):
            # Members' records name the id: a question in a draft that has no row yet keeps it from draft to draft.
            self.instance.question_id = cleaned["question_id"]
        answers = []
        for key in rules.ANSWER_KEYS:
            text = (cleaned.get(f"answer_{key}_text") or "").strip()
            rest = {part: cleaned.get(f"answer_{key}_{part}") or "" for part in ("text_bo", "pictogram")}
            if text:
                answers.append({"key": key, "text": text, **rest})
            elif any(rest.values()):
                self.add_error(f"answer_{key}_text", _("这个选项还没有中文文字。"))
        problems = rules.answer_problems(answers, cleaned.get("correct_key") or "")
        if problems and not self.errors:
            raise ValidationError([PROBLEM_WORDS[problem] for problem in problems])
        cleaned["answers"] = answers
        self.instance.answers = answers
        return cleaned

"""Failures of quizzes and sessions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.errors import PersonError

PROBLEM_WORDS = {
    "not-a-list": _("选项格式有误，请重新填写。"),
    "count": _("每题要有 2 到 4 个选项。"),
    "key": _("选项要按 a、b、c、d 编号，不能重复。"),
    "text": _("每个选项都要有中文文字。"),
    "same-text": _("有两个选项的文字相同，请改成不同的。"),
    "correct": _("请指明哪一个选项正确，而且它要在选项里。"),
}
"""What to tell the editor, by problem."""


class SessionUntitled(PersonError):
    code = "session-untitled"
    message_zh = "请写上学习内容，比如“党的二十届四中全会精神”。"
    message_en = "Say what was studied."


class SessionInFuture(PersonError):
    code = "session-in-future"
    message_zh = "日期还没到。学习结束以后再登记，请改成实际的日期。"
    message_en = "That day has not come. Record the session after it was held."


class SessionTooEarly(PersonError):
    code = "session-too-early"
    message_zh = "日期早于 {year} 年，看来是写错了。请改成实际的日期。"
    message_en = "That day lies before {year}. Write the day on which it was held."


class EmptyRoster(PersonError):
    code = "session-roster-empty"
    message_zh = "名单是空的。请勾选参加学习的党员，至少一人。"
    message_en = "The roster is empty. Tick everyone who took part, at least one."


class StrangerOnRoster(PersonError):
    code = "session-roster-stranger"
    http_status = 403
    message_zh = "名单里有不是本支部的党员。请由他所在的支部登记。"
    message_en = "Someone on the roster belongs to another branch, which has to record the session."


class QuizEmpty(PersonError):
    code = "quiz-empty"
    http_status = 409
    message_zh = "还没有题目。请至少写一道题。"
    message_en = "It has no questions yet; write at least one."


class QuizQuestionUnclear(PersonError):
    code = "quiz-question-unclear"
    http_status = 409
    message_zh = "第 {number} 题不是正好有一个正确选项，请改好。"
    message_en = "Question {number} does not have exactly one right answer; mend it."


class QuizNotFound(PersonError):
    code = "quiz-not-found"
    http_status = 404
    message_zh = "没有这份测验，可能已经撤下。请回到课程页面，从课程里再进入。"
    message_en = "There is no such quiz; it may have been taken down. Start again from the course page."

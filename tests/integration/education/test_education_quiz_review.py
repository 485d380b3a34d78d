"""Quizzes and the three-stage review: pages and packages show what three people passed, and nothing else."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cms.review import services as review
from cms.review.errors import NotReadyToPublish, ReviewRequired
from cms.review.models import ReviewRecord
from education.classroom.documents import quiz_document
from education.classroom.models import Quiz, QuizQuestion
from education.classroom.selectors import answer_keys, published_quiz
from education.records.fold import Fact, fold
from tests.factories import cms, people
from tests.factories.forms import untouched_form

pytestmark = pytest.mark.django_db

ADD = "/admin/snippets/classroom/quiz/add/"


@pytest.fixture
def editor() -> User:
    return cms.make_editor()


@pytest.fixture
def reviewers() -> list[User]:
    return cms.make_reviewers()


def browser_of(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def question_form(number: int, text: str, **changes: Any) -> dict[str, Any]:
    values = {
        "id": "", "question_id": "", "ORDER": number + 1, "DELETE": "", "text": text, "text_bo": "", "pictogram": "",
        "correct_key": "a", "answer_a_text": "初乳", "answer_b_text": "凉水",
    } | changes  # fmt: skip
    return {f"questions-{number}-{name}": value for name, value in values.items()}


def quiz_form(*questions: dict[str, Any], title: str = "接羔知识", initial: int = 0, **action: Any) -> dict[str, Any]:
    form: dict[str, Any] = {"title": title, "lesson": "", "questions-TOTAL_FORMS": len(questions)}
    form |= {"questions-INITIAL_FORMS": initial, "questions-MIN_NUM_FORMS": 1, "questions-MAX_NUM_FORMS": 1000}
    for question in questions:
        form |= question
    return form | action


def kept(page: str, number: int) -> dict[str, str]:
    """What the page says of a question that was there before: which row it is, and its id."""
    form = untouched_form(page)
    return {name: form[name] for name in (f"questions-{number}-id", f"questions-{number}-question_id")}


def edit_url(quiz: Quiz) -> str:
    return reverse("wagtailsnippets_classroom_quiz:edit", args=[quiz.pk])


def public(quiz: Quiz) -> tuple[int, str]:
    answer = Client().get(f"/quiz/{quiz.material_id}/")
    return answer.status_code, unescape(answer.content.decode())


def rewrite(quiz: Quiz, author: User, title: str) -> Quiz:
    """Save another draft."""
    draft = Quiz.objects.get(pk=quiz.pk).get_latest_revision_as_object()
    draft.title = title
    draft.save_revision(user=author)
    return Quiz.objects.get(pk=quiz.pk)


def test_a_quiz_goes_from_the_editors_form_through_three_reviewers_to_the_public(editor, reviewers) -> None:
    browser_of(editor).post(ADD, quiz_form(question_form(0, "羔羊先喝什么？"), **{"action-submit": "1"}))
    quiz = Quiz.objects.get()
    for reviewer in reviewers:
        assert public(quiz)[0] == 404
        browser = browser_of(reviewer)
        home = browser.get("/admin/").content.decode()
        assert "接羔知识" in home
        assert edit_url(quiz) in home
        assert "羔羊先喝什么？" in unescape(browser.get(edit_url(quiz)).content.decode())
        form = untouched_form(browser.get(edit_url(quiz)).content.decode())
        browser.post(edit_url(quiz), form | {"action-workflow-action": "true", "workflow-action-name": "approve"})
    status, page = public(quiz)
    assert (status, "羔羊先喝什么？" in page) == (200, True)
    records = ReviewRecord.objects.filter(material_id=quiz.material_id)
    assert [record.person for record in records] == reviewers


def test_a_quiz_that_nobody_reviewed_is_shown_nowhere(editor) -> None:
    browser_of(editor).post(ADD, quiz_form(question_form(0, "羔羊先喝什么？")))
    quiz = Quiz.objects.get()
    assert public(quiz)[0] == 404
    assert published_quiz(quiz.material_id) is None
    assert Client().post(f"/quiz/{quiz.material_id}/", {}).status_code == 404


def test_an_edit_is_seen_when_it_was_reviewed_and_not_before(editor, reviewers) -> None:
    quiz = people.quiz(author=editor, reviewers=reviewers, title="第一稿")
    quiz = rewrite(quiz, editor, "第二稿")
    assert "第一稿" in public(quiz)[1]
    review.submit(quiz, editor)
    for reviewer in reviewers:
        assert "第一稿" in public(quiz)[1]
        review.approve(quiz, reviewer)
    assert "第二稿" in public(quiz)[1]


def test_no_way_leads_around_the_review(editor) -> None:
    fresh, live = people.quiz(published=False), people.quiz(title="已审")
    fresh.live = True
    with pytest.raises(ReviewRequired):
        fresh.save()
    with pytest.raises(ReviewRequired):
        fresh.save_revision(user=editor).publish(skip_permission_checks=True)
    live.title = "没有审过的题目"
    with pytest.raises(ReviewRequired):
        live.save()
    QuizQuestion.objects.filter(quiz=live).update(text="没有审过的题目", correct_key="b")
    assert "没有审过的题目" not in public(live)[1]
    assert answer_keys([live.material_id])[str(live.material_id)][0].popitem()[1] == "a"


def test_a_superuser_has_no_publish_button_and_cannot_post_one() -> None:
    root = User.objects.create_superuser("root", password="secret-for-tests")
    browser = browser_of(root)
    browser.post(ADD, quiz_form(question_form(0, "羔羊先喝什么？"), **{"action-publish": "1"}))
    assert not Quiz.objects.filter(live=True).exists()
    quiz = people.quiz(published=False)
    assert "action-publish" not in browser.get(edit_url(quiz)).content.decode()


def test_a_quiz_without_questions_does_not_pass_the_last_stage(editor, reviewers) -> None:
    quiz = people.quiz(questions=0, published=False)
    with pytest.raises(NotReadyToPublish, match="还没有题目"):
        cms.publish(quiz, editor, reviewers)


def test_questions_keep_their_ids_from_draft_to_draft_and_from_revision_to_revision(editor, reviewers) -> None:
    browser = browser_of(editor)
    browser.post(ADD, quiz_form(question_form(0, "一"), question_form(1, "二")))
    quiz = Quiz.objects.get()
    published = cms.publish(quiz, editor, reviewers)
    first = [question["id"] for question in quiz_document(published)["questions"]]
    for text in ("三", "三，改过"):
        page = browser.get(edit_url(quiz)).content.decode()
        rows = [question_form(number, words) | kept(page, number) for number, words in enumerate(("一，改过", "二"))]
        rows.append(question_form(2, text) | (kept(page, 2) if text != "三" else {}))
        answer = browser.post(edit_url(quiz), quiz_form(*rows, initial=2 if text == "三" else 3))
        assert answer.status_code == 302, answer.content.decode()[:2000]
        draft = quiz_document(Quiz.objects.get().get_latest_revision_as_object())
        assert [question["id"] for question in draft["questions"]][:2] == first
        third = draft["questions"][2]["id"]
    cms.publish(Quiz.objects.get(), editor, reviewers)
    again = quiz_document(rewrite(quiz, editor, "再改").get_latest_revision_as_object())
    assert [question["id"] for question in again["questions"]] == [*first, third]
    assert [str(each) for each in QuizQuestion.objects.values_list("question_id", flat=True)] == [*first, third]


def test_nobody_gives_a_question_the_id_of_another_quizs_question(editor) -> None:
    other = people.quiz(questions=1)
    stolen = str(other.questions.get().question_id)
    answer = browser_of(editor).post(ADD, quiz_form(question_form(0, "一", question_id=stolen)))
    assert "编号有重复" in answer.content.decode()
    twice = "00000000-0000-4000-8000-000000000001"
    rows = [question_form(number, f"题{number}", question_id=twice) for number in range(2)]
    assert "编号有重复" in browser_of(editor).post(ADD, quiz_form(*rows)).content.decode()
    assert Quiz.objects.count() == 1


def test_answers_to_an_older_revision_are_judged_by_it(editor, reviewers) -> None:
    quiz = people.quiz(questions=3, author=editor, reviewers=reviewers)
    old = [question["id"] for question in quiz_document(quiz)["questions"]]
    draft = Quiz.objects.get().get_latest_revision_as_object()
    kept = list(draft.questions.all())[:1]
    kept[0].correct_key = "b"
    draft.questions = kept
    draft.save_revision(user=editor)
    cms.publish(Quiz.objects.get(), editor, reviewers)
    keys = answer_keys([quiz.material_id])
    material, on = str(quiz.material_id), date(2026, 1, 1)
    whole = Fact("answered", material, on, response=tuple((question, "a") for question in old))
    state = fold([whole], keys)[material]
    assert (state.best_correct, state.questions) == (3, 3)
    # A corrected key reaches everybody who answered nothing that is gone.
    state = fold([Fact("answered", material, on, response=((old[0], "b"),))], keys)[material]
    assert (state.best_correct, state.questions) == (1, 1)


def test_a_reviewer_takes_a_quiz_down_in_two_steps(reviewers) -> None:
    quiz = people.quiz(reviewers=reviewers)
    browser = browser_of(reviewers[0])
    take_down = reverse("wagtailsnippets_classroom_quiz:unpublish", args=[quiz.pk])
    assert take_down in browser.get(edit_url(quiz)).content.decode()
    browser.post(take_down)
    assert public(quiz)[0] == 404
    assert not Quiz.objects.get().live


def test_an_editor_cannot_take_a_quiz_down(editor) -> None:
    quiz = people.quiz(author=editor)
    take_down = reverse("wagtailsnippets_classroom_quiz:unpublish", args=[quiz.pk])
    browser = browser_of(editor)
    assert take_down not in browser.get(edit_url(quiz)).content.decode()
    browser.post(take_down)
    assert Quiz.objects.get().live


def test_a_reviewer_sees_which_answers_changed(editor, reviewers) -> None:
    quiz = people.quiz(questions=1, author=editor, reviewers=reviewers)
    draft = Quiz.objects.get().get_latest_revision_as_object()
    question = draft.questions.get()
    question.answers = [{**question.answers[0], "text": "羊奶"}, question.answers[1]]
    draft.questions = [question]
    draft.save_revision(user=editor)
    compare = reverse("wagtailsnippets_classroom_quiz:revisions_compare", args=[quiz.pk, "live", "latest"])
    page = browser_of(reviewers[0]).get(compare).content.decode()
    assert "羊奶" in page
    assert "初乳" in page


def test_the_preview_shows_the_draft_as_members_will_see_it(editor) -> None:
    quiz = people.quiz(published=False, title="草稿测验")
    revision = quiz.save_revision(user=editor)
    address = reverse("wagtailsnippets_classroom_quiz:revisions_view", args=[quiz.pk, revision.pk])
    assert "草稿测验" in browser_of(editor).get(address).content.decode()


def test_reviewers_may_open_quizzes_by_their_role_alone() -> None:
    names = Group.objects.get(name="reviewers").permissions.values_list("codename", flat=True)
    assert "change_quiz" in names
    assert not {"add_quiz", "delete_quiz", "publish_quiz"} & set(names)

"""The admin: rules by version, quizzes with exactly one right answer, organisations in their order."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Organisation
from education.classroom.documents import quiz_document
from education.classroom.models import Quiz
from education.hours.models import RuleVersion
from education.hours.services import current_rule
from education.members.models import PartyMember
from education.records.models import REASON_LABELS, LearningRecord
from education.records.services import ingest_lines
from education.records.statements import Reason
from tests.factories.people import NOON, member, organisation, tree, user

pytestmark = pytest.mark.django_db


def signed_in(role: str = "province_administrator", *, place: Organisation | None = None, **fields: Any) -> Client:
    from accounts.services import assign_role

    person = user(**fields)
    assign_role(user=person, role=role, organisation=place or organisation("province"))
    browser = Client()
    browser.force_login(person)
    return browser


def rule_form(**changes: Any) -> dict[str, Any]:
    form: dict[str, Any] = {
        "year": 2026,
        "minutes_per_hour": 45,
        "half_day_hours": 4,
        "day_hours": 8,
        "new_secretary_months": 6,
        "counted_columns": ["central", "collective"],
    }
    for duty, hours in (("member", 32), ("committee", 56), ("secretary", 56), ("candidate", 24)):
        form |= {f"{duty}_hours": hours, f"{duty}_central_trainings": 0}
    return form | changes


def test_a_province_administrator_sets_the_years_rules_as_a_new_version() -> None:
    browser = signed_in()
    assert browser.get("/admin/study_hours_rules/new/").status_code == 200
    browser.post("/admin/study_hours_rules/new/", rule_form(member_hours=40))
    adopted = current_rule(2026)
    assert adopted.numbers["targets"]["member"]["hours"] == 40
    assert adopted.adopted_by is not None
    browser.post("/admin/study_hours_rules/new/", rule_form(member_hours=41))
    assert current_rule(2026).version == adopted.version + 1


@pytest.mark.parametrize(
    "change", [{"minutes_per_hour": 0}, {"counted_columns": []}, {"member_hours": -1}, {"year": ""}]
)
def test_impossible_numbers_are_not_adopted(change: dict[str, Any]) -> None:
    signed_in().post("/admin/study_hours_rules/new/", rule_form(**change))
    assert not RuleVersion.objects.filter(adopted_by__isnull=False).exists()


def test_nobody_edits_or_deletes_a_version_superusers_included() -> None:
    rule = current_rule(2026)
    for browser in (signed_in(), signed_in(is_superuser=True)):
        for action in ("edit", "delete"):
            response = browser.post(f"/admin/study_hours_rules/{action}/{rule.pk}/", rule_form(member_hours=1))
            assert response.status_code in {302, 403}
    assert RuleVersion.objects.get().numbers == rule.numbers


@pytest.mark.parametrize("level", ["prefecture", "county", "branch"])
def test_an_administrator_below_the_province_looks_at_the_rules_and_sets_none(level: str) -> None:
    browser = signed_in(place=tree()[level])
    rule = current_rule(2026)
    assert browser.get(f"/admin/study_hours_rules/inspect/{rule.pk}/").status_code == 200
    assert browser.get("/admin/study_hours_rules/new/").status_code in {302, 403}
    browser.post("/admin/study_hours_rules/new/", rule_form(member_hours=1))
    assert RuleVersion.objects.get() == rule


def test_an_editor_may_not_set_rules() -> None:
    signed_in("editor").post("/admin/study_hours_rules/new/", rule_form())
    assert not RuleVersion.objects.filter(adopted_by__isnull=False).exists()


def quiz_form(**changes: Any) -> dict[str, Any]:
    form: dict[str, Any] = {
        "title": "接羔知识",
        "lesson": "",
        "questions-TOTAL_FORMS": 1,
        "questions-INITIAL_FORMS": 0,
        "questions-MIN_NUM_FORMS": 1,
        "questions-MAX_NUM_FORMS": 1000,
        "questions-0-ORDER": 1,
        "questions-0-text": "羔羊先喝什么？",
        "questions-0-text_bo": "ལུ་གུ",
        "questions-0-pictogram": "lamb",
        "questions-0-correct_key": "a",
    }
    for key, text in (("a", "初乳"), ("b", "凉水"), ("c", ""), ("d", "")):
        form |= {
            f"questions-0-answer_{key}_text": text,
            f"questions-0-answer_{key}_text_bo": "",
            f"questions-0-answer_{key}_pictogram": "milk" if text else "",
        }
    return form | {f"questions-0-{name}" if name not in form else name: value for name, value in changes.items()}


def test_an_editor_writes_a_quiz_with_pictures() -> None:
    signed_in("editor").post("/admin/snippets/classroom/quiz/add/", quiz_form())
    question = quiz_document(Quiz.objects.get())["questions"][0]
    assert question["text"] == {"zh-hans": "羔羊先喝什么？", "bo": "ལུ་གུ"}
    assert [answer["key"] for answer in question["answers"]] == ["a", "b"]
    assert (question["correct"], question["pictogram"]) == ("a", "lamb")


@pytest.mark.parametrize(
    "change",
    [
        {"correct_key": "c"},
        {"correct_key": ""},
        {"answer_b_text": ""},
        {"answer_b_text": "初乳"},
        {"answer_c_pictogram": "milk"},
        {"pictogram": "no-such-picture"},
        {"text": ""},
    ],
)
def test_a_question_without_exactly_one_right_answer_is_not_saved(change: dict[str, Any]) -> None:
    response = signed_in("editor").post("/admin/snippets/classroom/quiz/add/", quiz_form(**change))
    assert response.status_code == 200
    assert not Quiz.objects.exists()


def test_an_organisation_is_attached_and_moved_in_the_admin() -> None:
    line = tree()
    browser = signed_in(place=line["province"])
    elsewhere = organisation("county", parent=line["prefecture"])
    form = {"name": "新支部", "code": "new-branch", "level": "branch", "parent": line["township"].pk}
    browser.post("/admin/organisation/new/", form)
    made = Organisation.objects.get(code="new-branch")
    assert made.get_parent() == line["township"]
    browser.post(f"/admin/organisation/edit/{made.pk}/", form | {"parent": elsewhere.pk, "name": "改名支部"})
    made = Organisation.objects.get(code="new-branch")
    assert (made.name, made.get_parent()) == ("改名支部", elsewhere)
    wrong = browser.post("/admin/organisation/new/", form | {"code": "wrong", "level": "county"})
    assert "请按" in wrong.content.decode()
    assert not Organisation.objects.filter(code="wrong").exists()


def test_a_member_added_in_the_admin_has_an_account_without_a_password() -> None:
    branch = organisation()
    signed_in(place=branch.get_parent()).post(
        "/admin/partymember/new/", {"name": "拉毛", "branch": branch.pk, "duty": "member", "duty_since": ""}
    )
    made = PartyMember.objects.get(name="拉毛")
    assert made.user is not None
    assert not made.user.has_usable_password()


def test_every_reason_for_a_review_has_words() -> None:
    assert set(REASON_LABELS) == set(Reason)


def test_the_review_queue_shows_records_and_changes_none() -> None:
    owner = member(name="央金")
    ingest_lines(
        member=owner,
        device_id=owner.member_id,
        epoch=owner.member_id,
        lines=[b"{}"],
        first_sequence=1,
        received_at=NOON,
    )
    record = LearningRecord.objects.get()
    browser = signed_in(place=owner.branch.get_parent())
    listed = browser.get("/admin/learning_records/?status=quarantined&reason=malformed").content.decode()
    assert "央金" in listed
    assert re.search(r"<td[^>]*>\s*内容无法识别", listed)
    assert "内容无法识别" in browser.get(f"/admin/learning_records/inspect/{record.pk}/").content.decode()
    assert "央金" not in browser.get("/admin/learning_records/?reason=too-long").content.decode()
    for action in (f"edit/{record.pk}", f"delete/{record.pk}", "new"):
        browser.post(f"/admin/learning_records/{action}/", {"status": "accepted"})
    assert LearningRecord.objects.get().status == "quarantined"

"""The pages of members and secretaries, as a browser without JavaScript sees them."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone, translation

from accounts.models import ActivationCode
from education.classroom.models import ClassroomSession
from education.classroom.views import quiz as quiz_page
from education.hours.models import StudyHoursEntry
from education.hours.services import post_entry
from education.members.models import PartyMember
from education.records.models import LearningRecord
from education.records.services import ingest_lines
from tests.factories.cms import make_lesson
from tests.factories.people import member, organisation, quiz, secretary, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch():
    return organisation(name="曲麻河乡多秀村党支部")


@pytest.fixture
def desk(branch) -> Client:
    """The browser of the branch's secretary."""
    browser = Client()
    browser.force_login(secretary(branch))
    return browser


def as_member(person: PartyMember) -> Client:
    browser = Client()
    browser.force_login(person.user)
    return browser


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


def test_a_member_who_opens_a_branch_page_is_told_what_to_do(branch) -> None:
    for person in (member(branch=branch), member()):
        for address in ("/branch/", f"/branch/{branch.code}/", f"/branch/{branch.code}/members/new/"):
            page = as_member(person).get(address)
            assert page.status_code == 403
            assert "回到自己的支部" in page.content.decode()
            assert "your own branch" in page.content.decode()


def test_another_branch_looks_like_one_that_does_not_exist(desk) -> None:
    other = organisation()
    stranger = member(branch=other)
    addresses = [
        f"/branch/{other.code}/",
        f"/branch/{other.code}/members/{stranger.member_id}/",
        "/branch/no-such-branch/",
    ]
    assert [desk.get(address).status_code for address in addresses] == [403, 403, 403]


def test_a_member_of_another_branch_is_not_shown_under_ones_own(desk, branch) -> None:
    assert desk.get(f"/branch/{branch.code}/members/{member().member_id}/").status_code == 404


def test_a_stranger_is_asked_to_sign_in_and_comes_back(branch) -> None:
    response = Client().get(f"/branch/{branch.code}/")
    assert response["Location"] == f"/login/?next=/branch/{branch.code}/"


def test_the_secretary_sees_at_once_who_lacks_hours_and_why(desk, branch) -> None:
    member(branch=branch, name="央金", signed_in=False)
    enough = member(branch=branch, name="阿旺")
    today = timezone.localdate()
    post_entry(member=enough, column="collective", minutes=32 * 45, learned_on=today, idempotency_key="enough")
    page = desk.get("/branch/", follow=True).content.decode()
    lacking = page[page.index('id="lacking"') : page.index('id="everybody"')]
    assert "1 人（共 2 人）" in lacking
    assert "央金" in lacking
    assert "还差 32 学时" in lacking
    assert "阿旺" not in lacking


def test_an_account_is_opened_in_three_steps_and_the_member_signs_in_with_the_card(desk, branch) -> None:
    form = desk.get(f"/branch/{branch.code}/members/new/").content.decode()
    opened = desk.post(
        f"/branch/{branch.code}/members/new/",
        {"member_id": field(form, "member_id"), "name": "  才仁  卓玛 ", "duty": "member"},
        follow=True,
    ).content.decode()
    card = desk.post(
        f"/branch/{branch.code}/cards/",
        {"request_id": field(opened, "request_id"), "member": field(opened, "member")},
    )
    assert "no-store" in card["Cache-Control"]
    text = card.content.decode()
    assert "<svg" in text
    code = re.search(r"data-code>([0-9A-Z-]{19})<", text)
    assert code
    phone = Client()
    phone.post("/join/", {"code": code[1]})
    page = phone.get("/me/").content.decode()
    assert "才仁 卓玛" in page
    assert PartyMember.objects.get(name="才仁 卓玛").user.email == ""


def test_a_double_tap_opens_one_account(desk, branch) -> None:
    form = {"member_id": str(uuid.uuid4()), "name": "拉毛", "duty": "member"}
    for _ in range(2):
        assert desk.post(f"/branch/{branch.code}/members/new/", form).status_code == 302
    assert PartyMember.objects.filter(name="拉毛").count() == 1


@pytest.mark.parametrize("day", ["0001-01-01", "1949-12-31", "2999-01-01"])
def test_an_impossible_date_of_a_duty_is_refused(day: str, desk, branch) -> None:
    form = {"member_id": str(uuid.uuid4()), "name": "拉毛", "duty": "secretary", "duty_since": day}
    answer = desk.post(f"/branch/{branch.code}/members/new/", form)
    assert (answer.status_code, "任职日期看来写错了" in answer.content.decode()) == (400, True)
    assert not PartyMember.objects.filter(name="拉毛").exists()


def test_a_second_person_of_the_same_name_is_asked_about(desk, branch) -> None:
    member(branch=branch, name="拉毛")
    form = {"member_id": str(uuid.uuid4()), "name": "拉毛", "duty": "member"}
    asked = desk.post(f"/branch/{branch.code}/members/new/", form)
    assert asked.status_code == 409
    assert "是另一个人" in asked.content.decode()
    assert desk.post(f"/branch/{branch.code}/members/new/", {**form, "is_another_person": "on"}).status_code == 302


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"member_id": "no-uuid", "name": "拉毛", "duty": "member"},
        {"member_id": str(uuid.UUID(int=5)), "name": "   ", "duty": "member"},
        {"member_id": str(uuid.UUID(int=5)), "name": "拉毛", "duty": "emperor"},
        {"member_id": str(uuid.UUID(int=5)), "name": "拉" * 61, "duty": "member"},
        {"member_id": str(uuid.UUID(int=5)), "name": "拉毛", "duty": "member", "duty_since": "yesterday"},
    ],
)
def test_a_bad_form_opens_nothing_and_says_what_is_wrong(desk, branch, form) -> None:
    response = desk.post(f"/branch/{branch.code}/members/new/", form)
    assert response.status_code == 400
    assert "field__error" in response.content.decode()
    assert not PartyMember.objects.exists()


def test_characters_beyond_the_basic_plane_survive(desk, branch) -> None:
    form = {"member_id": str(uuid.uuid4()), "name": "𠮷𫖮 བཀྲ་ཤིས།", "duty": "member"}
    assert "𠮷𫖮 བཀྲ་ཤིས།" in desk.post(f"/branch/{branch.code}/members/new/", form, follow=True).content.decode()


def test_cards_are_shown_once_and_a_reload_withdraws_nothing(desk, branch) -> None:
    people = [member(branch=branch, name=name) for name in ("甲", "乙")]
    form = {"request_id": str(uuid.uuid4()), "member": [str(person.member_id) for person in people]}
    first = desk.post(f"/branch/{branch.code}/cards/", form)
    assert first.content.decode().count("data-code") == 2
    again = desk.post(f"/branch/{branch.code}/cards/", form)
    assert again.status_code == 409
    assert "重新打印" in again.content.decode()
    assert ActivationCode.objects.filter(withdrawn_at=None).count() == 2


def test_a_card_that_was_handed_out_is_not_withdrawn_by_a_careless_tap(desk, branch) -> None:
    somebody = member(branch=branch, signed_in=False)
    box = f'name="member" value="{somebody.member_id}"'
    address = f"/branch/{branch.code}/"
    assert f"{box} checked" in desk.get(address).content.decode()
    desk.post(f"/branch/{branch.code}/cards/", {"member": str(somebody.member_id), "request_id": str(uuid.uuid4())})
    page = desk.get(address).content.decode()
    assert f"{box} checked" not in page
    assert "有激活卡" in page


def test_no_card_is_printed_for_another_branchs_member(desk, branch) -> None:
    form = {"request_id": str(uuid.uuid4()), "member": str(member().member_id)}
    assert desk.post(f"/branch/{branch.code}/cards/", form).status_code == 400
    assert not ActivationCode.objects.exists()


def test_a_session_is_recorded_corrected_and_taken_back(desk, branch) -> None:
    first, second = member(branch=branch, name="甲"), member(branch=branch, name="乙")
    form = {
        "session_id": str(uuid.uuid4()),
        "title": "三江源保护",
        "held_on": timezone.localdate().isoformat(),
        "minutes": "90",
        "member": [str(first.member_id), str(second.member_id)],
    }
    for _ in range(2):
        page = desk.post(f"/branch/{branch.code}/sessions/new/", form, follow=True)
        assert "三江源保护" in page.content.decode()
    assert StudyHoursEntry.objects.count() == 2
    session = ClassroomSession.objects.get()
    address = f"/branch/{branch.code}/sessions/{session.session_id}/"
    assert desk.post(address, {"member": [str(second.member_id)]}).status_code == 302
    assert sum(StudyHoursEntry.objects.filter(member=first).values_list("minutes", flat=True)) == 0
    desk.post(address, {})
    assert sum(StudyHoursEntry.objects.values_list("minutes", flat=True)) == 0


def test_everybody_before_one_screen_is_credited_by_one_button_and_the_lesson_names_the_session(desk, branch) -> None:
    for name in ("甲", "乙", "丙"):
        member(branch=branch, name=name)
    lesson = make_lesson(title="三江源与中华水塔", published=True)
    page = desk.get(f"/branch/{branch.code}/sessions/new/").content.decode()
    assert 'name="everybody"' in page
    form = {
        "session_id": str(uuid.uuid4()),
        "lesson": str(lesson.translation_key),
        "title": "",
        "held_on": timezone.localdate().isoformat(),
        "minutes": "90",
        "everybody": "1",
    }
    page = desk.post(f"/branch/{branch.code}/sessions/new/", form, follow=True)
    assert "三江源与中华水塔" in page.content.decode()
    entries = StudyHoursEntry.objects.all()
    assert entries.count() == 3
    assert {entry.evidence["lesson"] for entry in entries} == {str(lesson.translation_key)}


def test_the_hours_of_a_branch_open_in_excel_and_hold_no_formula(desk, branch) -> None:
    person = member(branch=branch, name="=cmd")
    today = timezone.localdate()
    post_entry(member=person, column="self_study", minutes=45, learned_on=today, idempotency_key="one")
    assert f"/branch/{branch.code}/hours.csv" in desk.get(f"/branch/{branch.code}/").content.decode()
    answer = desk.get(f"/branch/{branch.code}/hours.csv")
    assert answer["Content-Disposition"].endswith(f'"{branch.code}-{today.year}.csv"')
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff姓名,身份,")
    assert "'=cmd" in text
    assert ",32," in text
    assert Client().get(f"/branch/{branch.code}/hours.csv").status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": " "},
        {"held_on": "2999-01-01"},
        {"held_on": "1999-12-31"},
        {"held_on": "0001-01-01"},
        {"held_on": "soon"},
        {"minutes": "0"},
        {"minutes": "many"},
        {"member": []},
        {"member": [str(uuid.UUID(int=3))]},
        {"member": ["x"]},
        {"session_id": "x"},
    ],
)
def test_a_bad_session_form_credits_nobody_and_keeps_what_was_typed(desk, branch, change) -> None:
    person = member(branch=branch)
    form = {
        "session_id": str(uuid.uuid4()),
        "title": "三江源保护",
        "held_on": timezone.localdate().isoformat(),
        "minutes": "90",
        "member": [str(person.member_id)],
    }
    response = desk.post(f"/branch/{branch.code}/sessions/new/", form | change)
    assert response.status_code == 400
    assert not StudyHoursEntry.objects.exists()
    if "title" not in change:
        assert "三江源保护" in response.content.decode()


def test_my_page_shows_hours_by_column_and_compares_me_with_nobody() -> None:
    person = member(name="拉毛")
    member(branch=person.branch, name="别人")
    today = timezone.localdate()
    post_entry(member=person, column="self_study", minutes=45, learned_on=today, idempotency_key="one")
    page = as_member(person).get("/me/").content.decode()
    for words in ("集中培训", "集体学习", "自学", "1.0 学时", "还差 32 学时"):
        assert words in page
    assert "别人" not in page


def test_a_stranger_finds_the_way_in_on_my_page() -> None:
    page = Client().get("/me/")
    assert page.status_code == 200
    assert "/join/" in page.content.decode()


def test_my_data_hold_what_is_kept_and_nothing_else() -> None:
    person = member(name="拉毛")
    browser = as_member(person)
    response = browser.get("/me/export.json")
    document = json.loads(response.content)
    assert document["member"]["name"] == "拉毛"
    assert not {"phone", "email", "ethnicity", "religion"} & set(document["member"])
    assert Client().get("/me/export.json").status_code == 401
    staff = Client()
    staff.force_login(user())
    assert staff.get("/me/export.json").status_code == 403


def test_a_wish_to_be_deleted_is_carried_out_by_the_secretary_and_keeps_the_hours(desk, branch) -> None:
    person = member(branch=branch, name="拉毛")
    today = timezone.localdate()
    post_entry(member=person, column="collective", minutes=45, learned_on=today, idempotency_key="one")
    erase = f"/branch/{branch.code}/members/{person.member_id}/erase/"
    assert desk.post(erase).status_code == 404
    browser = as_member(person)
    browser.post("/me/deletion/")
    browser.post("/me/deletion/", {"wish": "keep"})
    assert desk.post(erase).status_code == 404
    browser.post("/me/deletion/")
    assert "申请注销" in desk.get(f"/branch/{branch.code}/").content.decode()
    assert desk.post(erase).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.user) == ("（已注销）", None)
    assert StudyHoursEntry.objects.filter(member=person).count() == 1
    assert "拉毛" not in desk.get(f"/branch/{branch.code}/").content.decode()
    assert "拉毛" not in browser.get("/me/").content.decode()


def test_a_quiz_is_answered_without_a_log_in_and_not_recorded() -> None:
    paper = quiz()
    first, second = paper.questions.all()
    page = Client().post(f"/quiz/{paper.material_id}/", {str(first.question_id): "a", str(second.question_id): "b"})
    assert "1 / 2" in page.content.decode()
    assert not LearningRecord.objects.exists()


def test_a_members_answers_are_recorded_and_the_best_result_stays() -> None:
    person, paper = member(), quiz(title="接羔")
    browser = as_member(person)
    questions = [str(question.question_id) for question in paper.questions.all()]
    for chosen in ("ab", "aa", "bb"):
        page = browser.post(f"/quiz/{paper.material_id}/", dict(zip(questions, chosen, strict=True)))
        assert page.status_code == 200
    assert LearningRecord.objects.filter(member=person, status="accepted").count() == 3
    assert "最好一次答对 2 / 2" in browser.get("/me/").content.decode()


def test_a_quiz_page_speaks_tibetan_where_it_can(rf) -> None:
    paper = quiz(questions=1)
    request = rf.get("/")
    request.user = AnonymousUser()
    with translation.override("bo"):
        page = quiz_page(request, paper.material_id).content.decode()
    assert "ལུ་གུ" in page
    assert "凉水" in page


def test_an_unknown_quiz_says_what_to_do() -> None:
    page = Client().get(f"/quiz/{uuid.uuid4()}/")
    assert page.status_code == 404
    assert "从课程里再进入" in page.content.decode()


def test_a_branch_of_two_hundred_costs_no_more_queries_than_one_of_two(
    desk, branch, django_assert_max_num_queries
) -> None:
    for number in range(30):
        member(branch=branch, name=f"党员{number}")
    desk.get(f"/branch/{branch.code}/")
    with django_assert_max_num_queries(14):
        desk.get(f"/branch/{branch.code}/")


def test_a_session_in_use_is_kept_alive(branch) -> None:
    person = member(branch=branch)
    browser = as_member(person)
    assert "sessionid" in browser.get("/me/").cookies
    assert "sessionid" not in browser.get("/me/").cookies
    session = browser.session
    session["seen_month"] = (timezone.localdate() - timedelta(days=40)).isoformat()[:7]
    session.save()
    assert "sessionid" in browser.get("/me/").cookies


def test_a_card_printed_on_the_server_itself_bears_the_address_that_phones_reach(desk, branch, settings) -> None:
    settings.LAN_ADDRESS = "http://192.168.1.9:8000"
    settings.ALLOWED_HOSTS = ["*"]
    person = member(branch=branch, signed_in=False)
    form = {"request_id": str(uuid.uuid4()), "member": [str(person.member_id)]}
    page = desk.post(f"/branch/{branch.code}/cards/", form, headers={"host": "127.0.0.1:8000"}).content.decode()
    assert "http://192.168.1.9:8000/join/" in page
    assert "127.0.0.1" not in page


def test_a_few_minutes_are_not_called_no_hours_and_records_are_counted_with_what_they_tell_of() -> None:
    person = member(name="拉毛")
    post_entry(member=person, column="self_study", minutes=1, learned_on=timezone.localdate(), idempotency_key="one")
    page = as_member(person).get("/me/").content.decode()
    assert "0.0 学时（1 分钟）" not in page
    assert "1 分钟" in page


def test_a_member_is_told_what_becomes_of_a_record_that_waits_for_review(branch) -> None:
    person = member(branch=branch)
    assert "您不用做什么" not in as_member(person).get("/me/").content.decode()
    ingest_lines(
        member=person,
        device_id=uuid.UUID(int=1),
        epoch=uuid.UUID(int=2),
        lines=[b"{}"],
        first_sequence=1,
        received_at=timezone.now(),
    )
    assert (
        "待复核的由上级管理员核对，您不用做什么。想知道结果，请问支部书记。"
        in as_member(person).get("/me/").content.decode()
    )
    assert "ཁྱེད་ཀྱིས་ཅི་ཡང་བྱེད་མི་དགོས།" in as_member(person).get("/bo/me/").content.decode()

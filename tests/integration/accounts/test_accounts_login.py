"""Staff log-in, its lockout, roles and the organisation tree."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from accounts import codes
from accounts.errors import LevelOrder, OwnDescendant
from accounts.models import LoginThrottle, Organisation, RoleAssignment
from accounts.selectors import can, organisations_for
from accounts.services import assign_role, create_organisation, move_organisation
from tests.factories import people
from tests.factories.people import member, organisation, secretary, tree, user

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-password"
SECRETARY = RoleAssignment.Role.BRANCH_SECRETARY


@pytest.mark.parametrize("address", ["/login/", "/admin/login/", "/_util/login/"])
def test_every_log_in_page_locks_after_repeated_failures_and_says_what_to_do(address: str) -> None:
    person, browser = user(password=PASSWORD), Client()
    for _ in range(4):
        assert browser.post(address, {"username": person.username, "password": "wrong"}).status_code == 200
    locked = browser.post(address, {"username": person.username, "password": "wrong"})
    assert locked.status_code == 429
    assert "分钟再试" in locked.content.decode()
    assert "Too many failed log-ins" in locked.content.decode()
    assert browser.post(address, {"username": person.username, "password": PASSWORD}).status_code == 429
    assert "_auth_user_id" not in browser.session


def test_an_account_that_does_not_exist_is_locked_like_one_that_does() -> None:
    browser = Client()
    statuses = [browser.post("/login/", {"username": "nobody", "password": "x"}).status_code for _ in range(6)]
    assert statuses[-1] == 429


def test_names_that_differ_only_in_case_or_blanks_share_a_lock() -> None:
    browser = Client()
    for name in ("Editor", "editor", " EDITOR ", "eDitor", "editoR"):
        last = browser.post("/login/", {"username": name, "password": "x"})
    assert last.status_code == 429


def test_an_address_that_tries_many_accounts_is_locked() -> None:
    browser = Client()
    for number in range(30):
        browser.post("/login/", {"username": f"guess-{number}", "password": "x"})
    person = user(password=PASSWORD)
    assert browser.post("/login/", {"username": person.username, "password": PASSWORD}).status_code == 429
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert elsewhere.post("/login/", {"username": person.username, "password": PASSWORD}).status_code == 302


def test_a_browser_that_signed_in_before_is_locked_out_by_nobody_else() -> None:
    person, own, strangers = user(password=PASSWORD), Client(), Client()
    right = {"username": person.username, "password": PASSWORD}
    assert own.post("/login/", right).status_code == 302
    own.cookies.pop("sessionid")
    for _ in range(6):
        strangers.post("/login/", {"username": person.username, "password": "wrong"})
    for number in range(30):
        strangers.post("/login/", {"username": f"guess-{number}", "password": "x"})
    assert strangers.post("/login/", right).status_code == 429
    assert own.post("/login/", right).status_code == 302


def test_a_known_browser_is_locked_by_its_own_failures_and_known_for_one_account_only() -> None:
    person, other, own = user(password=PASSWORD), user(password=PASSWORD), Client()
    own.post("/login/", {"username": person.username, "password": PASSWORD})
    for _ in range(10):
        last = own.post("/login/", {"username": person.username, "password": "wrong"})
    assert last.status_code == 429
    for _ in range(5):
        last = own.post("/login/", {"username": other.username, "password": "wrong"})
    assert last.status_code == 429
    assert Client().post("/login/", {"username": person.username, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("cookie", ["", "forged", "eyJ4IjoxfQ:1abcde:forged"])
def test_a_forged_device_cookie_counts_for_nothing(cookie: str) -> None:
    person, browser = user(password=PASSWORD), Client()
    browser.cookies["known-device"] = cookie
    for _ in range(5):
        last = browser.post("/login/", {"username": person.username, "password": "wrong"})
    assert last.status_code == 429


def test_wrong_codes_do_not_lock_the_staffs_log_in_behind_the_same_address() -> None:
    browser, person = Client(), user(password=PASSWORD)
    statuses = []
    for _ in range(101):
        code = codes.generate(secrets.randbelow)
        statuses.append(browser.post("/join/", {"code": code}).status_code)
    assert (statuses[99], statuses[-1]) == (404, 429)
    assert browser.post("/login/", {"username": person.username, "password": PASSWORD}).status_code == 302


def test_a_lock_ends_after_a_quarter_of_an_hour() -> None:
    person, browser = user(password=PASSWORD), Client()
    for _ in range(5):
        browser.post("/login/", {"username": person.username, "password": "wrong"})
    LoginThrottle.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert browser.post("/login/", {"username": person.username, "password": PASSWORD}).status_code == 302


def test_no_user_name_or_address_is_stored_with_a_lock() -> None:
    Client().post("/login/", {"username": "editor", "password": "x"})
    assert all(len(row.key) == 64 and "editor" not in row.key for row in LoginThrottle.objects.all())


def test_each_person_lands_at_the_own_place() -> None:
    of_branch = secretary(organisation(), password=PASSWORD)
    response = Client().post("/login/", {"username": of_branch.username, "password": PASSWORD})
    assert response["Location"] == "/branch/"
    plain = user(password=PASSWORD)
    assert Client().post("/login/", {"username": plain.username, "password": PASSWORD})["Location"] == "/me/"


def test_a_log_in_never_leads_to_another_site() -> None:
    person = user(password=PASSWORD)
    form = {"username": person.username, "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post("/login/", form)["Location"] == "/me/"


def test_a_staff_session_ends_with_the_working_day() -> None:
    person, browser = user(password=PASSWORD), Client()
    browser.post("/login/", {"username": person.username, "password": PASSWORD})
    assert int(browser.cookies["sessionid"]["max-age"]) == 12 * 60 * 60


def test_signing_out_takes_a_post() -> None:
    browser = Client()
    person = member()
    browser.force_login(person.user)
    assert browser.get("/logout/").status_code == 405
    assert browser.post("/logout/").status_code == 302
    assert "_auth_user_id" not in browser.session


def test_a_role_reaches_everything_below_and_nothing_beside() -> None:
    line = tree()
    beside = organisation("branch", parent=line["county"])
    person = user()
    assign_role(user=person, role=SECRETARY, organisation=line["township"])
    assert can(person, SECRETARY, line["branch"])
    assert can(person, SECRETARY, line["township"])
    assert not can(person, SECRETARY, line["county"])
    assert not can(person, SECRETARY, beside)
    assert not can(person, RoleAssignment.Role.EDITOR, line["branch"])
    assert [reached.level for reached in organisations_for(person, SECRETARY)] == ["township", "branch"]


def test_an_inactive_account_has_no_role() -> None:
    person = secretary(branch := organisation())
    person.is_active = False
    assert not can(person, SECRETARY, branch)
    assert not organisations_for(person, SECRETARY).exists()


def test_groups_follow_roles() -> None:
    line, person = tree(), user()
    first = assign_role(user=person, role="province_administrator", organisation=line["province"])
    second = assign_role(user=person, role="province_administrator", organisation=line["county"])
    assert person.has_perm("hours.add_ruleversion")
    assert not person.has_perm("hours.change_ruleversion")
    first.delete()
    assert Group.objects.filter(user=person, name="province_administrators").exists()
    second.delete()
    assert not Group.objects.filter(user=person).exists()


def test_the_order_of_levels_is_kept() -> None:
    line = tree()
    with pytest.raises(LevelOrder):
        create_organisation(name="乡", code="wrong", level="township", parent=line["branch"])
    with pytest.raises(LevelOrder):
        create_organisation(name="支部", code="alone", level="branch")
    with pytest.raises(LevelOrder):
        move_organisation(line["county"], parent=organisation("township"))
    assert not Organisation.objects.filter(code__in=["wrong", "alone"]).exists()


def test_an_organisation_moves_with_everything_below_it() -> None:
    line, elsewhere = tree(), organisation("prefecture")
    moved = move_organisation(line["county"], parent=elsewhere)
    assert [above.pk for above in moved.get_ancestors()][-1] == elsewhere.pk
    assert Organisation.objects.get(pk=line["branch"].pk).is_descendant_of(moved)
    assert Organisation.objects.get(pk=line["prefecture"].pk).numchild == 0


def test_an_organisation_cannot_move_below_itself() -> None:
    line = tree()
    with pytest.raises(OwnDescendant):
        move_organisation(line["county"], parent=line["township"])


def test_an_organisation_with_others_below_it_is_not_deleted() -> None:
    line = tree()
    with pytest.raises(ProtectedError):
        Organisation.objects.get(pk=line["county"].pk).delete()
    assert Organisation.objects.filter(pk=line["branch"].pk).exists()


def test_who_is_signed_in_and_has_no_business_in_the_admin_is_led_to_their_own_work_not_to_a_form() -> None:
    branch = people.organisation()
    client = Client()
    client.force_login(people.secretary(branch))
    page = client.get("/admin/", follow=True)
    assert page.status_code == 200
    assert page.redirect_chain[-1][0] == f"/branch/{branch.code}/"
    assert 'name="password"' not in page.content.decode()

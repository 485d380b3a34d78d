"""What a province administrator may do with people: within the own tree, below the own authority, never to oneself."""

from __future__ import annotations

import re
import uuid

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.errors import CodeForStaff, LogIsPermanent
from accounts.groups import ensure_groups
from accounts.models import AccountEvent, Organisation, RoleAssignment, User
from accounts.services import assign_role, issue_code
from tests.factories.people import member, organisation, tree, user

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-password"
ROLE = RoleAssignment.Role
STAFF = "/admin/staff-accounts/"


@pytest.fixture
def line() -> dict[str, Organisation]:
    return tree()


@pytest.fixture
def administrator(line) -> User:
    return holder(ROLE.PROVINCE_ADMINISTRATOR, line["province"])


@pytest.fixture
def browser(administrator) -> Client:
    return signed_in(administrator)


def holder(role: str, place: Organisation) -> User:
    person = user(password=PASSWORD)
    assign_role(user=person, role=role, organisation=place)
    return person


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def printed_code(page: str) -> str:
    return re.search(r"data-code>([^<]+)<", page)[1]


def open_form(place: Organisation, **changes: str) -> dict[str, str]:
    form = {"request_id": str(uuid.uuid4()), "name": "新编辑", "username": "new-editor", "role": "editor"}
    return form | {"organisation": place.code} | changes


def can_sign_in(person: User) -> bool:
    return Client().post("/login/", {"username": person.username, "password": PASSWORD}).status_code == 302


def untouchable(line: dict[str, Organisation], administrator: User) -> list[User]:
    """Everybody whom the administrator of the line's province may not take over."""
    elsewhere = organisation("county")
    both = holder(ROLE.EDITOR, line["county"])
    assign_role(user=both, role=ROLE.EDITOR, organisation=elsewhere)
    grouped = holder(ROLE.EDITOR, line["county"])
    grouped.groups.add(Group.objects.get(name="reviewers"))
    granted = holder(ROLE.EDITOR, line["county"])
    granted.user_permissions.add(Permission.objects.get(codename="take_down"))
    root = user(password=PASSWORD, is_superuser=True)
    assign_role(user=root, role=ROLE.EDITOR, organisation=line["county"])
    stranger = member(branch=organisation("branch", parent=elsewhere)).user
    assign_role(user=stranger, role=ROLE.EDITOR, organisation=line["county"])
    return [
        administrator,
        root,
        holder(ROLE.REVIEWER, line["county"]),
        holder(ROLE.PROVINCE_ADMINISTRATOR, line["county"]),
        holder(ROLE.EDITOR, elsewhere),
        both,
        grouped,
        granted,
        stranger,
    ]


def test_nobody_out_of_reach_is_recovered_locked_or_given_a_role(line, administrator, browser) -> None:
    people = untouchable(line, administrator)
    before = list(User.objects.order_by("pk").values("pk", "password", "is_active", "is_superuser"))
    roles = RoleAssignment.objects.count()
    for person in people:
        browser.post(f"{STAFF}{person.pk}/recover/")
        browser.post(f"{STAFF}{person.pk}/lock/")
        form = {"user": person.pk, "role": "trainer", "organisation": line["county"].pk}
        browser.post("/admin/roleassignment/new/", form)
    assert list(User.objects.order_by("pk").values("pk", "password", "is_active", "is_superuser")) == before
    assert RoleAssignment.objects.count() == roles


def test_wagtails_own_user_pages_are_closed_to_administrators(administrator, browser) -> None:
    root = user(password=PASSWORD, is_superuser=True)
    for address in ("/admin/users/", f"/admin/users/edit/{root.pk}/", "/admin/users/add/"):
        assert browser.get(address).status_code in (302, 403, 404)
    browser.post(f"/admin/users/edit/{root.pk}/", {"password1": "Taken-over-1!", "password2": "Taken-over-1!"})
    assert can_sign_in(root)


def test_rights_that_earlier_versions_granted_are_withdrawn() -> None:
    group = Group.objects.get(name="province_administrators")
    group.permissions.add(*Permission.objects.filter(content_type__app_label="accounts", codename__endswith="_user"))
    for _ in range(2):
        ensure_groups()
        assert not group.permissions.filter(codename__in=["add_user", "change_user", "delete_user"]).exists()


def test_an_administrator_opens_a_staff_account_with_a_printed_code(line, browser) -> None:
    page = browser.post(f"{STAFF}new/", open_form(line["county"]))
    code = printed_code(page.content.decode())
    editor = Client()
    assert editor.post("/join/", {"code": code})["Location"] == "/password/"
    assert "new-editor" in editor.get("/password/").content.decode()
    chosen = {"new_password1": "Bian-ji-2026-mima", "new_password2": "Bian-ji-2026-mima"}
    assert editor.post("/password/", chosen).status_code == 302
    assert editor.get("/admin/").status_code == 200
    form = {"username": "new-editor", "password": "Bian-ji-2026-mima"}
    assert Client().post("/login/", form).status_code == 302
    assert "new-editor" in browser.get(STAFF).content.decode()


@pytest.mark.parametrize("role", ["reviewer", "province_administrator"])
def test_roles_that_judge_or_administer_are_not_an_administrators_to_give(role, line, browser) -> None:
    assert browser.post(f"{STAFF}new/", open_form(line["county"], role=role)).status_code == 400
    assert not User.objects.filter(username="new-editor").exists()
    editor = holder(ROLE.EDITOR, line["county"])
    browser.post("/admin/roleassignment/new/", {"user": editor.pk, "role": role, "organisation": line["county"].pk})
    assert not RoleAssignment.objects.filter(user=editor, role=role).exists()


def test_an_account_is_opened_within_the_tree_only(browser) -> None:
    assert browser.post(f"{STAFF}new/", open_form(organisation("county"))).status_code == 400
    assert not User.objects.filter(username="new-editor").exists()


def test_recovering_ends_sessions_and_password_and_shows_the_code_once(line, browser) -> None:
    editor = holder(ROLE.EDITOR, line["county"])
    at_work = signed_in(editor)
    request = {"request_id": str(uuid.uuid4())}
    page = browser.post(f"{STAFF}{editor.pk}/recover/", request)
    assert at_work.get("/admin/").status_code == 302
    assert not can_sign_in(editor)
    again = browser.post(f"{STAFF}{editor.pk}/recover/", request)
    assert "data-code" not in again.content.decode()
    assert Client().post("/join/", {"code": printed_code(page.content.decode())})["Location"] == "/password/"


def test_a_locked_account_is_out_at_once_until_it_is_unlocked(line, browser) -> None:
    editor = holder(ROLE.EDITOR, line["county"])
    at_work = signed_in(editor)
    browser.post(f"{STAFF}{editor.pk}/lock/")
    assert at_work.get("/admin/").status_code == 302
    assert not can_sign_in(editor)
    browser.post(f"{STAFF}{editor.pk}/lock/", {"unlock": "1"})
    assert can_sign_in(editor)


def test_a_secretary_cannot_print_a_code_for_staff_that_waits_for_its_password(line, browser) -> None:
    person = member(branch=line["branch"])
    assign_role(user=person.user, role=ROLE.EDITOR, organisation=line["county"])
    with pytest.raises(CodeForStaff):
        issue_code(user=person.user, created_by=user())


def test_a_role_is_given_and_taken_within_the_tree_and_both_are_logged(line, administrator, browser) -> None:
    person = member(branch=line["branch"]).user
    form = {"user": person.pk, "role": "trainer", "organisation": line["county"].pk}
    browser.post("/admin/roleassignment/new/", form)
    given = RoleAssignment.objects.get(user=person)
    browser.post(f"/admin/roleassignment/delete/{given.pk}/")
    assert not RoleAssignment.objects.filter(user=person).exists()
    log = AccountEvent.objects.filter(account=person.username).order_by("pk")
    said = log.values_list("kind", "role", "organisation", "by")
    place, by = line["county"].code, administrator.username
    assert list(said) == [("role_given", "trainer", place, by), ("role_taken", "trainer", place, by)]


def test_nobody_gives_a_role_to_himself_superusers_included(line, administrator, browser) -> None:
    root = user(password=PASSWORD, is_superuser=True)
    for person in (administrator, root):
        form = {"user": person.pk, "role": "editor", "organisation": line["county"].pk}
        signed_in(person).post("/admin/roleassignment/new/", form)
        assert not RoleAssignment.objects.filter(user=person, role="editor").exists()


def test_other_trees_roles_are_neither_seen_nor_taken(line, administrator, browser) -> None:
    foreign = holder(ROLE.EDITOR, organisation("county"))
    own = holder(ROLE.EDITOR, line["county"])
    page = browser.get("/admin/roleassignment/").content.decode()
    assert str(RoleAssignment.objects.get(user=own).pk) in re.findall(r"delete/(\d+)/", page)
    for person in (foreign, administrator):
        role = RoleAssignment.objects.get(user=person)
        assert browser.post(f"/admin/roleassignment/delete/{role.pk}/").status_code == 404
        assert RoleAssignment.objects.filter(pk=role.pk).exists()
    assert foreign.username not in browser.get("/admin/account-chooser/").content.decode()


def test_no_organisation_is_drawn_into_the_own_tree_or_changed_outside_it(line, browser) -> None:
    foreign = organisation("county")
    form = {"name": "夺来", "code": foreign.code, "level": "county", "parent": line["prefecture"].pk}
    assert browser.post(f"/admin/organisation/edit/{foreign.pk}/", form).status_code == 404
    assert browser.post(f"/admin/organisation/delete/{foreign.pk}/").status_code == 404
    new = {"name": "新县", "code": "new-county", "level": "county", "parent": foreign.get_parent().pk}
    browser.post("/admin/organisation/new/", new)
    browser.post("/admin/organisation/new/", {"name": "新省", "code": "new-p", "level": "province", "parent": ""})
    assert not Organisation.objects.filter(code__in=["new-county", "new-p"]).exists()


def test_members_of_other_trees_are_out_of_reach(line, browser) -> None:
    foreign, own = member(name="外省党员"), member(branch=line["branch"], name="本省党员")
    page = browser.get("/admin/partymember/").content.decode()
    assert ("外省党员" in page, "本省党员" in page) == (False, True)
    form = {"name": "改名", "branch": line["branch"].pk, "duty": "member", "duty_since": ""}
    assert browser.post(f"/admin/partymember/edit/{foreign.pk}/", form).status_code == 404
    browser.post(f"/admin/partymember/edit/{own.pk}/", form | {"branch": foreign.branch_id})
    own.refresh_from_db()
    assert own.branch == line["branch"]


def test_the_log_is_permanent(line) -> None:
    holder(ROLE.EDITOR, line["county"])
    event = AccountEvent.objects.first()
    for change in (event.save, event.delete, AccountEvent.objects.all().delete):
        with pytest.raises(LogIsPermanent):
            change()


def test_deleting_an_organisation_logs_the_roles_that_go_with_it() -> None:
    alone = organisation("county")
    editor = holder(ROLE.EDITOR, alone)
    Organisation.objects.get(pk=alone.pk).delete()
    assert AccountEvent.objects.filter(account=editor.username, kind="role_taken").exists()


def test_who_has_a_password_cannot_set_another_without_it(line) -> None:
    editor = holder(ROLE.EDITOR, line["county"])
    chosen = {"new_password1": "Bian-ji-2026-mima", "new_password2": "Bian-ji-2026-mima"}
    assert signed_in(editor).post("/password/", chosen).status_code == 403
    assert signed_in(member().user).post("/password/", chosen).status_code == 403
    assert can_sign_in(editor)


@pytest.mark.parametrize("address", [STAFF, f"{STAFF}new/"])
def test_the_pages_are_for_administrators(address, line) -> None:
    assert signed_in(holder(ROLE.EDITOR, line["county"])).get(address).status_code in (302, 403)
    assert Client().get(address).status_code == 302

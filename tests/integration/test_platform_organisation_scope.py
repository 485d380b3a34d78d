"""One table of every address that shows or changes rows of an organisation: people of another county meet nothing.

A county's rows all bear its word, so a page that lists, offers or names any of them is told by it. A superuser asks
for the same addresses first: an address that led nowhere would prove nothing.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core import serializers
from django.db import transaction
from django.db.models import Model
from django.test import Client

from accounts.models import AccountEvent, ActivationCode, Organisation, RoleAssignment, User
from education.classroom.models import ClassroomSession
from education.hours.models import StudyHoursEntry
from education.members.models import PartyMember
from education.records.models import LearningRecord, RecordDecision
from education.training.models import Enrolment, TrainingCampaign, TrainingClass
from offline.packages.models import OfflinePackage, PackageBuild
from offline.sync.models import BundleDecision, Device, RecordBundle
from tests.factories.counties import DAYS, ROLES, County, browser_of, county, signed_in
from tests.factories.people import organisation, user

pytestmark = pytest.mark.django_db
MODAL = {"X-Requested-With": "XMLHttpRequest"}
PACKAGES = "/admin/snippets/packages/offlinepackage/"

LISTS = (
    "/admin/partymember/",
    "/admin/trainingcampaign/",
    "/admin/trainingclass/",
    "/admin/enrolment/",
    "/admin/learning_records/",
    "/admin/record_bundles/",
    "/admin/organisation/",
    "/admin/roleassignment/",
    PACKAGES,
)
CHOOSERS = (
    "/admin/member-chooser/",
    "/admin/organisation-chooser/",
    "/admin/account-chooser/",
    "/admin/snippets/choose/packages/offlinepackage/",
)
FORMS = (
    "/admin/partymember/new/",
    "/admin/trainingcampaign/new/",
    "/admin/trainingclass/new/",
    "/admin/enrolment/new/",
    "/admin/organisation/new/",
    "/admin/roleassignment/new/",
    f"{PACKAGES}add/",
)
PAGES = ("/admin/staff-accounts/", "/admin/staff-accounts/new/", "/devices/", "/admin/reports/site-history/")
OTHERS = ("/admin/", "/branch/", "/me/", "/admin/reports/workflow/", "/admin/reports/workflow_tasks/")
"""Pages where a superuser sees none of the county's rows either, as it is, and nobody else must."""


def shown(theirs: County) -> list[str]:
    """Addresses where a superuser reads the county's word."""
    listed = [f"{path}{rest}" for path in LISTS for rest in ("", "results/", f"?q={theirs.word[0]}", "results/?p=1")]
    chosen = [f"{path}{rest}" for path in CHOOSERS for rest in ("", "results/", f"results/?q={theirs.word[0]}")]
    filtered = [
        f"/admin/enrolment/?training_class={theirs.training_class.pk}",
        f"{PACKAGES}?campaign={theirs.campaign.pk}",
        "/admin/learning_records/?status=quarantined",
        "/admin/learning_records/?review=waiting",
        "/admin/record_bundles/?review=waiting",
        "/admin/reports/site-history/results/",
        "/admin/reports/site-history/?export=csv",
    ]
    return [*listed, *chosen, *FORMS[2:5], FORMS[6], *PAGES, *filtered]


def rows(theirs: County) -> list[str]:
    """Addresses of single rows of the county, each of which a superuser may open."""
    package = theirs.package.pk
    found = []
    for path, row, views in (
        ("/admin/partymember/", theirs.member, ("edit", "history", "usage", "delete")),
        ("/admin/trainingcampaign/", theirs.campaign, ("edit", "history", "usage", "delete")),
        ("/admin/trainingclass/", theirs.training_class, ("edit", "history", "usage", "delete")),
        ("/admin/enrolment/", theirs.enrolment, ("edit", "history", "usage", "delete")),
        ("/admin/organisation/", theirs.county, ("edit", "history", "usage", "delete")),
        ("/admin/roleassignment/", theirs.assignment, ("history", "delete")),
        ("/admin/learning_records/", theirs.record, ("inspect",)),
        ("/admin/record_bundles/", theirs.bundle, ("inspect",)),
        (PACKAGES, theirs.package, ("edit", "history", "usage", "delete")),
    ):
        found += [f"{path}{view}/{row.pk}/" for view in views]
    for path, row in zip(CHOOSERS, (theirs.member, theirs.county, theirs.staff, theirs.package), strict=True):
        found += [f"{path}chosen/{row.pk}/"]
    pages = [f"/branch/{theirs.branch.code}/", f"/branch/{theirs.branch.code}/members/new/"]
    pages += [f"/branch/{theirs.branch.code}/members/{theirs.member.member_id}/"]
    pages += [f"/branch/{theirs.branch.code}/sessions/{theirs.session.session_id}/"]
    bulk = "/admin/bulk/packages/offlinepackage/delete/?next=/admin/&id="
    return [*found, *pages, f"{bulk}{package}", f"{bulk}all", f"/admin/packages/{package}/builds/"]


def posts(ours: County, theirs: County) -> list[tuple[str, dict[str, Any]]]:
    """What would change a row of theirs, or tie one of ours to one of theirs."""
    days = {name: day.isoformat() for name, day in DAYS.items()}
    campaign = {"name": "新", "kind": "winter_spring", **days}
    course = {"name": "新", "half_days": 2, **days}
    member = {"name": "新", "duty": "member", "duty_since": ""}
    package = {"title": "新", "quiz": ""} | {
        f"package_{rows}-{count}": 0 for rows in ("lessons", "units") for count in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    place = {"name": "新", "code": "new-place", "level": "branch"}
    mine, their = ours.training_class.pk, theirs.training_class.pk
    branch = f"/branch/{theirs.branch.code}/"
    changed = [
        ("partymember", ours.member, theirs.member, member | {"branch": theirs.branch.pk}),
        ("trainingcampaign", ours.campaign, theirs.campaign, campaign | {"organisation": theirs.county.pk}),
        ("trainingclass", ours.training_class, theirs.training_class, course | {"organisation": theirs.county.pk}),
        ("trainingclass", ours.training_class, theirs.training_class,
         course | {"organisation": ours.county.pk, "campaign": theirs.campaign.pk}),
        ("enrolment", ours.enrolment, theirs.enrolment,
         {"training_class": their, "member": theirs.neighbour.pk, "attended": "on"}),
        ("enrolment", ours.enrolment, theirs.enrolment,
         {"training_class": mine, "member": theirs.member.pk, "attended": "on"}),
        ("enrolment", ours.enrolment, theirs.enrolment,
         {"training_class": their, "member": ours.member.pk, "attended": "on"}),
        ("organisation", ours.branch, theirs.branch, place | {"parent": theirs.county.pk}),
        ("roleassignment", ours.assignment, theirs.assignment,
         {"user": theirs.staff.pk, "role": "trainer", "organisation": ours.county.pk}),
        ("roleassignment", ours.assignment, theirs.assignment,
         {"user": ours.staff.pk, "role": "trainer", "organisation": theirs.county.pk}),
    ]  # fmt: skip
    sent: list[tuple[str, dict[str, Any]]] = []
    for name, own, other, form in changed:
        sent += [(f"/admin/{name}/new/", form), (f"/admin/{name}/edit/{own.pk}/", form)]
        sent += [(f"/admin/{name}/edit/{other.pk}/", form), (f"/admin/{name}/delete/{other.pk}/", {})]
    for address in ("add", f"edit/{ours.package.pk}", f"edit/{theirs.package.pk}"):
        sent += [(f"{PACKAGES}{address}/", package | {"campaign": theirs.campaign.pk})]
    return [
        *sent,
        (f"{PACKAGES}delete/{theirs.package.pk}/", {}),
        (f"/admin/packages/{theirs.package.pk}/build/", {}),
        (f"/admin/staff-accounts/{theirs.staff.pk}/recover/", {}),
        (f"/admin/staff-accounts/{theirs.staff.pk}/lock/", {}),
        (f"/admin/learning_records/inspect/{theirs.record.pk}/", {"outcome": "rejected", "why": "核对过"}),
        (f"/admin/record_bundles/inspect/{theirs.bundle.pk}/", {"outcome": "rejected", "why": "核对过"}),
        (f"/devices/{theirs.device.device_id}/revoke/", {}),
        (f"{branch}members/new/", {"name": "新", "duty": "member", "member_id": str(theirs.package.package_id)}),
        (f"{branch}members/{theirs.member.member_id}/erase/", {}),
        (f"{branch}cards/", {"member": str(theirs.member.member_id), "request_id": str(theirs.member.member_id)}),
        (f"{branch}sessions/{theirs.session.session_id}/", {"member": []}),
    ]


@pytest.fixture
def province() -> Organisation:
    return organisation("province", name="省")


@pytest.fixture
def ours(province: Organisation) -> County:
    return county(province, "甲甲")


@pytest.fixture
def theirs(province: Organisation) -> County:
    made = county(province, "乙乙")
    # Wagtail's log names what was changed in the admin.
    root = browser_of(user(is_superuser=True))
    form = {"name": made.member.name, "branch": made.branch.pk, "duty": "committee", "duty_since": ""}
    assert root.post(f"/admin/partymember/edit/{made.member.pk}/", form).status_code == 302
    return made


@pytest.fixture(params=ROLES)
def visitor(request: pytest.FixtureRequest, ours: County) -> Client:
    """Somebody of our county, in each role."""
    return signed_in(request.param, ours.branch if request.param == "branch_secretary" else ours.county)


def ask(client: Client, address: str) -> tuple[int, str]:
    """Status and words of an answer, those inside JSON written out."""
    answer = client.get(address, headers=MODAL if "choose" in address else {})
    text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
    if answer.headers.get("Content-Type", "").startswith("application/json"):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return answer.status_code, text


def stored() -> dict[str, list[dict[str, Any]]]:
    """Every row that a county has."""
    models: tuple[type[Model], ...] = (
        Organisation, RoleAssignment, User, PartyMember, TrainingCampaign, TrainingClass, Enrolment, StudyHoursEntry,
        LearningRecord, OfflinePackage, PackageBuild, Device, RecordBundle, ClassroomSession, AccountEvent,
        ActivationCode, RecordDecision, BundleDecision,
    )  # fmt: skip
    return {model.__name__: serializers.serialize("python", model.objects.order_by("pk")) for model in models}


def test_the_table_is_alive_a_superuser_reads_the_countys_word_everywhere(theirs: County) -> None:
    root = browser_of(user(is_superuser=True))
    silent = {address: ask(root, address)[0] for address in shown(theirs) if theirs.word not in ask(root, address)[1]}
    assert silent == {}
    closed = {address: ask(root, address)[0] for address in rows(theirs)}
    assert {address: status for address, status in closed.items() if status != 200} == {}


def test_the_table_is_alive_a_superuser_may_send_every_form(ours: County, theirs: County) -> None:
    root = browser_of(user(is_superuser=True))
    refused = {}
    for address, form in posts(ours, theirs):
        if "/delete/" in address:
            continue
        with transaction.atomic():
            before = stored()
            status = root.post(address, form).status_code
            if status >= 400 or before == stored():
                refused[address] = status
            transaction.set_rollback(True)
    assert refused == {f"/admin/roleassignment/edit/{row.assignment.pk}/": 302 for row in (ours, theirs)}, (
        "nobody edits an assignment"
    )


def test_the_countys_own_people_see_it(theirs: County) -> None:
    administrator = signed_in("province_administrator", theirs.county)
    editor = signed_in("editor", theirs.county)
    assert all(theirs.word in ask(administrator, address)[1] for address in LISTS[:8] if "organisation" not in address)
    assert theirs.word in ask(administrator, "/admin/member-chooser/results/")[1]
    assert theirs.word in ask(editor, PACKAGES)[1]
    assert ask(editor, f"{PACKAGES}edit/{theirs.package.pk}/")[0] == 200


@pytest.mark.usefixtures("theirs")
def test_people_of_another_county_read_nothing_of_it(visitor: Client, theirs: County) -> None:
    addresses = [*shown(theirs), *FORMS, *OTHERS, *rows(theirs)]
    addresses += [f"{path}chosen-multiple/?id={theirs.member.pk}&id={theirs.county.pk}" for path in CHOOSERS]
    met = {}
    for address in addresses:
        status, text = ask(visitor, address)
        if status >= 500 or theirs.word in text:
            met[address] = status
    assert met == {}
    opened = {address: ask(visitor, address)[0] for address in rows(theirs)}
    assert {address: status for address, status in opened.items() if status not in (302, 403, 404)} == {}


def test_people_of_another_county_change_nothing_of_it(visitor: Client, ours: County, theirs: County) -> None:
    before = stored()
    met = {}
    for address, form in posts(ours, theirs):
        answer = visitor.post(address, form)
        text = answer.content.decode()
        if answer.status_code >= 500 or theirs.word in text:
            met[address] = answer.status_code
    assert met == {}
    after = stored()
    assert {name: _changes(before[name], after[name]) for name in before if before[name] != after[name]} == {}


def _changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in after if row not in before]


@pytest.mark.parametrize("chooser", CHOOSERS[:3])
@pytest.mark.parametrize("role", ["reviewer", "branch_secretary", "trainer"])
def test_whoever_has_nothing_to_choose_for_is_refused_the_chooser(ours: County, chooser: str, role: str) -> None:
    visitor = signed_in(role, ours.county)
    assert ask(visitor, f"{chooser}results/")[0] == 403

"""Two counties of one province, each with a row of everything that belongs to an organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.test import Client

from accounts.models import Organisation, RoleAssignment, User
from accounts.services import assign_role
from education.classroom.models import ClassroomSession
from education.classroom.services import record_session
from education.members.models import PartyMember
from education.records.models import LearningRecord
from education.records.services import ingest_lines
from education.training.models import Enrolment, TrainingCampaign, TrainingClass
from offline.packages.models import OfflinePackage, PackageLesson
from offline.sync.models import Device, RecordBundle
from tests.factories import people
from tests.factories.offline import Phone, lesson, pass_review

ROLES = RoleAssignment.Role.values
DAYS = {"starts_on": date(2026, 1, 5), "ends_on": date(2026, 1, 9)}


@dataclass
class County:
    """What one county has; `word` is in every name, so that a page that names any of it is told by it."""

    word: str
    county: Organisation
    branch: Organisation
    member: PartyMember
    neighbour: PartyMember
    campaign: TrainingCampaign
    training_class: TrainingClass
    enrolment: Enrolment
    package: OfflinePackage
    record: LearningRecord
    device: Device
    bundle: RecordBundle
    session: ClassroomSession
    staff: User
    assignment: RoleAssignment


def county(province: Organisation, word: str) -> County:
    """Make it."""
    place = people.organisation("county", parent=province, name=f"{word}县")
    branch = people.organisation("branch", parent=place, name=f"{word}支部")
    person = people.member(branch=branch, name=f"{word}卓玛", deletion_requested_at=people.NOON)
    campaign = TrainingCampaign.objects.create(name=f"{word}冬春训", organisation=place, **DAYS)
    training_class = TrainingClass.objects.create(
        name=f"{word}培训班", organisation=place, campaign=campaign, half_days=2, **DAYS
    )
    staff = people.user(name=f"{word}编辑")
    assignment = assign_role(user=staff, role=RoleAssignment.Role.EDITOR, organisation=place)
    phone = Phone(person).register()
    return County(
        word=word,
        county=place,
        branch=branch,
        member=person,
        neighbour=people.member(branch=branch, name=f"{word}央金"),
        campaign=campaign,
        training_class=training_class,
        enrolment=Enrolment.objects.create(training_class=training_class, member=person),
        package=_package(campaign, word),
        record=_quarantined_record(person),
        device=Device.objects.get(device_id=phone.device_id),
        bundle=_quarantined_bundle(phone),
        session=_session(branch, person, staff, word),
        staff=staff,
        assignment=assignment,
    )


def _package(campaign: TrainingCampaign, word: str) -> OfflinePackage:
    package = OfflinePackage.objects.create(title=f"{word}资源包", campaign=campaign)
    PackageLesson.objects.create(package=package, lesson=lesson(rungs=("opus-16",)).page_ptr, sort_order=0)
    return pass_review(package)


def _quarantined_record(person: PartyMember) -> LearningRecord:
    own = person.member_id
    ingest_lines(member=person, device_id=own, epoch=own, lines=[b"{}"], first_sequence=1, received_at=people.NOON)
    return LearningRecord.objects.get(member=person)


def _quarantined_bundle(phone: Phone) -> RecordBundle:
    return RecordBundle.objects.create(
        sha256=phone.device_id.hex * 2,
        device=Device.objects.get(device_id=phone.device_id),
        epoch=phone.epoch,
        first_sequence=1,
        last_sequence=1,
        content=b"x",
        status=RecordBundle.Status.QUARANTINED,
        reason="bundle-signature-invalid",
    )


def _session(branch: Organisation, person: PartyMember, staff: User, word: str) -> ClassroomSession:
    return record_session(
        session_id=person.member_id,
        branch=branch,
        title=f"{word}学习会",
        held_on=people.NOON.date(),
        minutes=90,
        members=[person],
        recorded_by=staff,
        today=people.NOON.date(),
    )


def signed_in(role: str, place: Organisation) -> Client:
    """The browser of somebody who holds the role there."""
    person = people.user(name="来访者")
    assign_role(user=person, role=role, organisation=place)
    return browser_of(person)


def browser_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client

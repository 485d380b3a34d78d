"""Who takes part in the journey. Runs inside the product (`manage.py shell`); prints what the test needs as JSON."""

from __future__ import annotations

import json
from datetime import date

from django.contrib.auth.models import Group

from accounts.models import User
from accounts.services import assign_role, create_organisation
from cms.core.bootstrap import ensure_site
from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.review.services import review_and_publish
from education.training.models import TrainingCampaign
from tests.factories.people import quiz

PASSWORD = "journey-of-a-lesson"
STAFF = {
    "editor": "编辑甲",
    "reviewer1": "初审员",
    "reviewer2": "复审员",
    "reviewer3": "终审员",
    "author": "大纲作者",
    "secretary": "才让书记",
    "trainer": "教员",
    "admin": "系统管理员",
}


def people() -> dict[str, User]:
    """The staff, each with the rights of one post."""
    skeleton = ensure_site()
    made = {}
    for username, name in STAFF.items():
        user = User.objects.create_user(username, password=PASSWORD, display_name=name)
        if username in {"editor", "author"}:
            user.groups.add(Group.objects.get(pk=skeleton.editors.pk))
        if username.startswith("reviewer"):
            user.groups.add(Group.objects.get(pk=skeleton.reviewers.pk))
        if username == "admin":
            user.is_staff = user.is_superuser = True
            user.save()
        made[username] = user
    return made


def main() -> None:
    """Organisations, staff, one published outline with one unit, and a campaign."""
    staff = people()
    province = create_organisation(name="青海省", code="qh", level="province")
    prefecture = create_organisation(name="玉树州", code="ys", level="prefecture", parent=province)
    county = create_organisation(name="曲麻莱县", code="qml", level="county", parent=prefecture)
    township = create_organisation(name="约改镇", code="qml-yg", level="township", parent=county)
    branch = create_organisation(name="岗当村党支部", code="qml-yg-gd", level="branch", parent=township)
    other = create_organisation(name="邻村党支部", code="qml-yg-lc", level="branch", parent=township)
    assign_role(user=staff["secretary"], role="branch_secretary", organisation=branch)
    assign_role(user=staff["trainer"], role="trainer", organisation=county)
    for name in ("editor", "author"):
        assign_role(user=staff[name], role="editor", organisation=county)
    for name in ("reviewer1", "reviewer2", "reviewer3"):
        assign_role(user=staff[name], role="reviewer", organisation=province)
    reviewers = [staff["reviewer1"], staff["reviewer2"], staff["reviewer3"]]
    courses = ensure_site().courses
    outline = courses.add_child(
        instance=CurriculumOutline(title="三江源与中华水塔", slug="sanjiangyuan", edition="2026", live=False)
    )
    outline = review_and_publish(outline, author=staff["author"], reviewers=reviewers)
    unit = outline.add_child(instance=OutlineUnit(title="守护水塔", slug="shuita", live=False))
    unit = review_and_publish(unit, author=staff["author"], reviewers=reviewers)
    quiz(title="接羔知识", questions=3, author=staff["author"], reviewers=reviewers)
    campaign = TrainingCampaign.objects.create(
        name="曲麻莱冬春训", organisation=county, starts_on=date(2026, 12, 1), ends_on=date(2027, 3, 31)
    )
    facts = {"unit": unit.pk, "campaign": campaign.pk, "outline": outline.url}
    print(json.dumps({**facts, "branch": branch.code, "other": other.code}))

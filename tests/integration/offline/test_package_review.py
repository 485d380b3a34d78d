"""Packages and the three-stage review: a build signs, and the public reads, what three people passed."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, User
from accounts.services import assign_role
from cms.lessons.models import Lesson
from cms.review import services as review
from cms.review.errors import NotReadyToPublish, ReviewRefused, ReviewRequired
from cms.review.models import ReviewRecord
from education.training.models import TrainingCampaign
from offline.packages import manifest, services
from offline.packages.errors import PackageNotReviewed
from offline.packages.models import OfflinePackage, PackageBuild
from offline.packages.repository import default_publisher
from search.selectors import search_materials
from tests.factories import cms, people
from tests.factories import offline as factory
from tests.factories.forms import untouched_form

pytestmark = pytest.mark.django_db

ADD = "/admin/snippets/packages/offlinepackage/add/"


@pytest.fixture
def county() -> Organisation:
    return people.organisation("county")


def staff(role: str, county: Organisation) -> User:
    person = cms.make_user()
    assign_role(user=person, role=role, organisation=county)
    return person


def browser_of(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def form(county: Organisation, lesson: Any, **action: str) -> dict[str, Any]:
    formsets = {"package_lessons": 1, "package_units": 0}
    counts = {f"{name}-{part}_FORMS": 0 for name in formsets for part in ("INITIAL", "MIN_NUM")}
    counts |= {f"{name}-TOTAL_FORMS": total for name, total in formsets.items()}
    row = {"lesson": lesson.pk, "ORDER": 1, "id": "", "DELETE": ""}
    campaign = factory.campaign(county).pk
    fields = {f"package_lessons-0-{name}": value for name, value in row.items()}
    return {"title": "曲麻莱冬春训", "campaign": campaign, "quiz": "", **counts, **fields, **action}


def edit_url(package: OfflinePackage) -> str:
    return reverse("wagtailsnippets_packages_offlinepackage:edit", args=[package.pk])


def listed() -> list[tuple[str, str]]:
    packages = Client().get("/api/v1/packages/").json()["packages"]
    return [(package["title"], package["campaign"]) for package in packages]


def build(package: OfflinePackage, *, drop_unpublished: bool = False) -> tuple[str, str]:
    """The words of the new version as a phone reads them."""
    wanted = OfflinePackage.objects.get(pk=package.pk)
    asked = services.request_build(wanted, drop_unpublished=drop_unpublished, dispatch=lambda _build: None)
    services.run_build(asked.pk, dispatch=lambda _build: None)
    assert PackageBuild.objects.get(pk=asked.pk).state == PackageBuild.State.PUBLISHED
    [target] = default_publisher().targets()
    signed = manifest.parse_package(default_publisher().read_target(target))
    return signed.title, signed.campaign


def drafted(package: OfflinePackage, title: str, author: User) -> OfflinePackage:
    draft = OfflinePackage.objects.get(pk=package.pk).get_latest_revision_as_object()
    draft.title = title
    draft.save_revision(user=author)
    return OfflinePackage.objects.get(pk=package.pk)


def test_a_package_goes_from_the_editors_form_through_three_reviewers_to_the_build(county) -> None:
    editor, reviewers = staff("editor", county), [staff("reviewer", county) for _stage in range(3)]
    lesson = factory.lesson(title="冬季接羔")
    answer = browser_of(editor).post(ADD, form(county, lesson, **{"action-submit": "1"}))
    assert answer.status_code == 302, answer.content.decode()[:2000]
    package = OfflinePackage.objects.get()
    headers = {"Accept": "application/json"}
    for reviewer in reviewers:
        refused = browser_of(editor).post(f"/admin/packages/{package.pk}/build/", headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "package-not-reviewed")
        browser = browser_of(reviewer)
        assert edit_url(package) in browser.get("/admin/").content.decode()
        page = unescape(browser.get(edit_url(package)).content.decode())
        desk = page[page.index('class="review-desk"') : page.index("review-desk__below")]
        assert "曲麻莱冬春训" in desk
        assert "1. 冬季接羔" in desk
        assert "data-build-url" not in page, "who judges does not build"
        passed = untouched_form(page) | {"action-workflow-action": "true", "workflow-action-name": "approve"}
        browser.post(edit_url(package), passed)
    records = ReviewRecord.objects.filter(material_id=package.package_id)
    assert [record.person for record in records] == reviewers
    assert browser_of(editor).post(f"/admin/packages/{package.pk}/build/", headers=headers).status_code == 202
    assert services.run_build(PackageBuild.objects.get().pk) == "published"
    assert listed() == [("曲麻莱冬春训", "曲麻莱冬春训")]


def test_another_title_is_signed_and_shown_only_after_its_own_review(county) -> None:
    editor = staff("editor", county)
    package = factory.package(factory.lesson(), title="冬春训", county=county)
    former = build(package)
    package = drafted(package, "夏季培训", editor)
    assert build(package) == former
    assert listed() == [former]
    assert "不会装入" in browser_of(editor).get(edit_url(package)).content.decode()
    with pytest.raises(ReviewRefused):
        review.submit(package, editor)
        review.approve(package, editor)
    review.review_and_publish(OfflinePackage.objects.get(pk=package.pk), author=editor, reviewers=cms.make_reviewers())
    assert listed() == [former], "the public reads what was signed"
    assert build(package)[0] == "夏季培训"
    assert listed()[0][0] == "夏季培训"


def test_a_row_that_was_changed_around_the_review_is_not_stored() -> None:
    package = factory.package(factory.lesson())
    package.title = "没有人审过"
    with pytest.raises(ReviewRequired):
        package.save()


def test_a_campaigns_new_name_is_signed_only_after_the_package_was_reviewed_again() -> None:
    package = factory.package(factory.lesson())
    former = build(package)
    TrainingCampaign.objects.update(name="没有人审过的活动")
    assert build(package) == former
    package = drafted(package, package.title, cms.make_editor())
    cms.publish(package)
    assert build(package) == (former[0], "没有人审过的活动")


def test_nothing_is_signed_of_a_package_that_nobody_reviewed() -> None:
    package = factory.package(factory.lesson(), reviewed=False)
    with pytest.raises(PackageNotReviewed):
        services.request_build(package)
    asked = services.request_build(package, drop_unpublished=True, dispatch=lambda _build: None)
    assert services.run_build(asked.pk) == "package-not-reviewed"
    assert listed() == []


def test_an_empty_package_does_not_pass_the_last_stage() -> None:
    with pytest.raises(NotReadyToPublish):
        cms.publish(factory.package(reviewed=False))


@pytest.mark.django_db(transaction=True)
def test_a_package_that_was_taken_down_leaves_the_lists_and_its_lessons_take_downs_still_reach_phones() -> None:
    kept, bad = factory.lesson(title="冬季接羔"), factory.lesson()
    package = factory.package(kept, bad, title="曲麻莱冬春训资源包")
    words = build(package)
    assert [found.kind for found in search_materials("曲麻莱冬春训资源包").results] == ["package"]
    OfflinePackage.objects.get(pk=package.pk).unpublish()
    assert listed() == []
    assert Client().get(f"/packages/{package.package_id}/").status_code == 404
    assert "package" not in [found.kind for found in search_materials("曲麻莱冬春训资源包").results]
    assert not PackageBuild.objects.unfinished().exists(), "its lessons are as public as before"
    Lesson.objects.get(pk=bad.pk).unpublish()
    assert PackageBuild.objects.unfinished().filter(package=package, drop_unpublished=True).exists()
    assert build(package, drop_unpublished=True) == words


def test_a_package_handed_out_before_there_was_a_review_stays_and_waits_for_its_first(county) -> None:
    package = factory.package(factory.lesson(), title="冬春训")
    words = build(package)
    OfflinePackage.objects.filter(pk=package.pk).update(live_revision=None, title="后来改的标题")
    assert listed() == [words]
    with pytest.raises(PackageNotReviewed):
        build(package)
    assert build(package, drop_unpublished=True) == words
    cms.publish(drafted(package, "审过的标题", cms.make_editor()))
    assert build(package)[0] == "审过的标题"

"""资源包 in the admin: composing, building, and the right to do so."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Organisation
from accounts.services import assign_role
from offline.packages import services
from offline.packages.models import OfflinePackage, PackageBuild
from tests.factories import offline as factory
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Organisation:
    """Where the editor works."""
    return people.organisation("county")


@pytest.fixture
def editor(county: Organisation) -> Client:
    """A signed-in editor; the rights come from the migration's handler."""
    account = people.user(password="a-long-enough-password")
    assign_role(user=account, role="editor", organisation=county)
    client = Client()
    client.force_login(account)
    return client


def form(county: Organisation, lessons: list, **fields) -> dict:
    """What the browser sends for a package with these lessons."""
    data = {
        "title": "冬春训",
        "campaign": factory.campaign(county).pk,
        "quiz": "",
        "package_lessons-TOTAL_FORMS": len(lessons),
        "package_lessons-INITIAL_FORMS": 0,
        "package_lessons-MIN_NUM_FORMS": 0,
        "package_lessons-MAX_NUM_FORMS": 1000,
        "package_units-TOTAL_FORMS": 0,
        "package_units-INITIAL_FORMS": 0,
        "package_units-MIN_NUM_FORMS": 0,
        "package_units-MAX_NUM_FORMS": 1000,
        **fields,
    }
    for number, lesson in enumerate(lessons):
        data |= {f"package_lessons-{number}-lesson": lesson.pk, f"package_lessons-{number}-ORDER": number + 1}
        data |= {f"package_lessons-{number}-id": "", f"package_lessons-{number}-DELETE": ""}
    return data


def test_an_editor_composes_a_package_in_the_order_of_teaching(editor, county):
    first, second = factory.lesson(title="一"), factory.lesson(title="二", case=True)
    response = editor.post("/admin/snippets/packages/offlinepackage/add/", form(county, [second, first]))
    assert response.status_code == 302, response.content.decode()[:3000]
    package = OfflinePackage.objects.get()
    address, tab = response["Location"].split("#")
    assert address == f"/admin/snippets/packages/offlinepackage/edit/{package.pk}/"
    build_tab = editor.get(address).content.decode().split(f'id="{tab}"')[1]
    assert "data-build" in build_tab, "building is the next thing to do"
    assert [entry.lesson.title for entry in package.package_lessons.all()] == ["二", "一"]


def test_the_edit_page_says_what_the_package_comes_to_and_what_is_missing(editor, county):
    package = factory.package(
        factory.lesson(minutes=20),
        factory.lesson(minutes=30, case=True),
        factory.lesson(title="没审完", published=False),
        county=county,
    )
    page = editor.get(f"/admin/snippets/packages/offlinepackage/edit/{package.pk}/").content.decode()
    assert "50 分钟" in page
    assert "60%" in page
    assert "课程《没审完》还没有发布" in page
    assert "build-panel.js" in page


def test_a_build_is_asked_for_and_its_progress_read_as_json(editor, county):
    package = factory.package(factory.lesson(), county=county)
    answer = editor.post(f"/admin/packages/{package.pk}/build/")
    assert answer.status_code == 202
    assert answer.json()["build"]["state"] == "queued"
    services.run_build(PackageBuild.objects.get().pk)
    [build] = editor.get(f"/admin/packages/{package.pk}/builds/").json()["builds"]
    assert (build["state"], build["progress"], build["version"], build["lessons"]) == ("published", 1.0, "第 1 版", 1)


def test_a_refusal_is_said_in_words(editor, county):
    package = factory.package(factory.lesson(published=False, title="未审"), county=county)
    answer = editor.post(f"/admin/packages/{package.pk}/build/", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert "课程《未审》还没有发布" in answer.json()["error"]["message"]
    assert "The lesson “未审” is not published" in answer.json()["error"]["message_en"]
    assert not PackageBuild.objects.exists()


def test_a_failed_build_shows_why(editor, county):
    lesson = factory.lesson()
    package = factory.package(lesson, county=county)
    editor.post(f"/admin/packages/{package.pk}/build/")
    type(lesson).objects.filter(pk=lesson.pk).update(live=False)
    services.run_build(PackageBuild.objects.get().pk)
    [build] = editor.get(f"/admin/packages/{package.pk}/builds/").json()["builds"]
    assert build["state"] == "failed"
    assert f"课程《{lesson.title}》还没有发布" in build["error"]
    assert f"The lesson “{lesson.title}” is not published" in build["error"]


@pytest.mark.parametrize("who", ["nobody", "member"])
def test_others_neither_see_nor_build(who):
    package = factory.package(factory.lesson())
    client = Client()
    if who == "member":
        client.force_login(people.member().user)
    assert client.get(f"/admin/packages/{package.pk}/builds/").status_code in (302, 403)
    assert client.post(f"/admin/packages/{package.pk}/build/").status_code in (302, 403)
    assert not PackageBuild.objects.exists()


def test_a_reviewer_who_is_staff_has_no_right_to_build():
    account = people.user(password="a-long-enough-password")
    account.groups.add(Group.objects.get(name="reviewers"))
    client = Client()
    client.force_login(account)
    package = factory.package(factory.lesson())
    headers = {"X-Requested-With": "XMLHttpRequest"}
    assert client.post(f"/admin/packages/{package.pk}/build/", headers=headers).status_code == 403
    assert not PackageBuild.objects.exists()


def test_the_build_runs_as_a_background_task(editor, county, django_capture_on_commit_callbacks):
    from django_tasks_db.models import DBTaskResult

    package = factory.package(factory.lesson(), county=county)
    with django_capture_on_commit_callbacks(execute=True):
        editor.post(f"/admin/packages/{package.pk}/build/")
    task = DBTaskResult.objects.get(task_path="offline.packages.tasks.build_package")
    assert task.args_kwargs["args"] == [PackageBuild.objects.get().pk]

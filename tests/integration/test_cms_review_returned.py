"""What a returned item says to its editor, and what the next reviewer is shown of the rounds before."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from wagtail.admin.admin_url_finder import AdminURLFinder

from accounts.models import User
from accounts.services import assign_role
from cms.lessons.models import Lesson
from cms.review import selectors, services
from tests.factories import cms as make
from tests.factories import offline, people

pytestmark = pytest.mark.django_db
WORDS = "第三分钟的年份错了 <2019>"
SHOWN = "第三分钟的年份错了 &lt;2019&gt;"


@pytest.fixture
def editor() -> User:
    return make.make_editor()


@pytest.fixture
def reviewers() -> list[User]:
    return make.make_reviewers()


def page_of(client: Any, person: User, address: str) -> str:
    client.force_login(person)
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def form_of(client: Any, person: User, instance: Any) -> str:
    return page_of(client, person, AdminURLFinder(person).get_edit_url(instance))


def desk_of(client: Any, person: User, instance: Any) -> str:
    page = form_of(client, person, instance)
    return page[page.index('class="review-desk"') : page.index("review-desk__below")]


def a_lesson(editor: User) -> Any:
    return make.make_lesson(author=editor)


def saved(item: Any, editor: User) -> Any:
    item.save_revision(user=editor)
    return item


def a_teacher(editor: User) -> Any:
    return saved(make.make_teacher(published=False), editor)


def a_site(editor: User) -> Any:
    return saved(make.make_site(published=False), editor)


def a_quiz(editor: User) -> Any:
    return saved(people.quiz(published=False), editor)


def a_package(editor: User) -> Any:
    county = people.organisation("county")
    assign_role(user=editor, role="editor", organisation=county)
    return saved(offline.package(reviewed=False, county=county), editor)


@pytest.mark.parametrize("make_item", [a_lesson, a_teacher, a_site, a_quiz, a_package])
def test_a_returned_item_tells_its_editor_at_home_and_on_the_form_what_to_change(
    make_item: Any, editor: User, reviewers: list[User], client: Any
) -> None:
    item = make_item(editor)
    services.submit(item, editor)
    assert "review-returned" not in form_of(client, editor, item)
    services.send_back(item, reviewers[0], comment=WORDS)

    home = page_of(client, editor, reverse("wagtailadmin_home"))
    panel = home[home.index("被退回，等我修改") :]
    panel = panel[: panel.index("</ul>")]
    assert SHOWN in panel
    assert panel.count("<a href=") == 1
    assert AdminURLFinder(editor).get_edit_url(item) in panel
    assert home.index("被退回，等我修改") < home.index("教学大纲总览</h2>")

    form = form_of(client, editor, item)
    said, below = form.split('class="review-returned"')[1].split("</section>", 1)
    assert said.index("被退回（初审一校）") < said.index(SHOWN)
    assert 'name="csrfmiddlewaretoken"' in below, "above the form"

    services.submit(item, editor)
    assert "review-returned" not in form_of(client, editor, item)
    assert "被退回" not in page_of(client, editor, reverse("wagtailadmin_home"))


def test_what_others_wrote_is_not_returned_to_this_editor(editor: User, reviewers: list[User], client: Any) -> None:
    item = a_lesson(editor)
    services.submit(item, editor)
    services.send_back(item, reviewers[0], comment=WORDS)
    other = make.make_editor()
    assert selectors.returned_to(other) == []
    assert SHOWN not in page_of(client, other, reverse("wagtailadmin_home"))
    assert SHOWN in form_of(client, other, item), "whoever may help reads what is asked for"


def test_the_overview_names_the_stage_a_lesson_is_at(editor: User, reviewers: list[User], client: Any) -> None:
    unit = make.make_unit(title="审核中的单元")
    lesson = make.make_lesson(unit, author=editor)

    def status() -> str:
        page = page_of(client, editor, reverse("curriculum_overview"))
        row = page[page.index(lesson.title) :]
        found = re.search(r"<td>(.*?)</td>", row, re.DOTALL)
        assert found
        return re.sub(r"<.*", "", found[1], flags=re.DOTALL).strip()

    assert status() == "草稿"
    services.submit(lesson, editor)
    assert status() == "审核中（初审一校）"
    services.approve(lesson, reviewers[0])
    assert status() == "审核中（复审二校）"
    services.send_back(lesson, reviewers[1], comment=WORDS)
    assert status() == "被退回（复审二校）"
    services.submit(lesson, editor)
    services.approve(lesson, reviewers[1])
    services.approve(lesson, reviewers[2])
    assert status() == "已发布"
    live = Lesson.objects.get(pk=lesson.pk)
    live.summary = "改过的简介"
    live.save_revision(user=editor)
    assert status() == "已发布，另有草稿"
    services.submit(live, editor)
    assert status() == "已发布，修改审核中（初审一校）"
    services.send_back(live, reviewers[0], comment=WORDS)
    assert status() == "已发布，修改被退回（初审一校）"


def test_the_desk_is_headed_by_the_title_and_passes_by_one_button(
    editor: User, reviewers: list[User], client: Any
) -> None:
    lesson = a_lesson(editor)
    services.submit(lesson, editor)
    page = form_of(client, reviewers[0], lesson)
    assert re.search(rf'id="review-desk-heading">\s*{lesson.title}\s*</h2>', page)
    buttons = [re.sub(r"<[^>]*>|\s", "", text) for text in re.findall(r"<button\b.*?</button>", page, re.DOTALL)]
    assert buttons.count("通过") == 1
    assert buttons.count("退回修改") == 1
    assert page.count('data-workflow-action-name="reject"') == 1


def test_a_snippets_desk_passes_by_one_button_too(editor: User, reviewers: list[User], client: Any) -> None:
    teacher = a_teacher(editor)
    services.submit(teacher, editor)
    page = form_of(client, reviewers[0], teacher)
    assert page.count('data-workflow-action-name="reject"') == 1
    assert "回到审核" in page


def test_approvals_of_a_former_round_are_folded_away(editor: User, reviewers: list[User], client: Any) -> None:
    live = make.make_lesson(published=True, author=editor, reviewers=reviewers)
    live.summary = "改过的简介"
    live.save_revision(user=editor)
    services.submit(live, editor)
    desk = desk_of(client, reviewers[0], live)
    assert "这一稿已有的结论" not in desk
    open_part, folded = desk.split("以前的审核")
    assert "：通过" not in open_part
    assert folded.count("：通过") == 3

    services.approve(live, reviewers[0], comment="可以")
    open_part, folded = desk_of(client, reviewers[1], live).split("以前的审核")
    assert open_part[open_part.index("这一稿已有的结论") :].count("：通过") == 1
    assert "初审一校" in open_part
    assert folded.count("：通过") == 3


def test_the_next_draft_is_judged_beside_what_was_asked_for(editor: User, reviewers: list[User], client: Any) -> None:
    lesson = a_lesson(editor)
    services.submit(lesson, editor)
    services.approve(lesson, reviewers[0])
    services.send_back(lesson, reviewers[1], comment=WORDS)
    lesson = Lesson.objects.get(pk=lesson.pk)
    lesson.summary = "改过的简介"
    lesson.save_revision(user=editor)
    services.submit(lesson, editor)
    open_part, folded = desk_of(client, reviewers[0], lesson).split("以前的审核")
    assert "上一稿被退回" in open_part
    assert SHOWN in open_part
    assert "：通过" not in open_part, "an approval of the draft before is none of this one"
    assert "：通过" in folded

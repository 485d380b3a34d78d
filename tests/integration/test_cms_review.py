"""The three-stage review on real pages: who may pass a stage, what an edit does, and that no way leads around it."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import Page, WorkflowState

from accounts.models import User
from cms.core.signals import material_published, material_withdrawn
from cms.lessons.models import Lesson
from cms.review import selectors, services
from cms.review.errors import (
    AuthorMayNotReview,
    ChangedMeanwhile,
    HoldsAnotherStage,
    NotAReviewer,
    NotReadyToPublish,
    RecordIsPermanent,
    ReviewRequired,
)
from cms.review.models import ReviewRecord
from cms.teachers.models import TeacherProfile
from tests.factories import cms as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewers() -> list[User]:
    return make.make_reviewers()


@pytest.fixture
def editor() -> User:
    return make.make_editor()


@pytest.fixture
def superuser() -> User:
    return User.objects.create_superuser("root", password="secret-for-tests")


@pytest.fixture
def draft(editor) -> Lesson:
    return make.make_lesson(author=editor)


@pytest.fixture
def live(editor, reviewers) -> Lesson:
    return make.make_lesson(published=True, author=editor, reviewers=reviewers)


def fresh(page: Lesson) -> Lesson:
    return Lesson.objects.get(pk=page.pk)


class Heard:
    """Collects a signal."""

    def __init__(self, signal) -> None:
        self.ids: list = []
        signal.connect(self.receive)
        self.signal = signal

    def receive(self, sender, material_id, **kwargs) -> None:
        self.ids.append(material_id)


def test_three_people_in_turn_publish_a_lesson(draft, editor, reviewers) -> None:
    heard = Heard(material_published)
    services.submit(draft, editor)
    for number, reviewer in enumerate(reviewers, 1):
        assert not fresh(draft).live
        services.approve(draft, reviewer, comment=f"第{number}审通过")
    assert fresh(draft).live
    assert heard.ids.count(draft.translation_key) == 1
    records = selectors.records_of(draft.translation_key)
    assert [(r.stage, r.person, r.decision, r.comment) for r in records] == [
        (number, reviewer, "approved", f"第{number}审通过") for number, reviewer in enumerate(reviewers, 1)
    ]
    assert {record.content_sha256 for record in records} == {records[0].content_sha256}


def button_at_hand(client, person: User, lesson: Lesson) -> str:
    """The text of the first button in the footer of the edit page."""
    client.force_login(person)
    footer = client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode().rsplit("<footer")[-1]
    first = re.search(r"<(button|a)\b.*?</\1>", footer, re.DOTALL)
    assert first
    return re.sub(r"<[^>]*>|\s", "", first[0])


def test_at_hand_is_handing_in_for_an_editor_and_deciding_for_a_reviewer(draft, editor, reviewers, client) -> None:
    assert "送审" in button_at_hand(client, editor, draft)
    services.submit(draft, editor)
    assert "锁定" in button_at_hand(client, editor, draft), "never: calling it back"
    assert button_at_hand(client, reviewers[0], draft) == "回到审核", "never: saving a change of his own"


def test_a_published_lesson_is_not_offered_for_handing_in_before_it_was_changed(live, editor, client) -> None:
    assert "保存草稿" in button_at_hand(client, editor, live)


def test_whoever_did_one_stage_is_refused_the_next(draft, editor, reviewers) -> None:
    services.submit(draft, editor)
    services.approve(draft, reviewers[0])
    with pytest.raises(HoldsAnotherStage):
        services.approve(draft, reviewers[0])
    services.approve(draft, reviewers[1])
    for reviewer in reviewers[:2]:
        with pytest.raises(HoldsAnotherStage):
            services.approve(draft, reviewer)
    assert not fresh(draft).live


def test_an_author_who_is_also_a_reviewer_holds_no_stage(reviewers) -> None:
    both = make.make_user("editors", "reviewers")
    lesson = make.make_lesson(author=both)
    services.submit(lesson, both)
    with pytest.raises(AuthorMayNotReview):
        services.approve(lesson, both)


def test_the_submitter_of_anothers_draft_holds_no_stage_either(draft, reviewers) -> None:
    services.submit(draft, reviewers[0])
    with pytest.raises(AuthorMayNotReview):
        services.approve(draft, reviewers[0])


@pytest.mark.parametrize("who", ["editor", "superuser"])
def test_who_is_no_reviewer_passes_nothing(who, draft, editor, request) -> None:
    services.submit(draft, editor)
    outsider = make.make_editor() if who == "editor" else request.getfixturevalue("superuser")
    with pytest.raises(NotAReviewer):
        services.approve(draft, outsider)
    assert ReviewRecord.objects.filter(material_id=draft.translation_key).count() == 0


def test_a_returned_item_goes_back_to_its_author_and_starts_again_after_an_edit(draft, editor, reviewers) -> None:
    services.submit(draft, editor)
    services.approve(draft, reviewers[0])
    services.send_back(draft, reviewers[1], comment="请核对年份")
    assert fresh(draft).current_workflow_state.status == WorkflowState.STATUS_NEEDS_CHANGES
    edited = fresh(draft)
    edited.summary = "年份已改"
    edited.save_revision(user=editor)
    services.submit(fresh(draft), editor)
    assert fresh(draft).current_workflow_task.stage == 1
    for reviewer in reviewers:
        services.approve(draft, reviewer)
    assert fresh(draft).live
    assert fresh(draft).summary == "年份已改"


def test_an_edit_during_the_review_reopens_it(draft, editor, reviewers) -> None:
    services.submit(draft, editor)
    services.approve(draft, reviewers[0])
    services.approve(draft, reviewers[1])
    edited = fresh(draft)
    edited.summary = "临时加的一句"
    edited.save_revision(user=make.make_editor())
    assert fresh(draft).current_workflow_task.stage == 1
    with pytest.raises(HoldsAnotherStage):
        services.approve(draft, reviewers[2]) and services.approve(draft, reviewers[2])
    assert not fresh(draft).live


def test_an_edit_after_publication_is_a_draft_beside_the_live_text(live, editor) -> None:
    edited = fresh(live)
    edited.summary = "新的简介"
    edited.save_revision(user=editor)
    assert fresh(live).summary == ""
    assert fresh(live).has_unpublished_changes


def test_a_revision_that_a_reviewer_saw_is_never_overwritten(draft, editor, reviewers) -> None:
    services.submit(draft, editor)
    services.approve(draft, reviewers[0])
    seen = fresh(draft).latest_revision
    edited = fresh(draft)
    edited.summary = "自动保存"
    saved = edited.save_revision(user=editor, overwrite_revision=seen)
    assert saved.pk != seen.pk
    assert fresh(draft).current_workflow_task.stage == 1


def test_content_changed_behind_the_revision_is_not_cleared(draft, editor, reviewers) -> None:
    services.submit(draft, editor)
    services.approve(draft, reviewers[0])
    services.approve(draft, reviewers[1])
    revision = fresh(draft).latest_revision
    revision.content["summary"] = "偷换的内容"
    revision.save()
    with pytest.raises(Exception, match="review-earlier-stage-open"):
        services.approve(draft, reviewers[2])
    assert not fresh(draft).live


# --- ways around ---------------------------------------------------------------------------------


def publish_button(lesson, user, client) -> None:
    client.force_login(user)
    client.post(
        reverse("wagtailadmin_pages:edit", args=[lesson.pk]),
        {"title": lesson.title, "slug": lesson.slug, "action-publish": "1"},
    )


def bulk_publish(lesson, user, client) -> None:
    client.force_login(user)
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    client.post(f"{url}?id={lesson.pk}", {"include_descendants": "on"})


def revision_publish(lesson, user, client) -> None:
    lesson.get_latest_revision().publish(user=user, skip_permission_checks=True)


def page_publish(lesson, user, client) -> None:
    lesson.publish(lesson.get_latest_revision(), user=user, skip_permission_checks=True)


def page_action(lesson, user, client) -> None:
    PublishPageRevisionAction(lesson.get_latest_revision(), user=user).execute(skip_permission_checks=True)


def plain_action(lesson, user, client) -> None:
    PublishRevisionAction(lesson.get_latest_revision(), user=user).execute(skip_permission_checks=True)


def saving_the_row(lesson, user, client) -> None:
    lesson.live = True
    lesson.save()


def saving_one_field(lesson, user, client) -> None:
    lesson.live = True
    lesson.save(update_fields=["live"])


def naming_a_revision(lesson, user, client) -> None:
    lesson.live, lesson.live_revision = True, lesson.get_latest_revision()
    lesson.save()


def a_schedule(lesson, user, client) -> None:
    lesson.go_live_at = timezone.now() - timedelta(minutes=1)
    lesson.save_revision(user=user, approved_go_live_at=lesson.go_live_at)
    call_command("publish_scheduled")


def a_schedule_by_hand(lesson, user, client) -> None:
    revision = lesson.get_latest_revision()
    revision.approved_go_live_at = timezone.now() - timedelta(minutes=1)
    revision.save()
    call_command("publish_scheduled")


def a_schedule_through_the_action(lesson, user, client) -> None:
    lesson.go_live_at = timezone.now() + timedelta(days=1)
    revision = lesson.save_revision(user=user)
    PublishPageRevisionAction(revision, user=user).execute(skip_permission_checks=True)


def another_workflow(lesson, user, client) -> None:
    state = services.submit(lesson, user)
    state.finish(user=user)


WAYS = [
    publish_button,
    bulk_publish,
    revision_publish,
    page_publish,
    page_action,
    plain_action,
    saving_the_row,
    saving_one_field,
    naming_a_revision,
    a_schedule,
    a_schedule_by_hand,
    a_schedule_through_the_action,
    another_workflow,
]


@pytest.mark.parametrize("way", WAYS, ids=[way.__name__ for way in WAYS])
def test_no_way_around_the_review_makes_a_draft_visible(way, draft, superuser, client) -> None:
    heard = Heard(material_published)
    try:
        with transaction.atomic():
            way(fresh(draft), superuser, client)
    except ReviewRequired:
        pass
    assert not fresh(draft).live
    assert not fresh(draft).revisions.filter(approved_go_live_at__isnull=False).exists()
    assert heard.ids == []
    assert client.get(draft.get_url()).status_code == 404


@pytest.mark.parametrize("way", WAYS[:9], ids=[way.__name__ for way in WAYS[:9]])
def test_nor_does_it_change_what_is_visible(way, live, superuser, client) -> None:
    edited = fresh(live)
    edited.summary = "未经审核的修改"
    edited.save_revision(user=superuser)
    try:
        with transaction.atomic():
            way(fresh(live).get_latest_revision_as_object(), superuser, client)
    except ReviewRequired:
        pass
    assert fresh(live).summary == ""


def test_a_copy_that_would_stay_live_is_refused(live, superuser) -> None:
    parent = live.get_parent()
    with pytest.raises(ReviewRequired), transaction.atomic():
        CopyPageAction(live, to=parent, update_attrs={"slug": "copy"}, keep_live=True, user=superuser).execute(
            skip_permission_checks=True
        )
    assert Lesson.objects.filter(live=True).count() == 1


def test_a_copy_as_a_draft_is_allowed_and_needs_its_own_review(live, superuser) -> None:
    copied = live.copy(update_attrs={"slug": "copy"}, keep_live=False, user=superuser)
    with pytest.raises(ReviewRequired):
        copied.get_latest_revision().publish(user=superuser)


def test_an_alias_is_refused(live, superuser) -> None:
    with pytest.raises(ReviewRequired), transaction.atomic():
        CreatePageAliasAction(live, update_slug="alias", user=superuser).execute(skip_permission_checks=True)
    assert Page.objects.filter(alias_of=live).count() == 0


def test_creating_a_page_live_is_refused(superuser) -> None:
    unit = make.make_unit()
    with pytest.raises(ReviewRequired), transaction.atomic():
        unit.add_child(instance=Lesson(title="直接上线", slug="direct"))
    assert not Lesson.objects.filter(slug="direct").exists()


def test_an_older_cleared_revision_of_another_page_clears_nothing(live, draft, superuser) -> None:
    with pytest.raises(ReviewRequired):
        draft.publish(live.live_revision, user=superuser, skip_permission_checks=True)


def test_a_scheduled_revision_that_passed_goes_live_at_its_time(draft, editor, reviewers, monkeypatch) -> None:
    scheduled = fresh(draft)
    scheduled.go_live_at = timezone.now() + timedelta(hours=1)
    scheduled.save_revision(user=editor)
    heard = Heard(material_published)
    services.submit(scheduled, editor)
    for reviewer in reviewers:
        services.approve(scheduled, reviewer)
    assert not fresh(draft).live
    assert heard.ids == []
    assert services.run_schedule(timezone.now()) == 0
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert services.run_schedule(later) == 1
    assert fresh(draft).live
    assert heard.ids == [draft.translation_key]


def test_a_teacher_profile_is_guarded_in_the_same_way(superuser) -> None:
    teacher = make.make_teacher(published=False)
    revision = teacher.save_revision(user=superuser)
    with pytest.raises(ReviewRequired):
        revision.publish(user=superuser, skip_permission_checks=True)
    with pytest.raises(ReviewRequired):
        PublishRevisionAction(revision, user=superuser).execute(skip_permission_checks=True)
    with pytest.raises(ReviewRequired):
        TeacherProfile.objects.create(name="直接上线", category="guide", live=True)
    assert not TeacherProfile.objects.filter(live=True).exists()


def test_a_lesson_without_finished_sound_says_so_at_the_last_stage(editor, reviewers) -> None:
    silent = make.make_media(source=make.make_source(rungs=("poster",)))
    lesson = make.make_lesson(video=silent, author=editor)
    services.submit(lesson, editor)
    services.approve(lesson, reviewers[0])
    services.approve(lesson, reviewers[1])
    with pytest.raises(NotReadyToPublish) as caught:
        services.approve(lesson, reviewers[2])
    assert "声音" in caught.value.zh
    assert not fresh(lesson).live
    make.add_rendition(silent.media_source, "opus-16")
    services.approve(lesson, reviewers[2])
    assert fresh(lesson).live


def test_the_record_can_neither_be_changed_nor_removed(live) -> None:
    record = ReviewRecord.objects.filter(material_id=live.translation_key).first()
    record.comment = "改过的意见"
    with pytest.raises(RecordIsPermanent):
        record.save()
    with pytest.raises(RecordIsPermanent):
        record.delete()
    with pytest.raises(RecordIsPermanent):
        ReviewRecord.objects.all().delete()
    with pytest.raises(RecordIsPermanent):
        ReviewRecord.objects.update(comment="")
    live.delete()
    assert ReviewRecord.objects.filter(material_id=live.translation_key).count() == 3


def test_taking_down_and_deleting_tell_the_layers_above(live) -> None:
    heard = Heard(material_withdrawn)
    fresh(live).unpublish()
    assert heard.ids == [live.translation_key]
    assert not fresh(live).live
    other = make.make_lesson(published=True)
    Page.objects.get(pk=other.pk).delete()
    assert set(heard.ids[1:]) == {other.translation_key}


def test_only_who_holds_the_take_down_right_is_offered_it(live, editor, reviewers, superuser) -> None:
    assert not live.permissions_for_user(editor).can_unpublish()
    assert live.permissions_for_user(User.objects.get(pk=reviewers[0].pk)).can_unpublish()
    for user in (editor, reviewers[0], superuser):
        assert not live.permissions_for_user(user).can_publish()
        assert not live.get_parent().specific.permissions_for_user(user).can_publish_subpage()


def test_a_reviewers_home_lists_what_he_may_decide_and_no_more(draft, editor, reviewers, client) -> None:
    services.submit(draft, editor)
    assert [waiting.title for waiting in selectors.waiting_for(reviewers[0])] == [draft.title]
    services.approve(draft, reviewers[0])
    assert selectors.waiting_for(reviewers[0]) == []
    assert [waiting.stage for waiting in selectors.waiting_for(reviewers[1])] == [2]
    client.force_login(reviewers[1])
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    assert "待我审核" in page
    assert draft.title in page
    client.force_login(reviewers[0])
    assert "待我审核" not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_the_admin_offers_approval_to_the_next_reviewer_only(draft, editor, reviewers, superuser) -> None:
    services.submit(draft, editor)
    task = fresh(draft).current_workflow_task
    assert {name for name, _label, _modal in task.get_actions(fresh(draft), reviewers[0])} == {"approve", "reject"}
    for nobody in (editor, superuser):
        assert task.get_actions(fresh(draft), nobody) == []
        assert task.locked_for_user(fresh(draft), nobody)


def test_a_locked_item_says_why_to_each_person(draft, editor, reviewers) -> None:
    services.submit(draft, editor)
    services.approve(draft, reviewers[0])
    lock = fresh(draft).get_lock()
    assert lock.for_user(reviewers[0])
    assert "另一个审次" in lock.get_message(reviewers[0])
    assert "等审核员处理；要改，先撤回送审" in lock.get_message(editor)
    told = lock.get_message(make.make_editor())
    assert "请送审人先撤回" in told
    assert "不是审核员" not in told, "an editor needs no reviewer's rights, and no advice to ask for them"
    assert not lock.for_user(reviewers[1])


def edit_form(client, url: str, **changed: str) -> dict[str, str]:
    """What a browser would send back of an edit form, with `changed`."""
    sent: dict[str, str] = {}

    class Inputs(HTMLParser):
        select = ""

        def handle_starttag(self, tag, attrs) -> None:
            said = dict(attrs)
            if tag == "input" and said.get("name") and said.get("type") not in {"checkbox", "radio", "file", "submit"}:
                sent[said["name"]] = said.get("value") or ""
            if tag in {"select", "textarea"}:
                self.select = said.get("name", "")
                sent.setdefault(self.select, "")
            if tag == "option" and "selected" in said:
                sent[self.select] = said.get("value") or ""

    Inputs().feed(client.get(url).content.decode())
    return {**{name: value for name, value in sent.items() if value}, **changed}


def decide(client, person: User, instance, action: str, **extra: str) -> str:
    """Press a button of the review as this person; the page that follows."""
    client.force_login(person)
    url = AdminURLFinder(person).get_edit_url(instance)
    pressed = {"action-workflow-action": "true", "workflow-action-name": action, **extra}
    answer = client.post(url, edit_form(client, url, **pressed), follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain == [(reverse("wagtailadmin_home"), 302)], "no page that reviewers may not open"
    return answer.content.decode()


def test_whoever_decides_reads_what_comes_next(draft, editor, reviewers, client) -> None:
    services.submit(draft, editor)
    for reviewer, told in zip(
        reviewers, ("初审一校已通过，转复审二校", "复审二校已通过，转终审三校", "已发布"), strict=True
    ):
        page = decide(client, reviewer, fresh(draft), "approve")
        assert told in page
        assert "没有权限" not in page
    assert fresh(draft).live


def test_whoever_returns_an_item_reads_to_whom_it_went(draft, editor, reviewers, client) -> None:
    services.submit(draft, editor)
    comment = '{"comment": "请核对年份"}'
    page = decide(client, reviewers[0], fresh(draft), "reject", **{"workflow-action-extra-data": comment})
    assert "已退回" in page
    assert selectors.records_of(draft.translation_key)[0].comment == "请核对年份"


def test_deciding_a_snippet_leads_home_too(editor, reviewers, client) -> None:
    teacher = make.make_teacher(published=False)
    teacher.save_revision(user=editor)
    services.submit(teacher, editor)
    assert "转复审二校" in decide(client, reviewers[0], teacher, "approve")


def test_a_reviewers_desk_shows_the_thing_itself_and_both_decisions_side_by_side(
    draft, editor, reviewers, client
) -> None:
    services.submit(draft, editor)
    client.force_login(reviewers[0])
    page = client.get(reverse("wagtailadmin_pages:edit", args=[draft.pk])).content.decode()
    desk = page[page.index('class="review-desk"') : page.index("review-desk__below")]
    assert "<video" in desk
    assert 'data-workflow-action-name="approve"' in desk
    assert 'data-workflow-action-name="reject"' in desk
    assert "没有上一版" in desk
    client.force_login(editor)
    assert "review-desk" not in client.get(reverse("wagtailadmin_pages:edit", args=[draft.pk])).content.decode()


def test_a_changed_lesson_is_compared_with_what_the_public_sees_by_one_click(live, editor, reviewers, client) -> None:
    former = live.live_revision_id
    edited = fresh(live)
    edited.summary = "新的简介"
    revision = edited.save_revision(user=editor)
    services.submit(edited, editor)
    client.force_login(reviewers[0])
    address = reverse("review_compare", args=[live.pk, former, revision.pk])
    assert address in client.get(reverse("wagtailadmin_pages:edit", args=[live.pk])).content.decode()
    assert "新的简介" in client.get(address).content.decode()


def test_a_decision_sent_twice_counts_once(draft, editor, reviewers) -> None:
    services.submit(draft, editor)
    twice = fresh(draft).current_workflow_task_state, fresh(draft).current_workflow_task_state
    twice[0].approve(user=reviewers[0])
    with pytest.raises(ChangedMeanwhile):
        twice[1].approve(user=reviewers[0])
    assert ReviewRecord.objects.filter(material_id=draft.translation_key).count() == 1


def test_an_edit_begun_before_publication_does_not_take_the_page_off(draft, editor, reviewers) -> None:
    stale = fresh(draft)
    services.submit(draft, editor)
    for reviewer in reviewers:
        services.approve(draft, reviewer)
    with pytest.raises(ChangedMeanwhile), transaction.atomic():
        stale.save()
    assert fresh(draft).live


def test_a_reviewer_takes_a_lesson_down_in_two_steps(live, editor, reviewers, client) -> None:
    client.force_login(reviewers[0])
    overview = client.get(reverse("curriculum_overview")).content.decode()
    address = reverse("wagtailadmin_pages:unpublish", args=[live.pk])
    assert address in overview
    assert client.get(address).status_code == 200
    client.post(address)
    assert not fresh(live).live
    client.force_login(editor)
    assert address not in client.get(reverse("curriculum_overview")).content.decode()

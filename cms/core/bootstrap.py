"""Makes the site's skeleton: pages, groups, rights, taxonomies and the review workflow. Runs any number of times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Site,
    Workflow,
    WorkflowContentType,
    WorkflowTask,
)

from cms.core.models import ContentClass, FacetTerm, HomePage, MemberGroup, SocialField
from cms.curriculum.models import CurriculumIndex
from cms.places.models import PlaceIndex
from cms.review.guard import WORKFLOW_NAME
from cms.review.models import ReviewStage
from cms.review.rules import STAGE_NAMES, STAGES
from cms.teachers.models import TeacherProfile

EDITORS = "editors"
REVIEWERS = "reviewers"
PageType = TypeVar("PageType", bound=Page)

SOCIAL_FIELDS = ["农村", "牧区", "街道社区", "机关", "学校", "其他事业单位", "国有企业", "两新组织"]
MEMBER_GROUPS = ["村“带头人”", "致富带富能人", "流动党员", "失业职工党员", "少数民族党员", "青年牧民党员"]
CONTENT_CLASSES = ["政治理论", "政治教育和政治训练", "党章党规党纪", "宗旨", "革命传统", "形势政策", "知识技能"]
"""domain.md §4 and §2; first values of taxonomies that editors change."""


@dataclass(frozen=True)
class SiteSkeleton:
    """What `ensure_site` guarantees to exist."""

    home: HomePage
    courses: CurriculumIndex
    sites: PlaceIndex
    editors: Group
    reviewers: Group
    workflow: Workflow


@transaction.atomic
def ensure_site() -> SiteSkeleton:
    """Create whatever of the skeleton is missing; change nothing that a person has set."""
    home = _ensure_home()
    courses = _ensure_child(home, CurriculumIndex, slug="courses", title="课程")
    places = _ensure_child(home, PlaceIndex, slug="sites", title="红色资源")
    editors = Group.objects.get_or_create(name=EDITORS)[0]
    reviewers = Group.objects.get_or_create(name=REVIEWERS)[0]
    _ensure_taxonomies()
    workflow = _ensure_workflow(reviewers)
    _ensure_rights(editors, reviewers, courses, places)
    _retire_wagtail_groups()
    return SiteSkeleton(home, courses, places, editors, reviewers, workflow)


def _ensure_home() -> HomePage:
    root = Page.get_first_root_node()
    if root is None:
        locale = Locale.objects.get_or_create(language_code="zh-hans")[0]
        root = Page.add_root(instance=Page(title="Root", slug="root", locale=locale))
    home = HomePage.objects.first()
    if home is None:
        # Wagtail's own migration leaves a welcome page with our slug.
        for welcome in Page.objects.child_of(root).exact_type(Page).filter(slug="home"):
            Site.objects.filter(root_page=welcome).delete()
            welcome.delete()
        root = Page.objects.get(pk=root.pk)
        home = root.add_child(instance=HomePage(title="今天", slug="home"))
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True, site_name="高原先锋课堂")
    elif site.root_page_id != home.pk:
        site.root_page = home
        site.save()
    return home


def _ensure_child(home: HomePage, model: type[PageType], *, slug: str, title: str) -> PageType:
    page = model.objects.child_of(home).first()
    if page is None:
        page = HomePage.objects.get(pk=home.pk).add_child(instance=model(title=title, slug=slug))
    return page


def _ensure_taxonomies() -> None:
    for model, prefix, names in (
        (SocialField, "field", SOCIAL_FIELDS),
        (MemberGroup, "group", MEMBER_GROUPS),
        (ContentClass, "class", CONTENT_CLASSES),
    ):
        _ensure_terms(model, prefix, names)


def _ensure_terms(model: type[FacetTerm], prefix: str, names: list[str]) -> None:
    """First values only: an emptied or edited taxonomy stays as its editors want it."""
    if model.objects.exists():  # type: ignore[attr-defined]
        return
    for position, name in enumerate(names, start=1):
        model.objects.create(code=f"{prefix}-{position}", name=name, position=position)  # type: ignore[attr-defined]


def _ensure_workflow(reviewers: Group) -> Workflow:
    workflow = Workflow.objects.get_or_create(name=WORKFLOW_NAME, defaults={"active": True})[0]
    for stage in STAGES:
        task = ReviewStage.objects.filter(stage=stage).first()
        if task is None:
            task = ReviewStage.objects.create(name=STAGE_NAMES[stage], stage=stage)
            task.groups.add(reviewers)
        WorkflowTask.objects.get_or_create(workflow=workflow, task=task, defaults={"sort_order": stage})
    content_type = ContentType.objects.get_for_model(TeacherProfile)
    WorkflowContentType.objects.get_or_create(content_type=content_type, defaults={"workflow": workflow})
    return workflow


def _permission(app_label: str, codename: str) -> Permission | None:
    return Permission.objects.filter(content_type__app_label=app_label, codename=codename).first()


def _grant(group: Group, *names: str) -> None:
    """Grant "app.codename" rights; those whose permission rows don't exist yet come with the next run."""
    found = [_permission(*name.split(".")) for name in names]
    group.permissions.add(*[permission for permission in found if permission is not None])


def _ensure_rights(editors: Group, reviewers: Group, courses: Page, places: Page) -> None:
    """Least privilege: editors write and submit, reviewers decide and take down, nobody publishes."""
    _grant(editors, "wagtailadmin.access_admin", "teachers.add_teacherprofile", "teachers.change_teacherprofile")
    _grant(editors, "media_pipeline.change_transcodejob")
    for snippet in ("socialfield", "membergroup", "contentclass"):
        _grant(editors, f"core.add_{snippet}", f"core.change_{snippet}")
    _grant(reviewers, "wagtailadmin.access_admin", "review.take_down", "review.view_reviewrecord")
    # A snippet's edit view, where its review stands, asks for the right to change it; changes stay drafts.
    _grant(reviewers, "teachers.change_teacherprofile")
    root = Collection.get_first_root_node()
    for page in (courses, places):
        for codename in ("add_page", "change_page"):
            permission = _permission("wagtailcore", codename)
            if permission is not None:
                GroupPagePermission.objects.get_or_create(group=editors, page=page, permission=permission)
    # The libraries check the rights of their stock models, whatever model takes their place.
    kinds = (("wagtailmedia", "media"), ("wagtailimages", "image"), ("wagtaildocs", "document"))
    for app_label, model in kinds:
        for action in ("add", "change", "choose"):
            permission = _permission(app_label, f"{action}_{model}")
            if permission is not None:
                GroupCollectionPermission.objects.get_or_create(group=editors, collection=root, permission=permission)


def _retire_wagtail_groups() -> None:
    """Wagtail's stock groups hold the publish right: take it from them."""
    publish = _permission("wagtailcore", "publish_page")
    if publish is not None:
        GroupPagePermission.objects.filter(permission=publish).delete()

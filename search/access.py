"""Who finds what. A document carries tokens, a person holds tokens; one in common opens the document.

Tokens follow the places of rights, not the people: giving a right or a group to somebody changes what he holds, and
no document has to be indexed anew.

    public              everybody
    below-PAGE          who passes every view restriction at the page PAGE and above it (Wagtail's groups or log-in)
    drafts              system administrators
    change-PAGE         who may edit the page PAGE and whatever lies below it
    add-PAGE-USER       the author, where he may add pages and therefore edit his own
    group-ID            the reviewers before whom a draft lies
    model-LABEL         who may change all records of a model (teachers)

The engines answer by tokens; whatever they say, the database is asked again before a hit is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from wagtail.models import GroupPagePermission, Page, PageViewRestriction, TaskState

from search.models import SearchDocument
from search.registry import PUBLIC, Source, Version, source_of_kind, sources

ALL_DRAFTS = "drafts"


def is_signed_in(user: Any) -> bool:
    """Whether there is a person with an open account."""
    return user is not None and user.is_authenticated and user.is_active


def tokens_of(user: Any) -> tuple[str, ...]:
    """What a person (None, anonymous, or an account) holds; at most three queries, none for a visitor."""
    drafts = _draft_tokens(user) if is_signed_in(user) else []
    return tuple(dict.fromkeys([*reading_tokens(user), *drafts]))


def reading_tokens(user: Any) -> tuple[str, ...]:
    """What a person holds as a reader of the site: drafts are looked for in the admin."""
    return tuple(dict.fromkeys([PUBLIC, *_restriction_tokens(user)])) if is_signed_in(user) else (PUBLIC,)


def published_tokens(page: Page) -> tuple[str, ...]:
    """The tokens of a published page: public, unless it or a page above it is restricted."""
    above = PageViewRestriction.objects.filter(page__path__in=paths_down_to(page.path))
    deepest = above.order_by("-page__depth").values_list("page_id", flat=True).first()
    return (PUBLIC,) if deepest is None else (f"below-{deepest}",)


def draft_tokens(page: Page) -> tuple[str, ...]:
    """The tokens of what is not published of a page: just those who may open it in the editor."""
    tokens = [ALL_DRAFTS]
    # By their numbers and not their paths: treebeard gives other paths to the neighbours of a page that is moved.
    for pk in Page.objects.filter(path__in=paths_down_to(page.path)).order_by("path").values_list("pk", flat=True):
        tokens.append(f"change-{pk}")
        if page.owner_id is not None:
            tokens.append(f"add-{pk}-{page.owner_id}")
    run = page.current_workflow_state
    state = run.current_task_state if run is not None and run.status == run.STATUS_IN_PROGRESS else None
    if state is not None and state.status == TaskState.STATUS_IN_PROGRESS:
        groups = getattr(state.task.specific, "groups", None)
        tokens += [f"group-{pk}" for pk in groups.values_list("pk", flat=True)] if groups is not None else []
    return tuple(tokens)


def paths_down_to(path: str) -> list[str]:
    """The tree paths of a page and of all above it, from the root down."""
    return [path[:end] for end in range(Page.steplen, len(path) + 1, Page.steplen)]


def passed_restrictions(user: Any) -> list[int]:
    """The view restrictions that let this person through. A password's is nobody's: it is a matter of one browser."""
    if not is_signed_in(user):
        return []
    groups = set(user.groups.values_list("pk", flat=True))
    return [row.pk for row in PageViewRestriction.objects.prefetch_related("groups") if _passes(user, groups, row)]


def _passes(user: Any, groups: set[int], restriction: PageViewRestriction) -> bool:
    if restriction.restriction_type == PageViewRestriction.LOGIN:
        return True
    if restriction.restriction_type == PageViewRestriction.GROUPS:
        return bool(user.is_superuser or groups & {group.pk for group in restriction.groups.all()})
    return False


def _restriction_tokens(user: Any) -> list[str]:
    rows = list(PageViewRestriction.objects.values_list("pk", "page_id", "page__path"))
    if not rows:
        return []
    passed = set(passed_restrictions(user))
    closed = [path for pk, _page, path in rows if pk not in passed]
    return [f"below-{page}" for _pk, page, path in rows if not any(path.startswith(each) for each in closed)]


def _draft_tokens(user: Any) -> list[str]:
    if user.is_superuser:
        return [ALL_DRAFTS]
    if not user.has_perm("wagtailadmin.access_admin"):
        return []
    tokens = [f"group-{pk}" for pk in user.groups.values_list("pk", flat=True)]
    rights = GroupPagePermission.objects.filter(group__user=user).values_list("permission__codename", "page_id")
    for codename, page in rights:
        if codename == "change_page":
            tokens.append(f"change-{page}")
        elif codename == "add_page":
            tokens.append(f"add-{page}-{user.pk}")
    models = [model for source in sources() for model in source.models if not issubclass(model, Page)]
    return tokens + [model_token(model) for model in models if user.has_perm(_change(model))]


def model_token(model: Any) -> str:
    """The token of the drafts of a model whose records have no places of their own."""
    return f"model-{model._meta.label_lower}"


def _change(model: Any) -> str:
    return f"{model._meta.app_label}.change_{model._meta.model_name}"


def may_change_records(user: Any, model: Any) -> bool:
    """Whether the person may see the drafts of such a model."""
    return is_signed_in(user) and user.has_perm("wagtailadmin.access_admin") and user.has_perm(_change(model))


def visible_documents(documents: Sequence[SearchDocument], user: Any = None) -> list[SearchDocument]:
    """Those that the person may see, in their order: asked in the database, whatever an engine said."""
    person = user if is_signed_in(user) else AnonymousUser()
    asked: dict[tuple[int, bool], tuple[Source, list[Version]]] = {}
    for document in documents:
        source = source_of_kind(document.kind)
        if source is not None:
            asked.setdefault((id(source), document.is_draft), (source, []))[1].append(_version(document))
    seen: set[tuple[bool, Version]] = set()
    for (_id, is_draft), (source, versions) in asked.items():
        found = source.drafts_visible_to(person, versions) if is_draft else source.visible_to(person, versions)
        seen |= {(is_draft, version) for version in found}
    return [document for document in documents if (document.is_draft, _version(document)) in seen]


def _version(document: SearchDocument) -> Version:
    return document.material_id, document.language

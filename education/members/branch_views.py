"""The branch secretary's pages: who lacks hours and why, accounts, printed codes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.errors import NotPermitted, PersonError
from accounts.models import ActivationCode, Organisation, User
from accounts.parameters import whole_number
from accounts.selectors import codes_out
from accounts.services import CODE_DAYS, IssuedCode
from accounts.wording import wording
from education.classroom.models import ClassroomSession
from education.hours.models import StudyHoursEntry
from education.hours.selectors import hours_of_members, member_hours, shortfalls
from education.members import services
from education.members.branch_export import hours_table
from education.members.card_address import card_address, qr_picture
from education.members.errors import NoMemberChosen, SameNameInBranch
from education.members.forms import CardsForm, OpenMemberForm
from education.members.models import PartyMember
from education.members.selectors import branch_for, branches_of, members_of
from education.records.materials import known_materials

LATEST_SESSIONS = 10

View = Callable[..., HttpResponse]


def secretary_page(view: View) -> View:
    """Hand the view the branch named in the address; ask a stranger to sign in, refuse another branch's people."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, code: str, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path(), "/login/")
        return view(request, branch_for(request.user, code), **kwargs)

    return guarded


@never_cache
@require_GET
def branches(request: HttpRequest) -> HttpResponse:
    """`/branch/`: straight to the only branch, else the choice."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path(), "/login/")
    reach = list(branches_of(request.user)[:500])
    if not reach:
        raise NotPermitted
    if len(reach) == 1:
        return redirect("members:branch", code=reach[0].code)
    return render(request, "branch/branches.html", {"branches": reach})


@require_GET
@secretary_page
def branch(request: HttpRequest, branch: Organisation) -> HttpResponse:
    """Who lacks hours and why first, then everybody, then the latest sessions."""
    year = chosen_year(request)
    views = hours_of_members(list(members_of(branch)), year)
    cards = codes_out([view.member.user_id for view in views if view.member.user_id], timezone.now())
    context = {
        "branch": branch,
        "year": year,
        "this_year": timezone.localdate().year,
        "views": views,
        "shortfalls": shortfalls(views),
        "sessions": ClassroomSession.objects.filter(branch=branch).order_by("-held_on", "-pk")[:LATEST_SESSIONS],
        "request_id": uuid.uuid4(),
        "everybody": [(view, cards.get(view.member.user_id or 0)) for view in views],
    }
    return render(request, "branch/branch.html", context)


@require_GET
@secretary_page
def export(request: HttpRequest, branch: Organisation) -> HttpResponse:
    """The hours of a year as a file for Excel."""
    year = chosen_year(request)
    table = hours_table(hours_of_members(list(members_of(branch)), year))
    response = HttpResponse(table, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{branch.code}-{year}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def chosen_year(request: HttpRequest) -> int:
    """The year in the address if it is a plausible one, else this year."""
    this_year = timezone.localdate().year
    year = whole_number(request.GET.get("year", ""), at_most=this_year + 1)
    return year if year is not None and year >= 2000 else this_year


@require_http_methods(["GET", "POST"])
@secretary_page
def open_account(request: HttpRequest, branch: Organisation) -> HttpResponse:
    """A name, a duty, and the account is open; the next page prints its card."""
    form = OpenMemberForm(request.POST) if request.method == "POST" else OpenMemberForm.blank()
    context: dict[str, Any] = {"branch": branch, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            member = services.open_member(branch=branch, **form.cleaned_data)
        except PersonError as error:
            context |= {"refusal": wording(error), "asks_again": isinstance(error, SameNameInBranch)}
            return render(request, "branch/open_account.html", context, status=error.http_status)
        messages.success(request, _("账号已开通。请打印激活卡交给本人。"))
        return redirect("members:member", code=branch.code, member_id=member.member_id)
    return render(request, "branch/open_account.html", context, status=400 if form.errors else 200)


def _with_material_titles(entries: Iterable[StudyHoursEntry]) -> list[tuple[StudyHoursEntry, str]]:
    """Each entry with the title of the lesson that it stands for, or "" when it stands for something else."""
    listed = list(entries)
    named = {entry.pk: uuid.UUID(entry.evidence["material"]) for entry in listed if entry.evidence.get("material")}
    known = known_materials(set(named.values()))
    return [(entry, known[named[entry.pk]].title if named.get(entry.pk) in known else "") for entry in listed]


@require_GET
@secretary_page
def member(request: HttpRequest, branch: Organisation, member_id: uuid.UUID) -> HttpResponse:
    """One member: hours, what they come from, and the card."""
    person = get_object_or_404(members_of(branch).select_related("branch"), member_id=member_id)
    year = chosen_year(request)
    code = ActivationCode.objects.filter(user=person.user).order_by("-created_at").first() if person.user else None
    entries = StudyHoursEntry.objects.filter(member=person, year=year).order_by("-learned_on", "-pk")
    context = {
        "branch": branch,
        "member": person,
        "hours": member_hours(person, year),
        "entries": _with_material_titles(entries[:200]),
        "code": code,
        "may_print": person.user is not None and not person.user.has_usable_password(),
        "request_id": uuid.uuid4(),
    }
    return render(request, "branch/member.html", context)


@require_POST
@secretary_page
def erase(request: HttpRequest, branch: Organisation, member_id: uuid.UUID) -> HttpResponse:
    """Carry out a deletion that the member asked for."""
    person = get_object_or_404(members_of(branch), member_id=member_id, deletion_requested_at__isnull=False)
    services.erase_member(person, by=request.user if isinstance(request.user, User) else None)
    messages.success(request, _("账号已注销，姓名已删除。"))
    return redirect("members:branch", code=branch.code)


@require_POST
@secretary_page
def cards(request: HttpRequest, branch: Organisation) -> HttpResponse:
    """Print A5 cards. The codes exist in this answer only: nothing keeps them, and asking again makes new ones."""
    form = CardsForm(request.POST)
    form.fields["member"].queryset = members_of(branch)  # type: ignore[attr-defined]
    if not form.is_valid() or not isinstance(request.user, User):
        raise NoMemberChosen
    issued = services.print_codes(
        members=list(form.cleaned_data["member"]),
        created_by=request.user,
        request_id=form.cleaned_data["request_id"],
    )
    context = {
        "branch": branch,
        "days": CODE_DAYS,
        "join_address": _join_address(request),
        "cards": [_card(request, person, code) for person, code in issued],
    }
    response = render(request, "branch/cards.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _join_address(request: HttpRequest) -> str:
    return card_address(request.build_absolute_uri("/join/"), settings.WAGTAILADMIN_BASE_URL, settings.LAN_ADDRESS)


def _card(request: HttpRequest, person: PartyMember, issued: IssuedCode) -> dict[str, Any]:
    address = f"{_join_address(request)}{issued.printed}/"
    return {
        "member": person,
        "code": issued.printed,
        "expires_at": issued.expires_at,
        "qr": qr_picture(address),
    }

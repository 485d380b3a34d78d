"""我的: a member's own hours, records and data."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import SignInFirst
from accounts.models import RoleAssignment
from accounts.selectors import has_role, may_use_admin, role_labels
from education.hours.selectors import member_hours
from education.members import services
from education.members.branch_views import chosen_year
from education.members.errors import NotAMember
from education.members.export import export_document
from education.members.models import PartyMember
from education.members.selectors import member_of
from education.records.selectors import learned_materials, received_records

_SEEN_MONTH = "seen_month"


@never_cache
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """`/me/`: hours by column, what was learned, what the server has confirmed; for a stranger the way in."""
    person = member_of(request.user)
    context: dict[str, Any] = {
        "member": person,
        "is_secretary": has_role(request.user, RoleAssignment.Role.BRANCH_SECRETARY),
        "may_edit": may_use_admin(request.user),
        "is_trainer": has_role(request.user, RoleAssignment.Role.TRAINER),
        "is_operator": has_role(request.user, RoleAssignment.Role.TOWNSHIP_OPERATOR),
        "roles": role_labels(request.user),
        "is_welcome": "welcome" in request.GET,
    }
    if person is not None:
        year = chosen_year(request)
        context |= {
            "year": year,
            "this_year": timezone.localdate().year,
            "hours": member_hours(person, year),
            "learned": learned_materials(person),
            "received": received_records(person),
        }
        _keep_session(request)
    return render(request, "members/me.html", context)


def _keep_session(request: HttpRequest) -> None:
    """Give the session its full length again once a month, so that a phone in use never signs out."""
    month = timezone.localdate().isoformat()[:7]
    if request.session.get(_SEEN_MONTH) != month:
        request.session[_SEEN_MONTH] = month


def _own(request: HttpRequest) -> PartyMember:
    if not request.user.is_authenticated:
        raise SignInFirst
    person = member_of(request.user)
    if person is None:
        raise NotAMember
    return person


@never_cache
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Everything kept about the person who asks, as one JSON file."""
    person = _own(request)
    response = JsonResponse(export_document(person), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def deletion(request: HttpRequest) -> HttpResponse:
    """Ask for the account to be deleted, or take the wish back."""
    person = _own(request)
    if request.POST.get("wish") == "keep":
        services.withdraw_deletion_request(person)
    else:
        services.request_deletion(person)
    return redirect("members:me")

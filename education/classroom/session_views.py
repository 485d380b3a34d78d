"""The branch secretary's pages about sessions: record one with its roster, correct the roster."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.errors import PersonError, SignInFirst
from accounts.models import Organisation, User
from accounts.wording import wording
from education.classroom import services
from education.classroom.models import ClassroomSession
from education.classroom.selectors import roster
from education.hours.rules import RuleNumbers, minutes_of_half_days
from education.hours.services import current_rule
from education.members.branch_views import secretary_page
from education.members.forms import RosterForm, SessionForm
from education.members.models import PartyMember
from education.members.selectors import members_of
from education.records.materials import latest_lessons


@require_http_methods(["GET", "POST"])
@secretary_page
def record(request: HttpRequest, branch: Organisation) -> HttpResponse:
    """What, when, how long, who: everyone ticked is credited once."""
    today = timezone.localdate()
    people = members_of(branch)
    sent = _with_everybody(request.POST, people)
    form = SessionForm(sent) if request.method == "POST" else SessionForm.blank(today)
    form.offer(latest_lessons(), people)
    chosen = set((sent if request.method == "POST" else request.GET).getlist("member"))
    numbers = RuleNumbers.from_json(current_rule(today.year).numbers)
    context: dict[str, Any] = {
        "branch": branch,
        "form": form,
        "people": [(person, str(person.member_id) in chosen) for person in people],
        "minutes_per_hour": numbers.minutes_per_hour,
        "half_day_minutes": minutes_of_half_days(1, numbers),
        "day_minutes": minutes_of_half_days(2, numbers),
    }
    if request.method == "POST" and form.is_valid():
        try:
            session = _record(request, branch, form.cleaned_data)
        except PersonError as error:
            context["refusal"] = wording(error)
            return render(request, "branch/record_session.html", context, status=error.http_status)
        messages.success(request, _("已登记，名单上每人记一次集体学习。"))
        return redirect("members:session", code=branch.code, session_id=session.session_id)
    return render(request, "branch/record_session.html", context, status=400 if form.errors else 200)


def _with_everybody(sent: QueryDict, people: Iterable[PartyMember]) -> QueryDict:
    """What was sent; after 全部到场 with everybody on the roster, whatever was ticked."""
    if "everybody" not in sent:
        return sent
    whole = sent.copy()
    whole.setlist("member", [str(person.member_id) for person in people])
    return whole


def _record(request: HttpRequest, branch: Organisation, data: dict[str, Any]) -> ClassroomSession:
    return services.record_session(
        session_id=data["session_id"],
        branch=branch,
        title=data["title"],
        held_on=data["held_on"],
        minutes=data["minutes"],
        lesson=uuid.UUID(data["lesson"]) if data["lesson"] else None,
        members=list(data["member"]),
        recorded_by=_user(request),
        today=timezone.localdate(),
    )


@require_http_methods(["GET", "POST"])
@secretary_page
def session(request: HttpRequest, branch: Organisation, session_id: uuid.UUID) -> HttpResponse:
    """The session and its roster; a correction reverses and adds entries, and the ledger shows both."""
    held = get_object_or_404(ClassroomSession, branch=branch, session_id=session_id)
    if request.method == "POST":
        form = RosterForm(request.POST)
        form.fields["member"].queryset = members_of(branch)  # type: ignore[attr-defined]
        if form.is_valid():
            services.correct_roster(
                held,
                members=list(form.cleaned_data["member"]),
                corrected_by=_user(request),
                reason="roster-corrected",
            )
            messages.success(request, _("名单已更正。原来的记录保留在账上，用撤销抵掉。"))
        else:
            messages.error(request, _("名单里有认不出的人，没有改动。请刷新页面再试。"))
        return redirect("members:session", code=branch.code, session_id=session_id)
    credited = {person.pk for person in roster(held)}
    context = {
        "branch": branch,
        "session": held,
        "people": [(person, person.pk in credited) for person in members_of(branch)],
        "count": len(credited),
    }
    return render(request, "branch/session.html", context)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise SignInFirst
    return request.user

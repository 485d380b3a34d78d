"""Staff accounts in the admin: opened and recovered by a printed one-time code, locked and unlocked."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from accounts import staff
from accounts.admin_forms import StaffAccountForm
from accounts.authority import ADMINISTRATOR, accounts_within, may_manage
from accounts.errors import NotPermitted
from accounts.models import User
from accounts.parameters import whole_number
from accounts.selectors import has_role
from accounts.services import CODE_DAYS, IssuedCode

PAGE = 50
View = Callable[..., HttpResponse]


def _administrator(view: View) -> View:
    """For those who administer a tree."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User) or not has_role(request.user, ADMINISTRATOR):
            raise NotPermitted
        return view(request, request.user, **kwargs)

    return guarded


@require_GET
@_administrator
def staff_list(request: HttpRequest, administrator: User) -> HttpResponse:
    """Accounts with a role in the own tree, each with what may be done about it."""
    word = request.GET.get("q", "").strip()[:60]
    accounts = accounts_within(administrator).filter(role_assignments__isnull=False).distinct()
    if word:
        accounts = accounts.filter(username__icontains=word) | accounts.filter(display_name__icontains=word)
    page = Paginator(accounts.order_by("username"), PAGE).get_page(
        whole_number(request.GET.get("p", ""), at_most=99_999)
    )
    rows = [
        (account, list(account.role_assignments.select_related("organisation")), may_manage(administrator, account))
        for account in page
    ]
    context = {"rows": rows, "page": page, "word": word, "request_id": uuid.uuid4()}
    return render(request, "accounts_admin/staff_list.html", context)


@require_http_methods(["GET", "POST"])
@_administrator
def open_account(request: HttpRequest, administrator: User) -> HttpResponse:
    """Name, log-in name, first role; the answer shows the code once."""
    initial = {"request_id": uuid.uuid4()}
    form = StaffAccountForm(request.POST or None, initial=initial, for_user=administrator)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        issued = staff.open_staff_account(
            by=administrator,
            username=said["username"],
            name=said["name"],
            role=said["role"],
            organisation=said["organisation"],
            request_id=said["request_id"],
        )
        return _code_page(request, issued)
    return render(request, "accounts_admin/open_account.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
@_administrator
def recover(request: HttpRequest, administrator: User, pk: int) -> HttpResponse:
    """A new code; the old password and all sessions end."""
    account = get_object_or_404(accounts_within(administrator), pk=pk)
    try:
        request_id = uuid.UUID(request.POST.get("request_id", ""))
    except ValueError:
        request_id = uuid.uuid4()
    own_request = uuid.uuid5(request_id, str(account.pk))
    return _code_page(request, staff.recover_account(by=administrator, account=account, request_id=own_request))


@require_POST
@_administrator
def lock(request: HttpRequest, administrator: User, pk: int) -> HttpResponse:
    """Shut the account, or open it again with `unlock` in the form."""
    account = get_object_or_404(accounts_within(administrator), pk=pk)
    is_locked = "unlock" not in request.POST
    staff.set_locked(by=administrator, account=account, is_locked=is_locked)
    said = _("“{name}”的账号已停用。") if is_locked else _("“{name}”的账号已恢复。")
    messages.success(request, said.format(name=account))
    return redirect("staff_accounts:index")


def _code_page(request: HttpRequest, issued: IssuedCode) -> HttpResponse:
    context = {"issued": issued, "days": CODE_DAYS, "join_address": request.build_absolute_uri("/join/")}
    return render(request, "accounts_admin/code.html", context)


class StaffMenuItem(MenuItem):
    """Shown to those who administer a tree."""

    def is_shown(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and has_role(request.user, ADMINISTRATOR)


class StaffViewSet(ViewSet):
    """The pages and their place in the menu."""

    name = "staff_accounts"
    url_prefix = "staff-accounts"
    icon = "user"
    menu_label = gettext_lazy("工作人员账号")
    menu_item_class = StaffMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", staff_list, name="index"),
            path("new/", open_account, name="open"),
            path("<int:pk>/recover/", recover, name="recover"),
            path("<int:pk>/lock/", lock, name="lock"),
        ]

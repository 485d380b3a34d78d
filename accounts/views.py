"""Signing in and out: members with a printed code, staff with a password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import translate_url
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import lockout, services
from accounts.errors import CodeUnknown, LoginLocked, NotPermitted, PersonError
from accounts.forms import JoinForm, StaffLoginForm
from accounts.models import User
from accounts.selectors import home_address, may_use_admin
from accounts.wording import wording

STAFF_SESSION_S = 12 * 60 * 60
"""A working day; a member's session lasts `SESSION_COOKIE_AGE` (400 days), for a phone may be away that long."""

_BACKEND = "django.contrib.auth.backends.ModelBackend"


class StaffLoginView(LoginView):
    """`/login/`, and `/admin/login/` and `/_util/login/` in Wagtail's place, so that all have one lockout."""

    template_name = "accounts/login.html"
    authentication_form = StaffLoginForm
    redirect_authenticated_user = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A form; but who is signed in and was sent here because the admin is not for them is led to their own work."""
        user = request.user
        wanted = request.GET.get("next", "")
        if isinstance(user, User) and wanted.startswith("/admin/") and not may_use_admin(user):
            return redirect(home_address(user))
        return super().get(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        user = self.request.user
        return home_address(user) if isinstance(user, User) else "/"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        self.request.session.set_expiry(STAFF_SESSION_S)
        return lockout.remember_device(response, form.get_user().get_username())

    def form_invalid(self, form: Any) -> HttpResponse:
        refusal = wording(form.refusal) if form.refusal else None
        status = 429 if isinstance(form.refusal, LoginLocked) else 200
        return self.render_to_response(self.get_context_data(form=form, refusal=refusal), status=status)


staff_login = method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")(
    StaffLoginView
).as_view()


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("new_password1", "new_password2")
def set_password(request: HttpRequest) -> HttpResponse:
    """`/password/`: where a one-time code leads the staff. An account that has a password is not touched here."""
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(request.get_full_path(), "/login/")
    if user.has_usable_password() or not services.is_staff_account(user):
        raise NotPermitted
    form = SetPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, user)
        return lockout.remember_device(redirect(home_address(user)), user.username)
    return render(request, "accounts/set_password.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    return redirect("/")


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("code")
def join(request: HttpRequest) -> HttpResponse:
    """`/join/`: type the code from the card."""
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _sign_in(request, form.cleaned_data["code"])
        except PersonError as error:
            return _refused(request, form, error)
    return render(request, "accounts/join.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
def join_with_code(request: HttpRequest, code: str) -> HttpResponse:
    """`/join/<code>/`, where the card's QR code leads: a GET only shows a button, so that a prefetch burns nothing."""
    context: dict[str, Any] = {"form": JoinForm(initial={"code": code})}
    try:
        if request.method == "POST":
            return _sign_in(request, code)
        lockout.check_not_locked(lockout.code_guesses(request))
        context["found"] = services.find_code(code)
    except PersonError as error:
        _count_guess(request, error)
        return _refused(request, context["form"], error)
    return render(request, "accounts/join_confirm.html", context)


def _refused(request: HttpRequest, form: JoinForm, error: PersonError) -> HttpResponse:
    context = {"form": form, "refusal": wording(error)}
    return render(request, "accounts/join.html", context, status=error.http_status)


def _sign_in(request: HttpRequest, code: str) -> HttpResponse:
    lockout.check_not_locked(lockout.code_guesses(request))
    try:
        user = services.use_code(code)
    except PersonError as error:
        _count_guess(request, error)
        raise
    login(request, user, backend=_BACKEND)
    if services.is_staff_account(user):
        request.session.set_expiry(STAFF_SESSION_S)
        return redirect("accounts:set_password")
    request.session.set_expiry(None)
    return redirect(translate_url("/me/?welcome=1", get_language() or settings.LANGUAGE_CODE))


def _count_guess(request: HttpRequest, error: PersonError) -> None:
    """Count what looks like guessing: a well-formed code that does not exist. Slips of the finger are not counted."""
    if isinstance(error, CodeUnknown):
        lockout.record_failure(lockout.code_guesses(request))

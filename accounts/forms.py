"""Forms for signing in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import lockout
from accounts.errors import LoginLocked, LoginWrong, PersonError


class StaffLoginForm(AuthenticationForm):
    """Account and password, with the lockout of `accounts.lockout`.

    A locked account is told before the password is looked at, and an account that does not exist is
    counted and locked like one that does.
    """

    refusal: PersonError | None = None
    """Why nobody was signed in, once that is so; None while only a field is empty."""

    def clean(self) -> dict[str, Any]:
        account = self.cleaned_data.get("username") or ""
        counters = lockout.password_guesses(self.request, account)
        self._refuse_if_locked(counters)
        try:
            cleaned = super().clean()
        except ValidationError:
            lockout.record_failure(counters)
            self._refuse_if_locked(counters)
            raise
        if self.user_cache is not None:
            lockout.clear(counters)
        return cleaned

    def _refuse_if_locked(self, counters: lockout.Counters) -> None:
        try:
            lockout.check_not_locked(counters)
        except LoginLocked as error:
            raise self._refused(error) from error

    def get_invalid_login_error(self) -> ValidationError:
        return self._refused(LoginWrong())

    def _refused(self, error: PersonError) -> ValidationError:
        self.refusal = error
        return ValidationError([error.zh, error.en], code=error.code)


class JoinForm(forms.Form):
    """The code on a printed card, as a person types it."""

    code = forms.CharField(
        label=_("激活码"),
        max_length=64,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "inputmode": "text",
                "placeholder": "XXXX-XXXX-XXXX-XXXX",
            }
        ),
        error_messages={"required": _("请输入卡片上的激活码。")},
    )

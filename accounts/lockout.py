"""Counting of failed log-ins (rules: `accounts.rules`): by account, by network address, and by known device.

A browser that signed in to an account before carries a signed cookie for that account. Its failures are counted by
themselves: whoever guesses elsewhere at the account, or behind the same address, cannot lock its owner out.
Codes typed from cards are counted apart from passwords.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.errors import LoginLocked
from accounts.models import LoginThrottle
from accounts.rules import (
    ACCOUNT_POLICY,
    ADDRESS_POLICY,
    CODE_POLICY,
    DEVICE_POLICY,
    Failures,
    LockoutPolicy,
    after_failure,
)

Scope = LoginThrottle.Scope
Counters = Mapping[str, str]
"""What a failure is counted under: scope → digest."""

DEVICE_COOKIE = "known-device"
DEVICE_AGE = timedelta(days=400)
_DEVICE_SALT = "accounts.known-device"
_POLICIES: dict[str, LockoutPolicy] = {
    Scope.ACCOUNT: ACCOUNT_POLICY,
    Scope.ADDRESS: ADDRESS_POLICY,
    Scope.CODES: CODE_POLICY,
    Scope.DEVICE: DEVICE_POLICY,
}


def client_address(request: HttpRequest) -> str:
    """The network address a request came from, as the server in front reports it."""
    return request.META.get("REMOTE_ADDR", "") or "unknown"


def _digest(scope: str, plain: str) -> str:
    return salted_hmac(f"accounts.lockout.{scope}", plain, algorithm="sha256").hexdigest()


def password_guesses(request: HttpRequest | None, account: str) -> Counters:
    """How a password for this account is counted when it comes from this browser."""
    device = _known_device(request, account)
    if device:
        return {Scope.DEVICE: _digest(Scope.DEVICE, device)}
    address = client_address(request) if request else "unknown"
    return {
        Scope.ADDRESS: _digest(Scope.ADDRESS, address),
        Scope.ACCOUNT: _digest(Scope.ACCOUNT, _folded(account)),
    }


def code_guesses(request: HttpRequest) -> Counters:
    """How a code from a card is counted: by address alone."""
    return {Scope.CODES: _digest(Scope.CODES, client_address(request))}


def check_not_locked(counters: Counters, *, now: datetime | None = None) -> None:
    """Raise `LoginLocked` when something counted here failed too often, known account or not."""
    now = now or timezone.now()
    locked = [
        row.locked_until
        for row in LoginThrottle.objects.filter(key__in=counters.values(), locked_until__gt=now)
        if row.locked_until
    ]
    if locked:
        raise LoginLocked(minutes=math.ceil((max(locked) - now).total_seconds() / 60))


def record_failure(counters: Counters, *, now: datetime | None = None) -> None:
    """Count one failure under each."""
    now = now or timezone.now()
    for scope, key in counters.items():
        with transaction.atomic():
            row, _ = LoginThrottle.objects.select_for_update().get_or_create(
                scope=scope, key=key, defaults={"first_failure_at": now}
            )
            before = Failures(row.failures, row.first_failure_at if row.failures else None, row.locked_until)
            after = after_failure(before, now, _POLICIES[scope])
            row.failures = after.count
            row.first_failure_at = after.first_at or now
            row.locked_until = after.locked_until
            row.save()


def clear(counters: Counters) -> None:
    """Forget the failures of an account or device after a successful log-in; the address keeps its count."""
    for scope in (Scope.ACCOUNT, Scope.DEVICE):
        if scope in counters:
            LoginThrottle.objects.filter(scope=scope, key=counters[scope]).delete()


def remember_device(response: HttpResponse, account: str) -> HttpResponse:
    """Mark the browser as one that signed in to this account; the cookie names nobody."""
    marked = {"account": _digest(Scope.ACCOUNT, _folded(account)), "device": secrets.token_hex(16)}
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps(marked, salt=_DEVICE_SALT),
        max_age=DEVICE_AGE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def _known_device(request: HttpRequest | None, account: str) -> str:
    """The device's id when its cookie is ours and for this account, else ""."""
    signed = request.COOKIES.get(DEVICE_COOKIE, "") if request else ""
    try:
        marked = signing.loads(signed, salt=_DEVICE_SALT, max_age=DEVICE_AGE)
    except signing.BadSignature:
        return ""
    return str(marked["device"]) if marked["account"] == _digest(Scope.ACCOUNT, _folded(account)) else ""


def _folded(account: str) -> str:
    return account.strip().casefold()

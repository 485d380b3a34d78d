"""Counting of failed log-ins, by account and by network address (rules: `accounts.rules`)."""

from __future__ import annotations

import math
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.errors import LoginLocked
from accounts.models import LoginThrottle
from accounts.rules import ACCOUNT_POLICY, ADDRESS_POLICY, Failures, LockoutPolicy, after_failure

_POLICIES: dict[str, LockoutPolicy] = {
    LoginThrottle.Scope.ACCOUNT: ACCOUNT_POLICY,
    LoginThrottle.Scope.ADDRESS: ADDRESS_POLICY,
}


def client_address(request: HttpRequest) -> str:
    """The network address a request came from, as the server in front reports it."""
    return request.META.get("REMOTE_ADDR", "") or "unknown"


def _keys(account: str, address: str) -> dict[str, str]:
    """Digest of the key by scope; an empty account (the code form) is counted by address alone."""
    plain = {LoginThrottle.Scope.ADDRESS: address}
    if account:
        plain[LoginThrottle.Scope.ACCOUNT] = account.strip().casefold()
    return {
        scope: salted_hmac(f"accounts.lockout.{scope}", value, algorithm="sha256").hexdigest()
        for scope, value in plain.items()
    }


def check_not_locked(*, account: str, address: str, now: datetime | None = None) -> None:
    """Raise `LoginLocked` when the account or the address failed too often, known account or not."""
    now = now or timezone.now()
    locked = [
        row.locked_until
        for row in LoginThrottle.objects.filter(key__in=_keys(account, address).values(), locked_until__gt=now)
        if row.locked_until
    ]
    if locked:
        raise LoginLocked(minutes=math.ceil((max(locked) - now).total_seconds() / 60))


def record_failure(*, account: str, address: str, now: datetime | None = None) -> None:
    """Count one failure for the account and one for the address."""
    now = now or timezone.now()
    for scope, key in _keys(account, address).items():
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


def clear(*, account: str) -> None:
    """Forget an account's failures after a successful log-in; the address keeps its count."""
    key = _keys(account, "")[LoginThrottle.Scope.ACCOUNT]
    LoginThrottle.objects.filter(scope=LoginThrottle.Scope.ACCOUNT, key=key).delete()

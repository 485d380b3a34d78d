"""Devices of the members whom a secretary or an administrator answers for; a lost one is revoked here."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import SignInFirst
from accounts.models import User
from offline.sync import selectors, services
from offline.sync.errors import DeviceNotFound, NotAllowedToRevoke
from offline.sync.models import Device


@never_cache
@require_safe
def device_list(request: HttpRequest) -> HttpResponse:
    """Template `sync/devices.html`: `devices` (with `member` and `member.branch`), `bundles` for review."""
    user = _user(request)
    if not selectors.may_see_devices(user):
        raise NotAllowedToRevoke
    context = {"devices": selectors.devices_for(user), "bundles": selectors.bundles_for_review(user)}
    return render(request, "sync/devices.html", context)


@require_POST
def revoke(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Revoke one device and show the list again."""
    device = Device.objects.select_related("member__branch").filter(device_id=device_id).first()
    if device is None:
        raise DeviceNotFound
    services.revoke_device(device=device, by=_user(request), at=timezone.now())
    messages.success(request, _("已停用。这部手机以后交来的记录会先转人工复核；以前的记录不受影响。"))
    return redirect("devices:list")


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise SignInFirst
    return request.user

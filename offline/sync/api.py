"""JSON views of devices and record bundles (docs/spec/record-sync.md §1, §4).

A PersonError becomes its one JSON shape in the middleware.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import SignInFirst
from education.members.errors import NotAMember
from education.members.models import PartyMember
from education.members.selectors import member_of
from offline.canonical import strict_json
from offline.sync import protocol, services
from offline.sync.errors import BundleTooLarge, ProofInvalid

CHALLENGE_SECONDS = 600
CHALLENGE_SALT = "gyxf.device.challenge"
SESSION_KEY = "device_challenge"
MAX_REGISTRATION_BYTES = 4096


@require_GET
@ensure_csrf_cookie
@cache_control(no_store=True)
def challenge(request: HttpRequest) -> HttpResponse:
    """A challenge for the signed-in member, to be signed by the phone's new key."""
    member = _member(request)
    token = signing.dumps([str(member.member_id), secrets.token_hex(16)], salt=CHALLENGE_SALT)
    request.session[SESSION_KEY] = token
    # The pseudonym tells a shared phone whether its present log is this member's.
    return JsonResponse(
        {"challenge": token, "expires_in": CHALLENGE_SECONDS, "member_pseudonym": str(member.member_id)}
    )


@require_POST
@cache_control(no_store=True)
def devices(request: HttpRequest) -> HttpResponse:
    """Register the phone's public key against a signed challenge."""
    member = _member(request)
    document = _registration(request)
    token = str(document.get("challenge") or request.session.get(SESSION_KEY, ""))
    _check_challenge(token, member)
    device = services.register_device(
        member=member,
        public_key=str(document.get("public_key", "")),
        proof=str(document.get("proof", "")),
        challenge=token,
    )
    return JsonResponse({"device_id": str(device.device_id), "member_pseudonym": str(member.member_id)})


@csrf_exempt
@require_POST
@cache_control(no_store=True)
def records(request: HttpRequest) -> HttpResponse:
    """Take a bundle; the device's signature inside is the only authority, so neither session nor CSRF token matter."""
    limit = protocol.MAX_BUNDLE_BYTES
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced[:12]) > limit:
        raise BundleTooLarge(limit=limit)
    body = request.read(limit + 1)
    return JsonResponse(services.ingest_bundle(body, received_at=timezone.now()).as_dict())


def _member(request: HttpRequest) -> PartyMember:
    if not request.user.is_authenticated:
        raise SignInFirst
    member = member_of(request.user)
    if member is None:
        raise NotAMember
    return member


def _registration(request: HttpRequest) -> dict[str, Any]:
    try:
        document = strict_json(request.read(MAX_REGISTRATION_BYTES))
    except ValueError as error:
        raise ProofInvalid from error
    if not isinstance(document, dict):
        raise ProofInvalid
    return document


def _check_challenge(token: str, member: PartyMember) -> None:
    try:
        owner, _nonce = signing.loads(token, salt=CHALLENGE_SALT, max_age=CHALLENGE_SECONDS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise ProofInvalid from error
    if owner != str(member.member_id):
        raise ProofInvalid

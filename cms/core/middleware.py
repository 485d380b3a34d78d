"""Two courtesies of the admin: an expired sign-in answers JSON callers in JSON, and a `PersonError` is told, not
a server error shown."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.errors import PersonError
from cms.core.errors import SessionExpired, StillInUse

_MOST_NAMED = 3


def wants_json(request: HttpRequest) -> bool:
    """Whether a script or an uploader asks, to whom a log-in page says nothing."""
    return "application/json" in request.headers.get("Accept", "") or "Tus-Resumable" in request.headers


def _still_in_use(error: ProtectedError | RestrictedError) -> StillInUse:
    """What stands in the way of a deletion, by kind and name, as far as a message can hold."""
    found = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    holders = sorted({f"{type(one)._meta.verbose_name}「{str(one)[:60]}」" for one in found})
    more = "…" if len(holders) > _MOST_NAMED else ""
    return StillInUse(names="、".join(holders[:_MOST_NAMED]) + more)


class AdminCourtesyMiddleware:
    """Stands after authentication and messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Before the body is parsed and before CSRF is checked: a sign-in that expired is what must be said.
        if self._in_admin(request) and wants_json(request) and not request.user.is_authenticated:
            error = SessionExpired()
            return JsonResponse(error.as_dict(), status=error.http_status)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Tell a person error and lead back to where the person was."""
        if isinstance(exception, ProtectedError | RestrictedError):
            exception = _still_in_use(exception)
        if not isinstance(exception, PersonError) or not self._in_admin(request):
            return None
        if wants_json(request) or request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return JsonResponse(exception.as_dict(), status=exception.http_status)
        messages.error(request, f"{exception.zh} {exception.en}")
        back = request.headers.get("Referer", "")
        leads_here = request.method == "GET" and urlsplit(back).path == request.path
        if leads_here or not url_has_allowed_host_and_scheme(
            back, {request.get_host()}, require_https=request.is_secure()
        ):
            back = reverse("wagtailadmin_home")
        return HttpResponseRedirect(back)

    @staticmethod
    def _in_admin(request: HttpRequest) -> bool:
        return request.path.startswith(reverse("wagtailadmin_home"))

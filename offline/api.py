"""What the JSON views of this layer share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.errors import PersonError

P = ParamSpec("P")


def json_errors(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Turn a PersonError into its one JSON shape and status; nothing of an API is cached."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except PersonError as error:
            response = JsonResponse(error.as_dict(), status=error.http_status)
        response.setdefault("Cache-Control", "no-store")
        return response

    return wrapped

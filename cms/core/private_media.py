"""Uploaded files are private: the admin shows them to its people, the public tree has what was published."""

from __future__ import annotations

import mimetypes
from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.selectors import may_use_admin

_INERT = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def may_see_uploads(user: Any) -> bool:
    """Whoever may use the admin: uploads may be drafts, withdrawn, or originals."""
    return may_use_admin(user)


@require_safe
def uploaded_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file of the media storage, for previews in the admin; for everybody else there is none."""
    if not may_see_uploads(request.user):
        raise Http404
    try:
        file = default_storage.open(name, "rb")
    except (OSError, SuspiciousFileOperation, ValueError) as error:
        raise Http404 from error
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return FileResponse(file, content_type=kind, headers=_INERT)

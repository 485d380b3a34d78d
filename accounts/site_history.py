"""Wagtail's report of everything that anybody did in the admin: it names rows of every organisation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.reports.audit_logging import LogEntriesView

from accounts.errors import NotPermitted


@require_admin_access
def site_history(request: HttpRequest, *, results_only: bool = False) -> HttpResponseBase:
    """The report, its list alone and its exports, for superusers; each row's own history stays beside the row."""
    if not request.user.is_superuser:
        raise NotPermitted
    view: Any = LogEntriesView.as_view(results_only=results_only)
    answer: HttpResponseBase = view(request)
    return answer

"""Wagtail's page for doing something to many rows at once: it names whatever row an id is sent of."""

from __future__ import annotations

from django.apps import apps
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.bulk_action import index

from accounts.viewsets import Reach


@require_admin_access
def bulk_action(request: HttpRequest, app_label: str, model_name: str, action: str) -> HttpResponseBase:
    """The page, for rows within reach; `all` of them is for those who see every organisation."""
    try:
        model = apps.get_model(app_label, model_name)
    except LookupError as error:
        raise Http404 from error
    viewset = getattr(model, "snippet_viewset", None)
    if isinstance(viewset, Reach) and not request.user.is_superuser:
        asked = set(request.GET.getlist("id"))
        try:
            reached = set(viewset.within(request.user, model._default_manager.filter(pk__in=asked)).values_list("pk"))
        except (ValueError, ValidationError) as error:
            raise Http404 from error
        if len(reached) < len(asked):
            raise Http404
    answer: HttpResponseBase = index(request, app_label, model_name, action)
    return answer

"""Views of the review that Wagtail keeps from those who hold no page of their own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from wagtail.admin.views.generic.models import RevisionsCompareView as AnyCompareView
from wagtail.admin.views.pages.revisions import RevisionsCompareView


class ReviewedPageCompareView(RevisionsCompareView):
    """Two revisions side by side, for whoever may open the page's edit view (reviewers, while they decide).

    Wagtail's own asks for a page right besides, which reviewers must not have: it is a right to write.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return AnyCompareView.dispatch(self, request, *args, **kwargs)

"""What is printed for a package: an A5 card to hand out and a blank roster. Neither holds a member's name.

Both are whole pages of their own, public like the package, and need no JavaScript: the browser prints them.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from education.members.card_address import card_address, qr_picture
from offline.packages import contents, selectors

LESSONS_ON_PAPER = 14
"""So many lessons are named on one page; of more, their number."""
ROSTER_ROWS = range(1, 21)


@require_safe
def card(request: HttpRequest, package_id: UUID) -> HttpResponse:
    """Template `packages/card.html`: `package`, `lessons`, `left_out`, `address` and its picture `qr`."""
    address = card_address(
        request.build_absolute_uri(reverse("packages:package", args=[package_id])),
        settings.WAGTAILADMIN_BASE_URL,
        settings.LAN_ADDRESS,
    )
    return _printed(request, "card", package_id, address=address, qr=qr_picture(address))


@require_safe
def roster(request: HttpRequest, package_id: UUID) -> HttpResponse:
    """Template `packages/roster.html`: `package`, `lessons`, `left_out` and the numbers of its empty `rows`."""
    return _printed(request, "roster", package_id, rows=ROSTER_ROWS)


def _printed(request: HttpRequest, name: str, package_id: UUID, **context: object) -> HttpResponse:
    package = selectors.published_package(package_id)
    lessons = contents.lesson_rows(package.materials)
    shown = {
        "package": package,
        "lessons": lessons[:LESSONS_ON_PAPER],
        "left_out": max(0, len(lessons) - LESSONS_ON_PAPER),
        "quizzes": contents.quiz_rows(package_id),
    }
    return render(request, f"packages/{name}.html", {**shown, **context})

"""Pages of packages: rendered on the server, so that they work without JavaScript; the same templates' shell is what
the service worker shows offline. An unknown package raises PackageUnknown, which the middleware makes a 404 page.

Every page's context has `trusted_root`: the text of `1.root.json`, safe inside
`<script type="application/json" id="trusted-root">`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from offline.packages import contents, selectors
from offline.packages.errors import PackageUnknown
from offline.packages.repository import default_publisher


@require_safe
def package_list(request: HttpRequest) -> HttpResponse:
    """Template `packages/list.html`: `packages` (list of dicts as in the API, newest first), `trusted_root`."""
    return _page(request, "list", packages=[package.as_dict() for package in selectors.published_packages()])


@require_safe
def package_detail(request: HttpRequest, package_id: UUID) -> HttpResponse:
    """Template `packages/package.html`.

    Context: `package` (dict as in the API), `package_data` (the same for JavaScript, with the lists `lessons` and
    `quizzes`), `lessons` (list of contents.LessonRow: without JavaScript each offers `audio` and `muxed` as plain
    links), `quizzes` (list of contents.QuizRow), `trusted_root`.
    """
    return _page(request, "package", **_package_context(package_id))


@require_safe
def package_lesson(request: HttpRequest, package_id: UUID, material_id: UUID) -> HttpResponse:
    """Template `packages/lesson.html`: what `package_detail` has, `lesson` (contents.LessonRow) and `player_data` (the
    player's JSON as `cms.lessons.selectors.player_data` gives it).
    """
    context = _package_context(package_id)
    lesson = next((row for row in context["lessons"] if row.material == material_id), None)
    if lesson is None:
        raise PackageUnknown
    return _page(request, "lesson", lesson=lesson, player_data=contents.player_data_of(material_id), **context)


@require_safe
def package_quiz(request: HttpRequest, package_id: UUID, quiz_id: UUID) -> HttpResponse:
    """Template `packages/quiz.html`: what `package_detail` has, and `quiz` (the document, offline-package.md §2.5)."""
    quiz = contents.quiz_of_package(package_id, quiz_id)
    if quiz is None:
        raise PackageUnknown
    return _page(request, "quiz", quiz=quiz, **_package_context(package_id))


@require_safe
def package_shell(request: HttpRequest) -> HttpResponse:
    """Template `packages/shell.html`: `trusted_root` alone. Kept by the service worker, so nothing personal in it."""
    response = _page(request, "shell")
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """`/sw.js` with the scope of the whole site; always asked for again, so that a fix reaches every phone."""
    path = Path(settings.BASE_DIR) / "web" / "dist" / "sw.js"
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise Http404("web/dist/sw.js: run `npm --prefix web run build`") from error
    headers = {"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"}
    return HttpResponse(content, content_type="text/javascript; charset=utf-8", headers=headers)


def _package_context(package_id: UUID) -> dict[str, Any]:
    package = selectors.published_package(package_id)
    lessons = contents.lesson_rows(package.materials)
    quizzes = contents.quiz_rows(package_id)
    data = {
        **package.as_dict(),
        "lessons": [
            {"material": str(row.material), "title": row.title, "minutes": row.minutes, "url": row.url}
            for row in lessons
        ],
        "quizzes": [{"material": str(row.material), "title": row.title} for row in quizzes],
    }
    return {"package": package.as_dict(), "package_data": data, "lessons": lessons, "quizzes": quizzes}


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    return render(request, f"packages/{name}.html", {"trusted_root": trusted_root(), **context})


def trusted_root() -> SafeString:
    """`1.root.json` for a page (docs/spec/offline-package.md §3.4): 1.5 KB from the disk's cache."""
    text = default_publisher().trusted_root().decode("utf-8").replace("<", "\\u003c")
    return mark_safe(text)  # noqa: S308 - our own signed JSON, with every "<" escaped

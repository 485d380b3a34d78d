"""The health page: everybody learns whether the site works, staff also what does not and why."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.health.checks import Finding, examine

FOR_EVERYBODY_S = 5
"""The checks write a file and start a program: strangers can make that happen once in this time."""
_CACHE_KEY = "health-findings"


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 when everything vital works, else 503; JSON by `?format=json` or the Accept header."""
    is_staff = bool(getattr(request, "user", None) and request.user.is_staff)
    findings = _findings(fresh=is_staff)
    status = 200 if all(finding.ok for finding in findings if finding.is_vital) else 503
    if _wants_json(request):
        response: HttpResponse = JsonResponse(_as_dict(findings, is_staff), status=status)
    else:
        context = {"findings": findings, "all_ok": all(f.ok for f in findings), "show_details": is_staff}
        response = render(request, "health/health.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers; looks at nothing else."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


def _findings(*, fresh: bool) -> list[Finding]:
    findings: list[Finding] | None = None if fresh else cache.get(_CACHE_KEY)
    if findings is None:
        findings = examine()
        cache.set(_CACHE_KEY, findings, FOR_EVERYBODY_S)
    return findings


def _wants_json(request: HttpRequest) -> bool:
    return request.GET.get("format") == "json" or request.headers.get("accept", "").startswith("application/json")


def _as_dict(findings: list[Finding], is_staff: bool) -> dict[str, object]:
    checks = {f.name: {"ok": f.ok, **({"detail": f.detail} if is_staff else {})} for f in findings}
    return {"ok": all(finding.ok for finding in findings), "checks": checks}

"""Loading the demo: what is quick at once, the lectures by the workers afterwards."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction
from wagtail.signal_handlers import disable_reference_index_auto_update

from accounts.errors import PersonError
from accounts.services import find_code
from cms.core.bootstrap import ensure_site
from demo import authoring, lectures, people, study
from demo.library import demo_id, library
from demo.tasks import rebuild_reference_index
from offline.packages.models import OfflinePackage

CODES_FILE = "demo-codes.json"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the person who starts the demo needs to know: one-time codes that still work, by member."""

    codes: dict[str, str]


def load(today: date) -> Loaded:
    """Load whatever is not there; all of the quick part or nothing of it."""
    first_time = not OfflinePackage.objects.filter(package_id=demo_id("package", "winter-spring")).exists()
    with disable_reference_index_auto_update(), transaction.atomic():
        codes = _load_quick_part(today)
    if first_time:
        # One pass over everything instead of six hundred tasks that stand before the first lecture.
        rebuild_reference_index.enqueue()
    if codes:
        _keep_codes(codes)
    lectures.start_loading()
    return Loaded(unused_codes())


def _load_quick_part(today: date) -> dict[str, str]:
    content = library()
    skeleton = ensure_site()
    organisations = people.load_organisations(content)
    accounts = people.load_accounts(content, organisations, skeleton)
    members = people.load_members(content, organisations, accounts, today)
    people.load_hours(content, organisations, members, accounts["secretary"], today)
    desk = authoring.Desk.of(accounts)
    teachers = authoring.load_teachers(content, desk, today)
    authoring.load_outlines(content, skeleton, desk, teachers, today)
    authoring.load_places(content, skeleton, desk)
    quizzes = study.load_quizzes(content, desk)
    study.load_package(content, organisations, quizzes, desk, today)
    return people.issue_first_codes(content, members, accounts)


def _codes_path() -> Path:
    return Path(settings.STATE_DIR) / CODES_FILE


def _keep_codes(codes: dict[str, str]) -> None:
    """The database keeps digests only: a start after the first could not print the code again without this file."""
    path = _codes_path()
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as out:
        json.dump(codes, out, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    partial.chmod(0o600)
    partial.replace(path)


def unused_codes() -> dict[str, str]:
    """The demo's printed codes that nobody has used: member → code."""
    if not _codes_path().exists():
        return {}
    kept: dict[str, str] = json.loads(_codes_path().read_text(encoding="utf-8"))
    return {name: code for name, code in kept.items() if _usable(code)}


def _usable(code: str) -> bool:
    try:
        find_code(code)
    except PersonError:
        return False
    return True

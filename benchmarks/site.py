"""The content that is measured: a published outline with lessons, a site, a teacher."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tests.factories import cms

SUBTITLE = "WEBVTT\n\n00:00:01.000 --> 00:00:05.000\n三江源是中华水塔。\n"
LESSONS = 12


@dataclass(frozen=True)
class Site:
    """Addresses of public pages by name."""

    addresses: dict[str, str]


@cache
def site() -> Site:
    """Make it once."""
    outline = cms.make_outline(title="三江源与中华水塔")
    unit = cms.make_unit(outline)
    lesson = None
    for number in range(LESSONS):
        lesson = cms.make_lesson(
            unit, published=True, title=f"守好中华水塔 第{number + 1}讲", subtitles={"zh-hans": SUBTITLE.encode()}
        )
    place = cms.make_site(title="原子城纪念馆")
    teacher = cms.make_teacher()
    assert lesson is not None
    return Site(
        {
            "home": "/",
            "courses": "/courses/",
            "outline": outline.get_url(),
            "lesson": lesson.get_url(),
            "sites": "/sites/",
            "site": place.get_url(),
            "teachers": "/teachers/",
            "teacher": f"/teachers/{teacher.material_id}/",
            "packages": "/packages/",
            "search": "/search/?q=%E6%B0%B4%E5%A1%94",
        }
    )

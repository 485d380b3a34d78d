"""The winter-spring training's plan, as a document to print, and how a recording stands to it. Pure.

The plan is domain.md §4's: 180 minutes, one third of them cases. What the demo synthesises is an excerpt of each
lesson; the platform counts the minutes that it plays, and the plan stands beside it.
"""

from __future__ import annotations

from demo.library import Lecture, Library

KINDS = {
    "lecture": "党课",
    "film": "党员教育片",
    "warning": "警示教育",
    "role_model": "先进典型",
    "skill": "实用技术",
    "case": "案例",
}


def kind_of(lecture: Lecture) -> str:
    """What sort of lesson the plan calls it."""
    return KINDS["case" if lecture.kind == "case" else lecture.genre]


def planned_minutes(library: Library) -> int:
    """The plan's sum."""
    return sum(lecture.planned_minutes for lecture in library.packed())


def planned_case_minutes(library: Library) -> int:
    """How much of the plan is cases."""
    return sum(lecture.planned_minutes for lecture in library.packed() if lecture.kind == "case")


def summary_with_excerpt(lecture: Lecture) -> str:
    """A lesson's summary that says what its recording is."""
    return f"{lecture.summary}（演示录像为节选，全课计划 {lecture.planned_minutes} 分钟；学时按录像实长计。）"


def plan_title(library: Library) -> str:
    """The document's name."""
    return f"{library.package['campaign']}教学计划（演示）"


def plan_text(library: Library) -> str:
    """The plan to print: one line a lesson, and the sums."""
    rows = [
        f"{number:>2}  {lecture.planned_minutes:>3} 分钟  {kind_of(lecture)}  {lecture.title}"
        for number, lecture in enumerate(library.packed(), start=1)
    ]
    total, cases = planned_minutes(library), planned_case_minutes(library)
    lines = [
        plan_title(library),
        "",
        *rows,
        "",
        f"合计 {total} 分钟，其中案例 {cases} 分钟。",
        "演示录像是各课的节选，比计划短；平台上显示和计入自学学时的分钟数，按录像的真实长度。",
    ]
    return "\n".join(lines) + "\n"

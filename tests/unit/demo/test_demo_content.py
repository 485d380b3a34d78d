"""The demo's content holds what domain.md §4 asks for, and its rules of making."""

from __future__ import annotations

import io
import re
import wave
from pathlib import Path

import pytest
from PIL import Image

from demo import landscape, plan
from demo.chime import RATE_HZ, write_chime
from demo.library import demo_id, library
from demo.progress import State, next_steps
from education.classroom.rules import answer_problems

PICTOGRAMS = Path(__file__).resolve().parents[3] / "web" / "templates" / "pictograms"
MOST_SECONDS = 20 * 60
CHARACTERS_A_SECOND = 3.0


def test_there_are_ten_outlines_of_two_or_three_units_and_at_least_twenty_lessons() -> None:
    outlines = library().outlines
    assert len(outlines) == 10
    assert all(2 <= len(outline.units) <= 3 for outline in outlines)
    assert len(library().lectures()) >= 20


def test_every_key_is_used_once() -> None:
    slugs = [lecture.slug for lecture in library().lectures()]
    assert len(slugs) == len(set(slugs))
    assert len({demo_id("lecture", slug) for slug in slugs}) == len(slugs)


def test_every_lecture_can_be_made() -> None:
    teachers = {row["key"] for row in library().teachers}
    for lecture in library().lectures():
        assert lecture.teacher in teachers, lecture.slug
        assert lecture.summary and lecture.slides and lecture.narration, lecture.slug
        assert all(len(line) <= 70 for line in lecture.narration), lecture.slug
        assert not any(re.search(r"[A-Za-z0-9]", line) for line in lecture.narration), lecture.slug
        assert sum(map(len, lecture.narration)) / CHARACTERS_A_SECOND < MOST_SECONDS


def test_the_plan_is_a_hundred_and_eighty_minutes_one_third_of_them_cases() -> None:
    packed = library().packed()
    assert [lecture.planned_minutes for lecture in packed] == [20, 12, 12, 12, 12, 30, 30, 10, 8, 10, 12, 12]
    assert plan.planned_minutes(library()) == 180
    assert plan.planned_case_minutes(library()) * 3 == 180
    assert [lecture.amdo_placeholder for lecture in packed].count(True) == 4
    assert [lecture.genre for lecture in packed][7:] == ["film", "warning", "role_model", "skill", "skill"]


def test_the_printed_plan_names_every_lesson_and_its_sums_and_says_that_recordings_are_excerpts() -> None:
    text = plan.plan_text(library())
    for lecture in library().packed():
        assert f"{lecture.planned_minutes} 分钟  {plan.kind_of(lecture)}  {lecture.title}" in text
    assert "合计 180 分钟，其中案例 60 分钟" in text
    assert "节选" in text


def test_every_summary_says_that_the_recording_is_an_excerpt_of_a_planned_lesson() -> None:
    for lecture in library().lectures():
        said = plan.summary_with_excerpt(lecture)
        assert said.startswith(lecture.summary)
        assert "节选" in said and f"计划 {lecture.planned_minutes} 分钟" in said


def test_the_first_lecture_to_be_made_is_the_first_lesson() -> None:
    assert library().lectures()[0].title.startswith("守好中华水塔")


def test_eight_sites_stand_in_qinghai_and_twelve_teachers_have_no_telephone() -> None:
    sites = library().places["red_sites"]
    assert len(sites) == 8
    for site in sites:
        assert 31 < float(site["latitude"]) < 39.5 and 89 < float(site["longitude"]) < 103.5
        assert site["opening"] and 1600 < site["altitude_m"] < 5000
    assert len(library().teachers) == 12
    assert not any(re.search(r"\d{7,}", str(row)) for row in library().teachers)


def test_at_least_two_sites_have_a_picture_that_says_it_is_drawn() -> None:
    pictures = [site["picture"] for site in library().places["red_sites"] if "picture" in site]
    assert len(pictures) >= 2
    for picture in pictures:
        assert "示意图" in picture["caption"] and "不是照片" in picture["caption"]
        assert picture["scene"] in landscape.SCENES


@pytest.mark.parametrize("scene", sorted(landscape.SCENES))
def test_a_drawn_landscape_is_small_and_the_same_each_time(scene: str) -> None:
    drawn = landscape.draw(scene, 7)
    assert drawn == landscape.draw(scene, 7) != landscape.draw(scene, 8)
    assert len(drawn) < 150_000
    with Image.open(io.BytesIO(drawn)) as picture:
        assert picture.size == (landscape.WIDTH, landscape.HEIGHT)


def test_the_quiz_has_ten_questions_that_can_be_read_as_pictures() -> None:
    (quiz,) = library().quizzes
    assert len(quiz["questions"]) == 10
    for question in quiz["questions"]:
        keys = "abcd"[: len(question["answers"])]
        answers = [{"key": key, "text": text} for key, (text, _bo, _p) in zip(keys, question["answers"], strict=True)]
        assert answer_problems(answers, question["correct"]) == []
        pictures = [pictogram for _text, _bo, pictogram in question["answers"]]
        assert len(set(pictures)) == len(pictures)
        for name in [question["pictogram"], *pictures]:
            assert (PICTOGRAMS / f"{name}.svg").is_file(), name
        assert question["text_bo"] and all(bo for _text, bo, _pictogram in question["answers"])
    assert len({question["correct"] for question in quiz["questions"]}) == 3


def test_names_are_roles_and_no_person_is_described_beyond_what_is_kept() -> None:
    members = library().people["members"]
    assert all(set(row) <= {"key", "name", "branch", "duty", "account", "code", "months_in_post"} for row in members)


def test_the_placeholder_is_a_chime_and_silence(tmp_path: Path) -> None:
    write_chime(tmp_path / "chime.wav", 30.0)
    with wave.open(str(tmp_path / "chime.wav")) as sound:
        assert sound.getnframes() == 30 * RATE_HZ
        samples = sound.readframes(30 * RATE_HZ)
    loud = [
        n for n in range(0, len(samples), 2) if abs(int.from_bytes(samples[n : n + 2], "little", signed=True)) > 500
    ]
    assert loud
    assert len(loud) < 0.2 * 30 * RATE_HZ


MISSING, REVIEWABLE, LIVE, COMPLETE, FAILED = (
    State.MISSING,
    State.REVIEWABLE,
    State.LIVE,
    State.COMPLETE,
    State.FAILED,
)


@pytest.mark.parametrize(
    ("states", "asked", "make", "publish", "build", "finished"),
    [
        ({"a": MISSING, "b": MISSING}, False, "a", (), False, False),
        ({"a": REVIEWABLE, "b": MISSING}, False, "b", ("a",), False, False),
        ({"a": State.TRANSCODING, "b": MISSING}, False, "b", (), False, False),
        ({"a": LIVE, "b": LIVE}, False, None, (), False, False),
        ({"a": COMPLETE, "b": MISSING}, False, "b", (), True, False),
        ({"a": COMPLETE, "b": MISSING}, True, "b", (), False, False),
        ({"a": COMPLETE, "b": COMPLETE}, False, None, (), True, False),
        ({"a": COMPLETE, "b": COMPLETE}, True, None, (), False, True),
        ({"a": COMPLETE, "b": FAILED}, True, None, (), False, True),
        ({"a": FAILED, "b": COMPLETE}, False, None, (), False, True),
    ],
)
def test_what_is_due_follows_from_the_states(
    states: dict[str, State], asked: bool, make: str | None, publish: tuple[str, ...], build: bool, finished: bool
) -> None:
    steps = next_steps(states, ["a"], package_asked_for=asked)
    assert (steps.make, steps.publish, steps.build_package, steps.finished) == (make, publish, build, finished)

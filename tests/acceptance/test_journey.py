"""The main job, end to end: a lecture is uploaded at a desk and watched on a pasture without a network."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import journey as desk
from tests.acceptance import journey_members as members
from tests.acceptance.browser import chromium
from tests.acceptance.journey import Journey
from tests.acceptance.product import Product, free_port
from tests.lecture_maker import make_lecture
from tests.throttling_proxy import ThrottlingProxy

LECTURE_S = float(os.environ.get("JOURNEY_LECTURE_S", "600"))
"""Ten minutes; a shorter one is for trying a step by hand."""
HERDER = "牧民党员扎西"
TWO_CHARACTERS = "水塔"
ARRIVED = """
import json
from django.utils import timezone
from education.records.models import LearningRecord
from education.hours.models import StudyHoursEntry
from cms.lessons.models import Lesson
from offline.sync.models import RecordBundle
from offline.sync.protocol import parse_bundle, verify_bundle
from offline.sync.services import ingest_bundle
proved = 0
for stored in RecordBundle.objects.select_related("device"):
    proved += len(verify_bundle(parse_bundle(bytes(stored.content)), bytes.fromhex(stored.device.public_key)))
    ingest_bundle(bytes(stored.content), received_at=timezone.now())
rows = LearningRecord.objects.order_by("sequence")
(answered,) = rows.filter(verb="answered")
print(json.dumps({
    "proved": proved,
    "answers": json.loads(bytes(answered.line))["result"]["response"],
    "verbs": [row.verb for row in rows],
    "statuses": sorted({row.status for row in rows}),
    "places": len({(row.device_id, row.epoch, row.sequence) for row in rows}),
    "nominal": Lesson.objects.get(live=True).nominal_minutes,
    "hours": list(StudyHoursEntry.objects.values_list("column", "minutes")),
}))
"""


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    running = Product(tmp_path / "state", free_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture
def journey(product: Product, tmp_path: Path) -> Iterator[Journey]:
    people = json.loads(
        product.manage(
            "shell", "-v", "0", script="from tests.acceptance.journey_people import main\nmain()\n"
        ).splitlines()[-1]
    )
    lecture = make_lecture(tmp_path / "lecture.mp4", duration_s=LECTURE_S, slides=22)
    subtitles = tmp_path / "lecture.vtt"
    subtitles.write_text(lecture.vtt(), encoding="utf-8")
    with chromium() as browser:
        made = Journey(product, browser, people, lecture.path, subtitles)
        made.cues = [(cue.start_s, cue.text) for cue in lecture.cues]
        yield made
        for context in made.contexts:
            context.close()


def said_once(journey: Journey) -> tuple[float, str]:
    """A phrase of the lecture that is said at one moment only, and that second; not in the first minute."""
    openings = [text.split("，")[0] for _, text in journey.cues]
    late = [(at, text.split("，")[0]) for at, text in journey.cues if at > LECTURE_S * 0.4]
    return next((at, opening) for at, opening in late if openings.count(opening) == 1)


def test_a_lecture_reaches_the_pasture_and_its_records_come_back(journey: Journey, product: Product) -> None:
    branch, other = str(journey.people["branch"]), str(journey.people["other"])

    desk.upload_a_lesson(journey, limit_s=max(300.0, LECTURE_S * 2))
    desk.pass_two_reviews(journey)
    desk.publish_and_find_within_2_s(journey, TWO_CHARACTERS)

    with ThrottlingProxy("127.0.0.1", product.port, kbit_s=2000) as link:
        members.stream_at_300_kbit(journey, link, TWO_CHARACTERS, min(members.WATCH_S, LECTURE_S / 2))
        members.listen_at_64_kbit(journey, link)

    desk.compose_a_package(journey)

    members.open_an_account(journey, branch, HERDER)
    with ThrottlingProxy("127.0.0.1", product.port, kbit_s=4000) as link:
        phone = journey.phone(link.url)
        members.sign_in_with_the_code(journey, phone)
        members.refuse_the_code_twice(journey)
        members.refuse_another_branch(phone, other)
        members.get_the_package(journey, phone, link, "曲麻莱冬春训")
        package_url = phone.url
        members.learn_without_a_network(phone, link, journey.lesson_title)
        members.answer_the_quiz(phone, package_url)
        members.come_back_to_the_network(phone, link)

    arrived = product.ask(ARRIVED)
    assert sorted(arrived["verbs"]) == ["answered", "completed", "initialized"]
    assert arrived["statuses"] == ["accepted"]
    assert arrived["places"] == 3, "each record arrived exactly once, though its bundle came again"
    assert arrived["proved"] == 3, "each is signed by the phone's own key"
    assert list(arrived["answers"].values()) == ["a"] * members.QUESTIONS
    assert len(arrived["hours"]) == 1
    column, minutes = arrived["hours"][0]
    assert (column, minutes) == ("self_study", arrived["nominal"]), "finished alone: self-study, at nominal length"
    assert abs(minutes - LECTURE_S / 60) < 1, "nobody said how long it is, so it counts for as long as it plays"
    members.see_who_lacks_hours(journey, branch, HERDER, minutes)

    second, phrase = said_once(journey)
    members.jump_to_the_second(journey, phrase, second)

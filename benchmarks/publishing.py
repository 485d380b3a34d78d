"""How long after its last approval a lesson is found and can be streamed."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.test import Client

from benchmarks.site import SUBTITLE, site
from benchmarks.table import Line
from tests.factories import cms

LIMIT_S = 2.0
ROUNDS = 3


def measure() -> Iterator[Line]:
    """The slowest of a few rounds, from before the publication to the search's answer."""
    site()
    author, reviewers = cms.make_editor(), cms.make_reviewers()
    client = Client()
    found_s, streamed_s = [], []
    for number in range(ROUNDS):
        words = f"冬羔护理{'甲乙丙'[number]}"
        lesson = cms.make_lesson(title=words, author=author, subtitles={"zh-hans": SUBTITLE.encode()})
        started = time.perf_counter()
        cms.publish(lesson, author, reviewers)
        while words not in client.get("/search/", {"q": words}).content.decode().replace("<mark>", "").replace(
            "</mark>", ""
        ):
            if time.perf_counter() - started > 10 * LIMIT_S:
                raise RuntimeError("the lesson was never found")
            time.sleep(0.02)
        found_s.append(time.perf_counter() - started)
        assert client.get(f"/hls/{lesson.translation_key}/master.m3u8").status_code == 200
        streamed_s.append(time.perf_counter() - started)
    yield Line("publish → findable", max(found_s), "s", LIMIT_S)
    yield Line("publish → streamable", max(streamed_s), "s", LIMIT_S)

"""Plans, sizes and times in words; the reel's points as a picture."""

from __future__ import annotations

from typing import Any

import pytest

from media_pipeline.charts import HEIGHT, WIDTH, quality_chart
from media_pipeline.words import dropped_text, plan_sentences, reason_text, rung_label, share_text, size_text, span_text


@pytest.mark.parametrize(
    ("length", "text"),
    [(0, "0 KB"), (1, "1 KB"), (640_000, "640 KB"), (12_340_000, "12.3 MB"), (1_240_000_000, "1.24 GB")],
)
def test_sizes(length: int, text: str) -> None:
    assert size_text(length) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 秒"), (40, "40 秒"), (89, "89 秒"), (90, "2 分钟"), (3000, "50 分钟"), (7500, "2 小时 5 分钟")],
)
def test_times(seconds: float, text: str) -> None:
    assert span_text(seconds) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, ""), (10, 10, ""), (20, 10, ""), (7, 100, "93%"), (4, 1000, "99.6%")],
)
def test_what_is_saved(part: float, whole: float, text: str) -> None:
    assert share_text(part, whole) == text


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("opus-16", "声音（Opus，省流量）"),
        ("deck", "图片版（幻灯片配声音）"),
        ("h264-240", "画面 240p（H.264）"),
        ("av1-480", "画面 480p（AV1）"),
        ("muxed-240", "画面加声音，一个文件（240p）"),
        ("unheard-of", "unheard-of"),
    ],
)
def test_names_of_rungs(name: str, label: str) -> None:
    assert rung_label(name) == label


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("decode status 1", "解不出来"),
        ("14 decode errors", "解不出来"),
        ("h264-240: 14.4 s / 30.0 s", "长度"),
        ("h264-240: 360 / 750 frames", "画面数"),
        ("opus-16: sidx 14.4 s", "长度"),
        ("h264-240: 130 kbit/s > 90", "太大"),
        ("muxed-240: streams differ", "不一致"),
        ("poster: no frame", "画面"),
        ("Conversion failed!", "转码程序报错"),
        ("", "转码程序报错"),
    ],
)
def test_a_technical_reason_in_an_editors_words(reason: str, told: str) -> None:
    assert told in reason_text(reason)


def test_a_known_reason_is_told_in_words_and_an_unknown_one_as_it_is() -> None:
    assert "大" in dropped_text("larger-than-source")
    assert dropped_text("because") == "because"


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({}, []),
        ({"rungs": ["opus-16"], "dropped": {}}, []),
        ({"class": "none"}, ["这个文件没有画面，只做声音。"]),
        ({"class": "talking"}, ["这节课主要是人在讲。", "所以不做图片版，流量都用在让人物清楚上。"]),
        (
            {
                "class": "mixed",
                "why": {"still_share": 0.5, "changes_a_minute": 2.0},
                "rungs": ["deck"],
                "rate": "30000/1001",
            },
            [
                "这节课既有幻灯片，也有人物或实景：画面 50% 的时间不动，平均每分钟换 2 次。",
                "所以另做了图片版：每页一张清楚的图片配声音，2G 信号也能看。",
                "画面每秒 29.97 帧。",
            ],
        ),
        (
            {"class": "slides", "why": {"still_share": 0.921}, "rate": "odd"},
            ["这节课主要是幻灯片：画面 92% 的时间不动。", "画面每秒 odd 帧。"],
        ),
        ({"class": "of a later version", "why": None, "rate": "25/0"}, ["画面每秒 25/0 帧。"]),
    ],
)
def test_a_plan_in_words(plan: dict[str, Any], said: list[str]) -> None:
    assert plan_sentences(plan) == said


def test_the_chart_holds_every_trial_and_marks_the_chosen_one_and_the_target() -> None:
    chart = quality_chart([[25, 97.0, 60.0], [33, 90.0, 20.0], [29, 95.2, 31.0]], crf=29.4, target=95)
    assert chart is not None
    assert [point.crf for point in chart.points] == [33, 29, 25]
    assert [point.crf for point in chart.points if point.chosen] == [29]
    assert [point.x for point in chart.points] == sorted(point.x for point in chart.points)
    assert [point.y for point in chart.points] == sorted((point.y for point in chart.points), reverse=True)
    assert all(0 <= point.x <= WIDTH and 0 <= point.y <= HEIGHT for point in chart.points)
    assert chart.points[1].y < chart.target_y < chart.points[0].y
    assert (chart.lowest, chart.highest) == (90, 100)


@pytest.mark.parametrize("reel", [[], [[25, 97.0, 60.0]], [[1, 2], [3, 4]]])
def test_one_trial_is_no_chart(reel: list[list[float]]) -> None:
    assert quality_chart(reel, crf=None, target=None) is None


def test_equal_trials_make_a_flat_chart() -> None:
    chart = quality_chart([[20, 100.0, 0.0], [30, 100.0, 0.0]], crf=None, target=None)
    assert chart is not None and not any(point.chosen for point in chart.points)

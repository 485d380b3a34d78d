"""Tiles for the seek bar: few, small, and each where the WebVTT says."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_pipeline.presets import ladder
from media_pipeline.tiles import command, thumbnails, tiling

RUNG = ladder().sprite
assert RUNG is not None


@pytest.mark.parametrize(
    ("duration_s", "count", "step_s"),
    [(0.5, 1, 10), (10, 1, 10), (10.1, 2, 10), (120, 12, 10), (1000, 100, 10), (1001, 67, 15), (3600, 90, 40)],
)
def test_a_longer_film_has_no_more_than_a_hundred_tiles(duration_s: float, count: int, step_s: int) -> None:
    laid = tiling(426, 240, duration_s, RUNG)
    assert (laid.count, laid.step_s, laid.width, laid.height) == (count, step_s, 160, 90)
    assert laid.columns * (laid.rows - 1) < laid.count <= laid.columns * laid.rows
    assert laid.columns * laid.width <= 16_383 >= laid.rows * laid.height, "WebP's limit"


def test_a_portrait_film_has_portrait_tiles() -> None:
    laid = tiling(240, 426, 60, RUNG)
    assert (laid.width, laid.height) == (90, 160)


def test_cues_follow_each_other_to_the_end_and_name_the_place_in_the_sprite() -> None:
    laid = tiling(426, 240, 115.5, RUNG)
    lines = thumbnails(laid, 115.5, "ab" * 32).decode().split("\n\n")
    assert lines[0] == "WEBVTT"
    assert lines[1] == f"00:00:00.000 --> 00:00:10.000\n../ab/{'ab' * 32}?type=image%2Fwebp#xywh=0,0,160,90"
    assert lines[-1].startswith("00:01:50.000 --> 00:01:55.500\n")
    assert lines[-1].rstrip().endswith("#xywh=160,90,160,90")
    assert len(lines) == 13


def test_only_keyframes_of_one_of_our_own_files_are_decoded() -> None:
    laid = tiling(426, 240, 3600, RUNG)
    words = command(Path("/o/v"), laid, Path("/w/s.webp"), duration_s=3600, quality=30, executable="ffmpeg")
    opened = words[: words.index("-i")]
    assert opened[opened.index("-skip_frame") + 1] == "nokey"
    assert opened[opened.index("-protocol_whitelist") + 1] == "file"
    assert "tile=layout=10x9" in words[words.index("-filter_complex") + 1]

"""What a dropped file's language is, and how many minutes a recording counts for."""

from __future__ import annotations

import pytest

from cms.lessons import durations, languages


@pytest.mark.parametrize(
    ("name", "text", "language"),
    [
        ("草料.amdo.mp3", "", "adx"),
        ("lesson-adx.srt", "བོད་ཡིག", "adx"),
        ("草料-安多.wav", "", "adx"),
        ("lesson.bo.vtt", "", "bo"),
        ("草料藏语.vtt", "", "bo"),
        ("lesson_kham.mp3", "", "khg"),
        ("lesson.zh-hans.srt", "", "zh-hans"),
        ("备草料.vtt", "过冬的草料", "zh-hans"),
        ("备草料.srt", "བོད་ཡིག", "bo"),
        ("a.srt", "ᠮᠣᠩᠭᠣᠯ", "mn-Mong"),
        ("a.srt", "Монгол хэл", "mn"),
        ("备草料.mp3", "", ""),
        ("bottom.mp3", "", ""),
        ("", "", ""),
    ],
)
def test_a_files_name_says_its_language_before_its_letters_do(name: str, text: str, language: str) -> None:
    assert languages.guess(name, text) == language


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0.4, 1), (25, 1), (60.04, 1), (61.5, 2), (190, 4), (600.04, 10), (605, 11)]
)
def test_a_begun_minute_counts_and_a_last_frame_does_not(seconds: float, minutes: int) -> None:
    assert durations.whole_minutes(seconds) == minutes


@pytest.mark.parametrize(
    ("nominal", "seconds", "warned"),
    [(12, 75, True), (20, 190, True), (8, 190, False), (12, 600, False), (None, 75, False), (12, None, False)],
)
def test_more_than_twice_the_real_length_is_warned_of(nominal: int | None, seconds: float | None, warned: bool) -> None:
    assert bool(durations.warning(nominal, seconds)) is warned

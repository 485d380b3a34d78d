"""The lectures that demo and tests are made of: right length, slides that change, speech that is heard."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from demo.lecture_synthesis import Slide, synthesise_lecture
from tests.lecture_maker import make_lecture


def test_a_lecture_has_the_length_slides_and_speech_asked_for(tmp_path: Path) -> None:
    made = make_lecture(tmp_path / "lecture.mp4", duration_s=20, slides=4)
    assert made.slide_starts_s == (0.0, 5.0, 10.0, 15.0)
    assert len(made.cues) >= 2
    assert all(0 <= cue.start_s < cue.end_s <= 20 for cue in made.cues)
    with av.open(str(made.path)) as film:
        assert (film.duration or 0) / av.time_base == pytest.approx(20, abs=0.2)
        assert (film.streams.video[0].width, film.streams.video[0].height) == (1280, 720)
        assert any(any(bytes(frame.planes[0])) for frame in film.decode(audio=0))


def test_the_subtitles_are_true_to_what_is_said_and_when(tmp_path: Path) -> None:
    said = ["三江源在青海南部。", "长江、黄河和澜沧江从这里流出。"]
    made = synthesise_lecture(tmp_path / "a.mp4", title="三江源", slides=[Slide("一"), Slide("二")], narration=said)
    assert [cue.text for cue in made.cues] == said
    assert made.slide_starts_s[1] == pytest.approx(made.cues[1].start_s, abs=0.5)
    assert made.vtt().startswith("WEBVTT\n\n00:00:00.800 --> ")
    assert made.duration_s > made.cues[-1].end_s


def test_a_lecture_without_speech_has_no_sound_track(tmp_path: Path) -> None:
    made = make_lecture(tmp_path / "mute.mp4", duration_s=3, slides=2, speech=False)
    with av.open(str(made.path)) as film:
        assert not film.streams.audio
    assert made.cues == ()


def test_a_lecture_of_nothing_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    for slides, said in (([], ["一。"]), ([Slide("一")], [])):
        with pytest.raises(ValueError, match="lecture needs"):
            synthesise_lecture(tmp_path / "x.mp4", title="x", slides=slides, narration=said)
    assert not list(tmp_path.iterdir())

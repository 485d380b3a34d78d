"""Whatever its rate, a chunk from the middle of a film shows its frames in even steps."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import ffmpeg as builder
import pytest

from media_pipeline.commands import compiled
from media_pipeline.facts import SourceFacts, VideoFacts
from media_pipeline.picture_commands import Piece, grid
from media_pipeline.supervisor import ffmpeg_executable

RATES = ["5", "10", "25/2", "15", "20", "24000/1001", "24", "25", "30000/1001", "30"]
FRAMES, FIRST = 240, 90


@pytest.mark.parametrize("rate", RATES)
def test_frames_of_a_piece_are_numbered_without_a_gap_or_a_double(
    rate: str, ffmpeg: Callable[..., Path], tmp_path: Path
) -> None:
    asked = ("-f", "lavfi", "-i", f"testsrc2=s=64x36:r={rate}", "-frames:v", str(FRAMES), "-g", "30")
    film = ffmpeg(f"rate-{rate.replace('/', '-')}.mp4", *asked, "-c:v", "libx264", "-pix_fmt", "yuv420p")
    facts = SourceFacts.of_own_picture((64, 36), Fraction(rate), FRAMES, film.stat().st_size)
    assert isinstance(facts.video, VideoFacts)
    piece = Piece(Fraction(rate), FIRST, FRAMES)
    listed = tmp_path / "frames.txt"
    picture = grid(film, facts, Fraction(rate), piece)
    subprocess.run(
        compiled(builder.output(picture, str(listed), f="framehash", fps_mode="passthrough"), ffmpeg_executable()),
        check=True,
        timeout=60,
    )
    lines = [line.split(",") for line in listed.read_text().splitlines() if not line.startswith("#")]
    assert [int(line[2]) for line in lines] == list(range(FRAMES - FIRST))

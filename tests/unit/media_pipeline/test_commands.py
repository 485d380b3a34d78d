"""Command lines as tables: every restriction is there, every stream is mapped, every path is absolute."""

from pathlib import Path

import pytest

from media_pipeline import commands
from media_pipeline.plan import plan
from media_pipeline.presets import PosterRung, ladder
from tests.unit.media_pipeline.test_facts import facts, picture, sound

SOURCE = Path("/state/originals/-odd: 'name\".mp4")
FACTS = facts(picture(), sound())
LADDER = ladder()
PLAN = plan(FACTS, LADDER)


def every_command() -> dict[str, list[str]]:
    return {
        "loudness": commands.loudness(SOURCE, FACTS, executable="ffmpeg"),
        "audio": commands.audio(
            SOURCE, FACTS, {r: Path(f"/w/{r.name}.mp4") for r in PLAN.audio}, LADDER, gain_db=3.5, executable="ffmpeg"
        ),
        "video": commands.video(
            SOURCE, FACTS, {v: Path(f"/w/{v.rung.name}.mp4") for v in PLAN.video}, executable="ffmpeg"
        ),
        "muxed": commands.muxed(Path("/o/v"), Path("/o/a"), Path("/w/m.mp4"), duration_s=60, executable="ffmpeg"),
        "poster": commands.poster(SOURCE, FACTS, LADDER.poster, Path("/w/p.webp"), executable="ffmpeg"),
    }


def value(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


@pytest.mark.parametrize("name", sorted(every_command()))
def test_every_command_runs_behind_the_sandbox_flags(name: str) -> None:
    command = every_command()[name]
    opened = command[: command.index("-i")]
    assert "-nostdin" in command
    assert value(opened, "-protocol_whitelist") == "file"
    assert value(opened, "-format_whitelist") == value(opened, "-f") == "mov"
    assert "magicyuv" not in value(opened, "-codec_whitelist").split(",")
    assert int(value(opened, "-max_pixels")) < 16000 * 16000
    assert float(value(opened, "-t")) == pytest.approx(65.0)
    assert "-map" in command
    for number, word in enumerate(command):
        if word == "-i":
            assert command[number + 1].startswith("file:/")


def test_a_relative_path_is_refused() -> None:
    with pytest.raises(ValueError, match="absolute"):
        commands.loudness(Path("lecture.mp4"), FACTS, executable="ffmpeg")


def test_a_strange_name_stays_one_argument() -> None:
    assert f"file:{SOURCE}" in every_command()["video"]


def test_video_is_silent_closed_gop_x264_on_the_grid_with_one_thread_and_a_cap() -> None:
    command = every_command()["video"]
    assert command.count("libx264") == 2
    assert value(command, "-g") == value(command, "-keyint_min") == "250"
    assert value(command, "-sc_threshold") == "0"
    assert "threads=1" in value(command, "-x264-params")
    assert [command[n + 1] for n, word in enumerate(command) if word == "-maxrate"] == ["85k", "195k"]
    assert "global_sidx" in value(command, "-movflags")
    assert not any(word.startswith("-c:a") for word in command)


def test_sound_is_decoded_once_for_both_codecs_with_one_gain_and_a_limiter() -> None:
    command = every_command()["audio"]
    graph = value(command, "-filter_complex")
    assert graph.count("volume=3.50dB") == graph.count("alimiter") == 1
    assert command.count("-i") == 1
    assert {"libopus", "aac"} <= set(command)
    assert value(command, "-b:a") == "16k"


def test_the_muxed_copy_encodes_nothing_and_has_its_index_in_front() -> None:
    command = every_command()["muxed"]
    assert value(command, "-c") == "copy"
    assert "faststart" in value(command, "-movflags")


def test_high_dynamic_range_is_mapped_down() -> None:
    bright = facts(picture(transfer="smpte2084"), sound())
    outputs = {item: Path("/w/x.mp4") for item in plan(bright, LADDER).video}
    assert "tonemap" in value(commands.video(SOURCE, bright, outputs, executable="ffmpeg"), "-filter_complex")


def test_asking_for_what_the_source_lacks_is_a_programming_error() -> None:
    mute, blind = facts(picture()), facts(sound())
    with pytest.raises(ValueError, match="no sound"):
        commands.loudness(SOURCE, mute, executable="ffmpeg")
    with pytest.raises(ValueError, match="nothing to encode"):
        commands.video(SOURCE, blind, {}, executable="ffmpeg")
    with pytest.raises(ValueError, match="no picture"):
        commands.poster(SOURCE, blind, PosterRung("poster", 360, 60), Path("/w/p"), executable="ffmpeg")

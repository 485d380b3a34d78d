"""Command lines as tables: every restriction is there, every stream is mapped, every path is absolute."""

from pathlib import Path

import pytest

from media_pipeline import commands
from media_pipeline import picture_commands as pictures
from media_pipeline import quality_commands as trying
from media_pipeline import sound_commands as sounds
from media_pipeline.plan import plan
from media_pipeline.presets import PosterRung, ladder
from tests.unit.media_pipeline.test_facts import facts, picture, sound

SOURCE = Path("/state/originals/-odd: 'name\".mp4")
FACTS = facts(picture(), sound())
LADDER = ladder()
PLAN = plan(FACTS, LADDER)


RATE = PLAN.video[0].rate
FILES = pictures.ScanFiles(Path("/w/h.txt"), Path("/w/l.txt"), Path("/w/m.txt"))


def chunk(piece: pictures.Piece) -> list[str]:
    outputs = {item: Path(f"/w/{item.rung.name}.mp4") for item in PLAN.video}
    return pictures.chunk(SOURCE, FACTS, piece, outputs, looks=Path("/w/l.txt"), executable="ffmpeg")


def every_command() -> dict[str, list[str]]:
    return {
        "sound": sounds.decode(SOURCE, FACTS, Path("/w/s.pcm"), executable="ffmpeg"),
        "scan": pictures.scan(
            SOURCE,
            FACTS,
            RATE,
            FILES,
            executable="ffmpeg",
        ),
        "first chunk": chunk(pictures.Piece(RATE, 0, 600)),
        "later chunk": chunk(pictures.Piece(RATE, 1500, 2250)),
        "copy": pictures.mezzanine(SOURCE, FACTS, RATE, 854, 480, Path("/w/c.mp4"), executable="ffmpeg"),
        "stills": pictures.stills(SOURCE, FACTS, RATE, [3, 500], (1280, 720), Path("/w/s.mp4"), executable="ffmpeg"),
        "reel": trying.reel(
            SOURCE, FACTS, [pictures.Piece(RATE, 10, 85)], {(640, 360): Path("/w/r.mp4")}, executable="ffmpeg"
        ),
        "trials": trying.trials(
            Path("/w/r.mp4"), {PLAN.video[2]: Path("/w/t.mp4")}, duration_s=60, executable="ffmpeg"
        ),
        "vmaf": trying.vmaf(
            [(trying.own_picture(Path("/w/t.mp4"), 60), Path("/w/t.json"))],
            Path("/w/r.mp4"),
            (640, 360),
            duration_s=60,
            executable="ffmpeg",
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
        sounds.decode(Path("lecture.mp4"), FACTS, Path("/w/s.pcm"), executable="ffmpeg")


def test_a_strange_name_stays_one_argument() -> None:
    assert f"file:{SOURCE}" in every_command()["first chunk"]


def test_video_is_silent_closed_gop_x264_on_the_grid_with_one_thread_and_a_cap() -> None:
    command = every_command()["first chunk"]
    assert command.count("libx264") == 2
    assert value(command, "-g") == value(command, "-keyint_min") == "300", "600 frames in two groups"
    assert value(command, "-sc_threshold") == "0"
    assert "threads=1" in value(command, "-x264-params")
    assert [command[n + 1] for n, word in enumerate(command) if word == "-maxrate"] == ["85k", "195k", "125k", "255k"]
    assert command.count("libsvtav1") == 2
    assert "lp=1" in value(command, "-svtav1-params")
    assert "global_sidx" in value(command, "-movflags")
    assert not any(word.startswith("-c:a") for word in command)


def test_a_later_chunk_is_counted_on_the_grid_of_the_whole_film() -> None:
    command = every_command()["later chunk"]
    opened = command[: command.index("-i")]
    assert {"-copyts", "-start_at_zero", "-noaccurate_seek"} <= set(opened)
    assert float(value(opened, "-ss")) == 58.0
    graph = value(command, "-filter_complex")
    assert graph.index("fps=") < graph.index("trim=end_frame=2250:start_frame=1500") < graph.index("setpts=")


def test_a_chunk_looks_at_its_frames_as_the_scan_did_and_scales_each_size_once() -> None:
    small = "scale=flags=fast_bilinear+bitexact:h=90:w=160"
    assert small in value(every_command()["scan"], "-filter_complex")
    for name in ("first chunk", "later chunk"):
        command = every_command()[name]
        graph = value(command, "-filter_complex")
        assert small in graph
        assert value(command, "-hash") == "murmur3"
        assert "file:/w/l.txt" in command
        sizes = {(item.width, item.height) for item in PLAN.video}
        assert graph.count("scale=") == len(sizes) + 1 < len(PLAN.video) + 1


def test_a_picture_up_to_1080p_is_decoded_by_one_thread() -> None:
    assert value(every_command()["scan"], "-threads") == "1"


def sound_piece(begin: int, frames: int) -> list[str]:
    targets = (Path("/w/p.mp4"), Path("/w/e.mp4"))
    return sounds.piece(SAMPLES, PLAN.audio[0], begin, frames, targets, LADDER, gain_db=3.5, executable="ffmpeg")


SAMPLES = Path("/w/s.pcm")


@pytest.mark.parametrize(
    "command",
    [
        sounds.loudness(SAMPLES, 60.0, executable="ffmpeg"),
        sounds.whole(SAMPLES, PLAN.audio[1], Path("/w/a.mp4"), LADDER, duration_s=60, gain_db=3.5, executable="ffmpeg"),
        sound_piece(1500, 2000),
    ],
    ids=["loudness", "whole", "piece"],
)
def test_decoded_sound_is_opened_as_samples_and_as_nothing_else(command: list[str]) -> None:
    opened = command[: command.index("-i")]
    assert value(opened, "-protocol_whitelist") == "file"
    assert value(opened, "-format_whitelist") == value(opened, "-f") == "s16le"
    assert value(opened, "-codec_whitelist") == "pcm_s16le"
    assert "-t" in opened
    assert command[command.index("-i") + 1] == "file:/w/s.pcm"


def test_a_piece_has_the_gain_of_the_whole_and_a_lead_in() -> None:
    command = sound_piece(1500, 2001)
    graph = value(command, "-filter_complex")
    assert graph.count("volume=3.50dB") == graph.count("alimiter") == 1
    assert value(command, "-ss") == f"{(1500 - 48) / 50:.2f}"
    assert f"atrim=end_sample={(48 + 2001) * 960}" in graph
    assert value(command, "-b:a") == "16k"
    assert command.count("libopus") == 1, "long packets come out even"


def test_the_end_of_a_piece_that_long_packets_do_not_reach_is_made_in_short_ones() -> None:
    command = sound_piece(1500, 2002)
    assert [command[n + 1] for n, word in enumerate(command) if word == "-frame_duration"] == ["60", "20"]
    assert f"atrim=start_sample={(48 + 2001 - 48) * 960}" in value(command, "-filter_complex")
    short = sound_piece(0, 10)
    assert "atrim=start_sample=0" in value(short, "-filter_complex"), "before the beginning there is nothing"


def test_the_muxed_copy_encodes_nothing_and_has_its_index_in_front() -> None:
    command = every_command()["muxed"]
    assert value(command, "-c") == "copy"
    assert "faststart" in value(command, "-movflags")


def test_high_dynamic_range_is_mapped_down() -> None:
    bright = facts(picture(transfer="smpte2084"), sound())
    outputs = {item: Path("/w/x.mp4") for item in plan(bright, LADDER).video}
    piece = pictures.Piece(RATE, 0, 10)
    command = pictures.chunk(SOURCE, bright, piece, outputs, looks=Path("/w/h"), executable="ffmpeg")
    assert "tonemap" in value(command, "-filter_complex")


def test_asking_for_what_the_source_lacks_is_a_programming_error() -> None:
    mute, blind = facts(picture()), facts(sound())
    with pytest.raises(ValueError, match="no sound"):
        sounds.decode(SOURCE, mute, Path("/w/s.pcm"), executable="ffmpeg")
    with pytest.raises(ValueError, match="nothing to encode"):
        pictures.chunk(SOURCE, blind, pictures.Piece(RATE, 0, 1), {}, looks=Path("/w/h"), executable="ffmpeg")
    with pytest.raises(ValueError, match="no moving picture"):
        pictures.scan(SOURCE, blind, RATE, FILES, executable="ffmpeg")
    with pytest.raises(ValueError, match="no picture"):
        commands.poster(SOURCE, blind, PosterRung("poster", 360, 60), Path("/w/p"), executable="ffmpeg")


def test_the_tuning_of_a_rung_reaches_x264_beside_what_keeps_it_reproducible() -> None:
    parameters = pictures.encoding(PLAN.video[0])["x264-params"].split(":")
    assert {"threads=1", "open-gop=0", *PLAN.video[0].rung.tuning.split(":")} <= set(parameters)
    assert "" not in parameters

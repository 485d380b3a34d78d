"""Finished outputs that are not what they should be: none is let into the store."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from media_pipeline.chunks import MemoryShelf
from media_pipeline.encoder import Encoder
from media_pipeline.errors import VerifyFailed
from media_pipeline.models import Rendition
from media_pipeline.objects import FolderStore
from media_pipeline.outputs import Made, decode_fully, silent_tick, verified, verify_copy
from media_pipeline.picture_commands import Piece, chunk
from media_pipeline.plan import plan
from media_pipeline.presets import ladder
from media_pipeline.probe import probe
from media_pipeline.sound import SoundWork
from media_pipeline.supervisor import Progress, ffmpeg_executable
from media_pipeline.verify import Promise

Ffmpeg = Callable[..., Path]
FLIPS = 12


@pytest.fixture(scope="module")
def made(lecture: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    """The lecture's rungs as the encoder left them."""
    facts, folder = probe(lecture, silent_tick), tmp_path_factory.mktemp("made")
    encoder, work = Encoder(lecture, facts, folder, ladder(), 1 << 30), plan(facts, ladder())
    piece = Piece(work.video[0].rate, 0, 144)
    pictures = {item: folder / f"{item.rung.name}.mp4" for item in work.video}
    encoder.run(
        chunk(lecture, facts, piece, pictures, looks=folder / "hashes.txt", executable=ffmpeg_executable()),
        silent_tick,
    )
    maker = SoundWork(encoder, FolderStore(folder / "objects"), MemoryShelf())
    heard = maker.hear(silent_tick)
    both = [maker.made(heard, rung, 0.0, silent_tick).made for rung in work.audio]
    for item, path in pictures.items():
        promise = Promise(item.rung.name, piece.seconds, frames=piece.frames, max_kbps=item.rung.max_kbps)
        both.append(Made(path, Rendition.Kind.VIDEO, promise, item.width, item.height))
    return {item.promise.name: item for item in both}


def altered(item: Made, path: Path, content: bytes) -> Made:
    path.write_bytes(content)
    return Made(path, item.kind, item.promise, copied_from=item.copied_from)


def test_whole_outputs_are_decoded_in_one_go_to_their_last_frame(made: dict[str, Made]) -> None:
    heard: list[Progress] = []
    decoded = decode_fully(list(made.values()), heard.append)
    assert [round(item.duration_s, 1) for item in decoded] == pytest.approx([12] * 6, abs=0.1)
    assert [item.frames for item in decoded[2:]] == [144] * 4
    assert [file.made for file in verified(list(made.values()), silent_tick)] == list(made.values())


@pytest.mark.parametrize("name", ["h264-240", "h264-360"])
def test_a_single_flipped_bit_in_the_pictures_is_noticed(made: dict[str, Made], tmp_path: Path, name: str) -> None:
    whole, chance = made[name].path.read_bytes(), random.Random(5)
    missed = 0
    for number in range(FLIPS):
        content = bytearray(whole)
        # Behind the first picture's parameter sets, which nothing but the picture can tell wrong from right.
        content[chance.randrange(content.index(b"mdat") + 1000, len(content))] ^= 1 << chance.randrange(8)
        try:
            decode_fully([altered(made[name], tmp_path / f"{number}.mp4", bytes(content))], silent_tick)
        except VerifyFailed:
            continue
        missed += 1
    # A flip that leads to another valid picture is valid H.264, whoever decodes it.
    assert missed <= 2


@pytest.mark.parametrize("name", ["opus-16", "aac-24", "h264-240", "h264-360", "av1-360", "av1-480"])
def test_an_output_cut_off_is_noticed(made: dict[str, Made], tmp_path: Path, name: str) -> None:
    whole = made[name].path.read_bytes()
    with pytest.raises(VerifyFailed):
        list(verified([altered(made[name], tmp_path / "cut.mp4", whole[: len(whole) * 2 // 3])], silent_tick))


def test_one_bad_output_among_good_ones_is_noticed(made: dict[str, Made], tmp_path: Path) -> None:
    bad = altered(made["h264-360"], tmp_path / "bad.mp4", b"nothing like a film")
    for order in ([bad, made["h264-240"]], [made["h264-240"], bad]):
        with pytest.raises(VerifyFailed):
            list(verified(order, silent_tick))


def test_a_copy_that_differs_in_one_bit_or_lacks_its_sound_is_refused(
    made: dict[str, Made], tmp_path: Path, ffmpeg: Ffmpeg
) -> None:
    video, audio = made["h264-240"].path, made["aac-24"].path
    joined = ffmpeg("joined.mp4", "-i", str(video), "-i", str(audio), "-c", "copy", "-movflags", "+faststart")
    copy = Made(joined, Rendition.Kind.MUXED, Promise("muxed-240", 12.0), copied_from=(video, audio))
    assert verify_copy(copy).made == copy
    content = bytearray(joined.read_bytes())
    content[-1] ^= 1
    with pytest.raises(VerifyFailed):
        verify_copy(altered(copy, tmp_path / "flipped.mp4", bytes(content)))
    mute = ffmpeg("joined-mute.mp4", "-i", str(video), "-c", "copy")
    with pytest.raises(VerifyFailed):
        verify_copy(altered(copy, tmp_path / "mute.mp4", mute.read_bytes()))

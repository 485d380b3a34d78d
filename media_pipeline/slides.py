"""Takes the slides of a lecture as pictures and packs them into a deck."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from media_pipeline import picture_commands
from media_pipeline.deck import DeckIndex, mean_kbps, pack, slide_times
from media_pipeline.encoder import Encoder
from media_pipeline.errors import VerifyFailed
from media_pipeline.outputs import check_webp
from media_pipeline.picture import Cutting, Look
from media_pipeline.plan import fitted_size
from media_pipeline.presets import DeckRung
from media_pipeline.supervisor import Tick, ffmpeg_executable

MOVING, TOO_LARGE = "moving", "too-large"
"""Why a lecture has no deck: its picture moves too much, or its slides take too many bytes."""
_WIDE = Fraction(9, 16)


def make_deck(encoder: Encoder, look: Look, rung: DeckRung, on_tick: Tick) -> tuple[bytes, DeckIndex] | str:
    """The deck at the best quality that keeps to its cap, or why there is none.

    Raises:
        VerifyFailed: a picture is missing or is not what was asked for.
        Exception: whatever `on_tick` raises.
    """
    times = slide_times(look.scan, look.found, rung)
    video = look.cutting.facts.video
    if not times or video is None:
        return MOVING
    size = fitted_size(video.width, video.height, round(rung.width * _WIDE))
    frames = [slide.picture for slide in times]
    seconds = look.scan.seconds(look.scan.frames)
    for quality in rung.qualities:
        pictures = _stills(encoder, look.cutting, look.scan.rate, frames, size, quality, on_tick)
        if mean_kbps(sum(map(len, pictures)), seconds) <= rung.max_kbps:
            break
    else:
        return TOO_LARGE
    if any(check_webp(picture[:64], rung.name) != size for picture in pictures):
        raise VerifyFailed(reason="deck: unexpected size")
    starts_ms = [round(1000 * look.scan.seconds(slide.start)) for slide in times]
    return pack(pictures, starts_ms, width=size[0], height=size[1])


def _stills(
    encoder: Encoder,
    cutting: Cutting,
    rate: Fraction,
    frames: Sequence[int],
    size: tuple[int, int],
    quality: int,
    on_tick: Tick,
) -> list[bytes]:
    """Single frames as WebP files, in order."""
    pattern = encoder.folder / "slide-%05d.webp"
    command = picture_commands.stills(
        cutting.path, cutting.facts, rate, frames, size, pattern=pattern, quality=quality,
        executable=ffmpeg_executable(),
    )  # fmt: skip
    encoder.run(command, on_tick)
    made = sorted(encoder.folder.glob("slide-*.webp"))
    try:
        if len(made) != len(frames):
            raise VerifyFailed(reason=f"deck: {len(made)} / {len(frames)} pictures")
        return [path.read_bytes() for path in made]
    finally:
        for path in made:
            path.unlink()

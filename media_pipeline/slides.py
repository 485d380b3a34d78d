"""Takes the slides of a lecture as pictures and packs them into a deck."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from media_pipeline import picture_commands
from media_pipeline.deck import DeckIndex, mean_kbps, next_quality, pack, slide_times
from media_pipeline.encoder import Encoder
from media_pipeline.errors import VerifyFailed
from media_pipeline.outputs import check_webp
from media_pipeline.picture import Look
from media_pipeline.plan import fitted_size
from media_pipeline.presets import DeckRung
from media_pipeline.supervisor import Tick, ffmpeg_executable

MOVING, TOO_LARGE = "moving", "too-large"
"""Why a lecture has no deck: its picture moves too much, or its slides take too many bytes."""
_WIDE = Fraction(9, 16)
_MOST_BYTES = 4 << 30
"""Of all slides without loss: 360 an hour for six hours take a tenth of a megabyte each, photographs ten times that."""


def make_deck(
    encoder: Encoder, look: Look, rung: DeckRung, sound_kbps: float, on_tick: Tick
) -> tuple[bytes, DeckIndex] | str:
    """The deck at the best quality that keeps to its cap, or why there is none.

    Args:
        sound_kbps: mean rate of the sound that is heard with it.

    Raises:
        VerifyFailed: a picture is missing or is not what was asked for.
        Exception: whatever `on_tick` raises.
    """
    times = slide_times(look.scan, look.found, rung)
    video = look.cutting.facts.video
    if not times or video is None:
        return MOVING
    size = fitted_size(video.width, video.height, round(rung.width * _WIDE))
    taken, frames = encoder.folder / "slides.mp4", [slide.picture for slide in times]
    command = picture_commands.stills(
        look.cutting.path, look.cutting.facts, look.scan.rate, frames, size, taken, executable=ffmpeg_executable()
    )
    encoder.run(command, on_tick, file_bytes=_MOST_BYTES)
    seconds = look.scan.seconds(look.scan.frames)
    pictures = _coded(encoder, taken, len(frames), rung, rung.total_kbps - sound_kbps, seconds, on_tick)
    if pictures is None:
        return TOO_LARGE
    if any(check_webp(picture[:64], rung.name) != size for picture in pictures):
        raise VerifyFailed(reason="deck: unexpected size")
    starts_ms = [round(1000 * look.scan.seconds(slide.start)) for slide in times]
    return pack(pictures, starts_ms, width=size[0], height=size[1])


def _coded(
    encoder: Encoder, taken: Path, count: int, rung: DeckRung, cap_kbps: float, seconds: float, on_tick: Tick
) -> list[bytes] | None:
    """The slides at the first quality that keeps to the cap, passing over those that surely don't; or nothing."""
    quality: int | None = rung.qualities[0] if cap_kbps > 0 else None
    while quality is not None:
        pictures = _webp(encoder, taken, count, quality, on_tick)
        kbps = mean_kbps(sum(map(len, pictures)), seconds)
        if kbps <= cap_kbps:
            return pictures
        quality = next_quality(rung.qualities, quality, kbps, cap_kbps)
    return None


def _webp(encoder: Encoder, taken: Path, count: int, quality: int, on_tick: Tick) -> list[bytes]:
    """The taken frames as WebP files, in order."""
    pattern = encoder.folder / "slide-%05d.webp"
    command = picture_commands.webp(taken, pattern, quality=quality, executable=ffmpeg_executable())
    encoder.run(command, on_tick)
    made = sorted(encoder.folder.glob("slide-*.webp"))
    try:
        if len(made) != count:
            raise VerifyFailed(reason=f"deck: {len(made)} / {count} pictures")
        return [path.read_bytes() for path in made]
    finally:
        for path in made:
            path.unlink()

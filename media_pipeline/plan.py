"""From facts to a plan: which rungs, of what size and frame rate (media.md §3, §4). Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from media_pipeline.facts import SourceFacts
from media_pipeline.presets import (
    AudioRung,
    Codec,
    DeckRung,
    Ladder,
    MuxedRung,
    PosterRung,
    Rung,
    SpriteRung,
    VideoRung,
)
from media_pipeline.titles import WINDOWS, window_s

_COARSEST = {Codec.H264: 51.0, Codec.AV1: 63.0}
"""The end of each encoder's scale of constant rate factors."""
_CRF_TO_HALVE, _LEAST_STEP = 8, 2
"""Steps on that scale: what halves the bytes of a noisy picture, and the least that is worth another encode."""
_ASPECT = Fraction(16, 9)
_STANDARD_RATES = tuple(
    Fraction(n, d)
    for n, d in ((10, 1), (12, 1), (25, 2), (15, 1), (20, 1), (24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1))
)
_RATE_TOLERANCE = 0.01
_MIN_GAIN = 1.15
"""A larger rung must have a shorter side this much above the rung below it, else it shows nothing more."""
_LEAST_AV1_SIDE = 64
"""SVT-AV1 takes no smaller picture."""
_GOP_STRETCH = Fraction(5, 4)
"""A group of pictures may last this much longer than planned, so that a chunk needs no short one at its end."""
_MARGIN_BYTES = 64 << 20
_SPACE_FACTOR = 1.3
_LOSSLESS_BYTES_A_PIXEL = 1.0
"""Of a noisy picture without loss: .9 and 1.1 measured with noise of 6 and 12 steps; as it is decoded it takes 1.5."""
_SAMPLES_KBPS = 768
"""Decoded sound, 48,000 samples a second of 16 bits, while it is being encoded."""


@dataclass(frozen=True)
class VideoPlan:
    """One silent video to encode; `gop` frames lie between keyframes, `speed` is the encoder's preset."""

    rung: VideoRung
    width: int
    height: int
    rate: Fraction
    gop: int
    crf: float
    speed: str

    def at(self, crf: float) -> VideoPlan:
        """The same at another quality."""
        return replace(self, crf=crf)

    def of_class(self, content: str) -> VideoPlan:
        """The same for a class of content (`classify.Content`)."""
        return replace(self, speed=self.rung.speeds.get(content, self.rung.speed))

    def coarser(self, times: float) -> VideoPlan | None:
        """The same at a quality that should take so many times less bytes; None where there is none coarser."""
        coarsest = _COARSEST[self.rung.codec]
        step = max(_LEAST_STEP, math.ceil(_CRF_TO_HALVE * math.log2(times)))
        return self.at(min(coarsest, self.crf + step)) if self.crf < coarsest else None

    def dividing(self, frames: int) -> VideoPlan:
        """The same with keyframes that divide a chunk of so many frames evenly.

        Of a chunk of 25 s with one every 10 s, the third group would last 5 s: a fifth more keyframes for nothing.
        That cost a slide lecture 9 to 11 % of its bytes, measured.
        """
        groups = math.ceil(frames / (self.gop * _GOP_STRETCH))
        return replace(self, gop=math.ceil(frames / max(1, groups)))


@dataclass(frozen=True)
class Plan:
    """All outputs of a source, in the order in which they are published."""

    ladder: Ladder
    audio: tuple[AudioRung, ...]
    video: tuple[VideoPlan, ...]
    muxed: tuple[MuxedRung, ...]
    poster: PosterRung | None
    deck: DeckRung | None = None
    sprite: SpriteRung | None = None

    @property
    def names(self) -> list[str]:
        """Every planned rung's name, sound first."""
        rungs: list[Rung] = [
            *self.audio,
            *([self.poster] if self.poster else []),
            *([self.deck] if self.deck else []),
            *(v.rung for v in self.video),
            *self.muxed,
            *([self.sprite] if self.sprite else []),
        ]
        return [rung.name for rung in rungs]


def output_rate(fps: float, cap: float) -> Fraction:
    """The constant frame rate to encode: the source's, halved (or thirded …) until it is at most the cap.

    A rate near a standard one becomes that one, an unknown or absurd one 25.
    """
    if not 1 <= fps <= 1000:
        return Fraction(25)
    reduced = fps / math.ceil(fps / (cap * (1 + _RATE_TOLERANCE)))
    nearest = min(_STANDARD_RATES, key=lambda rate: abs(reduced - rate))
    if abs(reduced - nearest) <= _RATE_TOLERANCE * nearest / 2:
        return nearest
    return Fraction(min(math.ceil(reduced), int(cap)))


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))


def fitted_size(width: int, height: int, short_side: int) -> tuple[int, int]:
    """The size with the source's shape whose shorter side is at most `short_side`, in even numbers.

    Very wide or tall pictures are held to the area of a 16:9 picture of that height; nothing is enlarged.
    """
    area = short_side * short_side * _ASPECT
    scale = min(1.0, short_side / min(width, height), math.sqrt(area * 1.05 / (width * height)))
    return _even(width * scale), _even(height * scale)


def frame_rate(facts: SourceFacts, ladder: Ladder) -> Fraction:
    """The one rate of all rungs: chunks are counted on its grid.

    Raises:
        ValueError: the source has no moving picture.
    """
    if facts.video is None:
        raise ValueError("no moving picture")
    return output_rate(facts.video.fps, min(rung.fps_cap for rung in ladder.video))


def _video(facts: SourceFacts, ladder: Ladder) -> tuple[VideoPlan, ...]:
    if facts.video is None:
        return ()
    planned: list[VideoPlan] = []
    rate = frame_rate(facts, ladder)
    gop = max(1, round(rate * Fraction(ladder.keyframe_s)))
    for rung in ladder.video:
        width, height = fitted_size(facts.video.width, facts.video.height, rung.height)
        if rung.codec is Codec.AV1 and min(width, height) < _LEAST_AV1_SIDE:
            continue
        below = next((item for item in reversed(planned) if item.rung.codec == rung.codec), None)
        if below and min(width, height) < _MIN_GAIN * min(below.width, below.height):
            continue
        planned.append(VideoPlan(rung, width, height, rate, gop, rung.crf, rung.speed))
    return tuple(planned)


def settled(video: Sequence[VideoPlan], qualities: Mapping[str, float], content: str) -> list[VideoPlan]:
    """Those that have a quality, at it and as that class of content is encoded."""
    return [item.of_class(content).at(qualities[item.rung.name]) for item in video if item.rung.name in qualities]


def plan(facts: SourceFacts, ladder: Ladder) -> Plan:
    """The rungs that make sense for the source: none above its own size, none for what it lacks."""
    audio = ladder.audio if facts.audio else ()
    video = _video(facts, ladder)
    video_names = {item.rung.name for item in video}
    muxed = tuple(rung for rung in ladder.muxed if rung.video in video_names)
    has_picture = facts.video is not None or facts.still_index is not None
    poster = ladder.poster if has_picture else None
    pictures = (ladder.deck, ladder.sprite) if video else (None, None)
    return Plan(ladder, audio, video, muxed, poster, *pictures)


def exceeds_source(*, encoded_bps: float, source_bps: int, is_lowest: bool) -> bool:
    """Whether a rung is to be dropped because it came out larger than the source's own picture (media.md §3)."""
    return not is_lowest and source_bps > 0 and encoded_bps > source_bps


def needed_bytes(work: Plan, duration_s: float) -> int:
    """Disk space the job may take, at its rungs' caps, for working files and results together.

    Not counted: the lossless copy of a whole film that can't be read from the middle.
    """
    kbps = sum(rung.max_kbps for rung in work.audio) + sum(item.rung.max_kbps for item in work.video)
    samples = _SAMPLES_KBPS if work.audio else 0
    growing = (2 * _SPACE_FACTOR * kbps + samples) * 125 * duration_s
    return math.ceil(growing + _reel_bytes(work, duration_s)) + _MARGIN_BYTES


def _reel_bytes(work: Plan, duration_s: float) -> float:
    """What the reel may take: some seconds of the film without loss, in each size that is encoded."""
    seconds = min(duration_s, WINDOWS * window_s(duration_s))
    sizes = {(item.width, item.height): item.rate for item in work.video}
    pixels = sum(width * height * rate for (width, height), rate in sizes.items())
    return float(pixels) * _LOSSLESS_BYTES_A_PIXEL * seconds

"""The ladder as data (media.md §3), versioned: a change of any number is a new version, never an edit. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

PRESET_VERSION = "2026.1"
"""The ladder that new jobs are planned with."""


class RungKind(StrEnum):
    """What a rung holds; the values are those of `Rendition.Kind`."""

    VIDEO = "video"
    AUDIO = "audio"
    MUXED = "muxed"
    POSTER = "poster"


@dataclass(frozen=True)
class VideoRung:
    """H.264 without sound, one fragmented MP4.

    Attributes:
        height: pixels of the picture's shorter side.
        crf: x264 constant rate factor.
        max_kbps: cap of the mean rate, container included, in kbit/s; VBV holds it over `buffer_s` seconds.
        fps_cap: highest frame rate kept.
    """

    name: str
    height: int
    profile: str
    crf: float
    max_kbps: int
    fps_cap: float
    buffer_s: float = 4.0
    speed: str = "medium"
    kind: RungKind = field(default=RungKind.VIDEO, init=False)


@dataclass(frozen=True)
class AudioRung:
    """Mono speech, one fragmented MP4; `max_kbps` caps the mean rate, container included.

    `kbps` is what the encoder is asked for; ffmpeg's AAC delivers about a fifth more on speech (20 → 24.4 measured).
    """

    name: str
    encoder: str
    kbps: int
    sample_rate: int
    max_kbps: int
    kind: RungKind = field(default=RungKind.AUDIO, init=False)


@dataclass(frozen=True)
class MuxedRung:
    """A progressive copy of one video and one audio rung: nothing is encoded for it."""

    name: str
    video: str
    audio: str
    kind: RungKind = field(default=RungKind.MUXED, init=False)


@dataclass(frozen=True)
class PosterRung:
    """One frame as WebP, its shorter side at most `height` pixels."""

    name: str
    height: int
    quality: int
    kind: RungKind = field(default=RungKind.POSTER, init=False)


Rung = VideoRung | AudioRung | MuxedRung | PosterRung


@dataclass(frozen=True)
class Ladder:
    """One version of the ladder.

    Attributes:
        keyframe_s: seconds between keyframes; a segment is one closed GOP, so also the segment length. Ten instead
            of five seconds saved 39 % of the bytes of a slide lecture at 240p (21.3 → 12.9 kbit/s); twenty save
            hardly more (media.md §2) and make seeking slow.
        audio_segment_s: seconds of an audio segment.
        loudness_lufs: integrated loudness the sound is brought to by one gain for the whole (EBU R128).
        peak_dbfs: ceiling of the limiter behind that gain.
    """

    version: str
    audio: tuple[AudioRung, ...]
    video: tuple[VideoRung, ...]
    muxed: tuple[MuxedRung, ...]
    poster: PosterRung
    keyframe_s: float
    audio_segment_s: float
    loudness_lufs: float
    peak_dbfs: float

    def rung(self, name: str) -> Rung:
        """The rung of that name.

        Raises:
            KeyError: this version has none.
        """
        rungs: list[Rung] = [*self.audio, *self.video, *self.muxed, self.poster]
        for rung in rungs:
            if rung.name == name:
                return rung
        raise KeyError(name)


LADDERS: dict[str, Ladder] = {
    "2026.1": Ladder(
        version="2026.1",
        audio=(
            AudioRung("opus-16", encoder="libopus", kbps=16, sample_rate=48_000, max_kbps=24),
            AudioRung("aac-24", encoder="aac", kbps=20, sample_rate=24_000, max_kbps=32),
        ),
        video=(
            VideoRung("h264-240", height=240, profile="main", crf=29, max_kbps=90, fps_cap=25),
            VideoRung("h264-360", height=360, profile="high", crf=31, max_kbps=200, fps_cap=30),
        ),
        muxed=(MuxedRung("muxed-240", video="h264-240", audio="aac-24"),),
        poster=PosterRung("poster", height=360, quality=60),
        keyframe_s=10.0,
        audio_segment_s=5.0,
        loudness_lufs=-16.0,
        peak_dbfs=-1.5,
    ),
}


def ladder(version: str = PRESET_VERSION) -> Ladder:
    """The ladder of that version.

    Raises:
        KeyError: unknown version.
    """
    return LADDERS[version]

"""The ladder as data (media.md §3), versioned: a change of any number is a new version, never an edit. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

PRESET_VERSION = "2026.5"
"""The ladder that new jobs are planned with."""


class RungKind(StrEnum):
    """What a rung holds; the values are those of `Rendition.Kind`."""

    VIDEO = "video"
    AUDIO = "audio"
    MUXED = "muxed"
    POSTER = "poster"
    DECK = "deck"
    SPRITE = "sprite"


class Codec(StrEnum):
    """How a picture is coded."""

    H264 = "h264"
    AV1 = "av1"


@dataclass(frozen=True)
class Search:
    """How a rung's quality is found for each title (media.md §4).

    Attributes:
        crfs: constant rate factors at which the reel is encoded, from fine to coarse; the chosen one lies between.
        targets: VMAF mean to reach, by class of content.
        p5_below: the 5th percentile may lie this far below the target, so that no single frame collapses.
    """

    crfs: tuple[int, ...]
    targets: Mapping[str, float] = field(hash=False)
    p5_below: float = 10.0


@dataclass(frozen=True)
class VideoRung:
    """A picture without sound, one fragmented MP4.

    Attributes:
        height: pixels of the picture's shorter side.
        profile: of H.264; empty for AV1, whose main profile is the only one made.
        crf: constant rate factor where it isn't searched for.
        crf_of: the rung whose chosen quality this one takes over.
        max_kbps: cap of the mean rate, container included, in kbit/s; VBV holds it over `buffer_s` seconds.
        fps_cap: highest frame rate kept.
        tuning: further parameters of x264.
        speed: x264's preset by name, SVT-AV1's by number.
        speeds: that for classes of content (`classify.Content`) which take another.
    """

    name: str
    height: int
    profile: str
    crf: float
    max_kbps: int
    fps_cap: float
    buffer_s: float = 4.0
    speed: str = "medium"
    speeds: Mapping[str, str] = field(default_factory=dict, hash=False)
    tuning: str = ""
    codec: Codec = Codec.H264
    search: Search | None = None
    crf_of: str = ""
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


@dataclass(frozen=True)
class DeckRung:
    """The slides of a lecture as WebP pictures with the times they are shown from; the sound is the audio rungs'.

    Attributes:
        width: pixels of a slide at most.
        qualities: libwebp's, from good to poor; the first that keeps to `total_kbps` is taken.
        total_kbps: mean rate of the slides and of the first audio rung over the whole lecture (media.md §6).
        most_a_minute: a picture that changes more often is no deck.
    """

    name: str
    width: int
    qualities: tuple[int, ...]
    total_kbps: float
    most_a_minute: float
    kind: RungKind = field(default=RungKind.DECK, init=False)


@dataclass(frozen=True)
class SpriteRung:
    """Small pictures of the whole film in one WebP, for the seek bar.

    Attributes:
        height: pixels of a tile's shorter side at most.
        most_tiles: how many there are at most; a longer film has fewer a minute.
        least_step_s: seconds from one to the next at least; keyframes are no closer.
        qualities: libwebp's, from good to poor; the first that keeps to `max_bytes` is taken.
        max_bytes: of the whole sprite: eight seconds at 120 kbit/s.
    """

    name: str
    height: int
    most_tiles: int
    least_step_s: int
    qualities: tuple[int, ...]
    max_bytes: int
    kind: RungKind = field(default=RungKind.SPRITE, init=False)


Rung = VideoRung | AudioRung | MuxedRung | PosterRung | DeckRung | SpriteRung


@dataclass(frozen=True)
class Ladder:
    """One version of the ladder.

    Attributes:
        keyframe_s: seconds between keyframes, up to a quarter more where that divides a chunk evenly; a segment is one
            closed GOP, so also the segment length. Ten instead
            of five seconds saved 39 % of the bytes of a slide lecture at 240p (21.3 → 12.9 kbit/s); twenty save
            hardly more (media.md §2) and make seeking slow.
        audio_segment_s: seconds of an audio segment.
        loudness_lufs: integrated loudness the sound is brought to by one gain for the whole (EBU R128).
        peak_dbfs: ceiling of the limiter behind that gain.
        min_gain_vmaf: a rung must look this much better than the one below it in the same codec, both measured
            at its size, else it is dropped (media.md §3).
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
    deck: DeckRung | None = None
    sprite: SpriteRung | None = None
    min_gain_vmaf: float = 0.0

    def rung(self, name: str) -> Rung:
        """The rung of that name.

        Raises:
            KeyError: this version has none.
        """
        rungs: list[Rung] = [*self.audio, *self.video, *self.muxed, self.poster]
        rungs += [rung for rung in (self.deck, self.sprite) if rung]
        for rung in rungs:
            if rung.name == name:
                return rung
        raise KeyError(name)


_AUDIO = (
    AudioRung("opus-16", encoder="libopus", kbps=16, sample_rate=48_000, max_kbps=24),
    AudioRung("aac-24", encoder="aac", kbps=20, sample_rate=24_000, max_kbps=32),
)
_H264_360 = Search(crfs=(24, 29, 34), targets={"talking": 88.0, "mixed": 92.0, "slides": 95.0})
_AV1_360 = Search(crfs=(34, 47, 60), targets={"talking": 88.0, "mixed": 93.0, "slides": 96.0})

_NEWEST = Ladder(
    version="2026.3",
    audio=_AUDIO,
    video=(
        VideoRung("h264-240", height=240, profile="main", crf=29, max_kbps=90, fps_cap=30),
        VideoRung("h264-360", height=360, profile="high", crf=31, max_kbps=200, fps_cap=30, search=_H264_360),
        VideoRung(
            "av1-360",
            height=360,
            profile="",
            crf=43,
            max_kbps=130,
            fps_cap=30,
            speed="6",
            codec=Codec.AV1,
            search=_AV1_360,
        ),
        VideoRung(
            "av1-480",
            height=480,
            profile="",
            crf=43,
            max_kbps=260,
            fps_cap=30,
            speed="7",
            codec=Codec.AV1,
            crf_of="av1-360",
        ),
    ),
    muxed=(MuxedRung("muxed-240", video="h264-240", audio="aac-24"),),
    poster=PosterRung("poster", height=360, quality=60),
    deck=DeckRung("deck", width=1280, qualities=(72, 60, 48, 36), total_kbps=25.0, most_a_minute=6.0),
    sprite=SpriteRung("sprite", 90, most_tiles=100, least_step_s=10, qualities=(45, 30, 15), max_bytes=120_000),
    keyframe_s=10.0,
    audio_segment_s=5.0,
    loudness_lufs=-16.0,
    peak_dbfs=-1.5,
    min_gain_vmaf=6.0,
)

LADDERS: dict[str, Ladder] = {
    _NEWEST.version: _NEWEST,
    "2026.2": replace(
        _NEWEST,
        version="2026.2",
        deck=DeckRung("deck", width=1280, qualities=(72, 60, 48, 36), total_kbps=23.0, most_a_minute=6.0),
    ),
    "2026.1": Ladder(
        version="2026.1",
        audio=_AUDIO,
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

_SEARCH_2026_4 = {
    "h264-360": Search(crfs=(22, 27, 32, 38), targets={"talking": 85.5, "mixed": 92.0, "slides": 95.0}),
    "av1-360": Search(crfs=(34, 43, 52, 62), targets={"talking": 85.5, "mixed": 93.0, "slides": 96.0}),
}


def _2026_4(before: Ladder) -> Ladder:
    """H.264 takes more time for fewer bytes, talking films aim lower, easy films are tried further out (ADR 0021)."""
    rungs = [replace(rung, search=_SEARCH_2026_4.get(rung.name)) for rung in before.video]
    video = tuple(
        replace(rung, speed="slow", tuning="bframes=5:psy-rd=0.7,0") if rung.codec is Codec.H264 else rung
        for rung in rungs
    )
    return replace(before, version="2026.4", video=video)


_TALKING_2026_5 = {"h264-240": "medium", "h264-360": "medium", "av1-360": "7", "av1-480": "8"}


def _2026_5(before: Ladder) -> Ladder:
    """Where everything moves, encoders are less thorough, so that such a lecture is ready sooner (ADR 0022)."""
    video = tuple(replace(rung, speeds={"talking": _TALKING_2026_5[rung.name]}) for rung in before.video)
    return replace(before, version="2026.5", video=video)


LADDERS["2026.4"] = _2026_4(next(iter(LADDERS.values())))
LADDERS["2026.5"] = _2026_5(LADDERS["2026.4"])


def ladder(version: str = PRESET_VERSION) -> Ladder:
    """The ladder of that version.

    Raises:
        KeyError: unknown version.
    """
    return LADDERS[version]

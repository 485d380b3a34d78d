"""How others encode by default: the options their sources give ffmpeg, as facts, for the sizes that are compared.

Read in the public repositories at these commits:

- PeerTube `packages/ffmpeg/src/ffmpeg-default-transcoding-profile.ts` (bbaf96d6), `shared/encoder-options.ts`
  (fbc7f1a0) and `packages/core-utils/src/videos/bitrate.ts` (b6b1aaa5): x264 veryfast without a CRF, so x264's own 23;
  maxrate = min(0.15 bit a pixel at 360p, 1.3 × the source's rate), at least 0.02 bit a pixel; bufsize twice that; 16
  B-frames with strategy 1; a keyframe every two seconds.
- MediaCMS `files/helpers.py` and `fixtures/encoding_profiles.json` (90b9fad5): H.264 Main, medium, CRF 23, maxrate and
  bufsize 1.5 × 500 kbit/s at 360p, keyframes forced every four seconds, lanczos.
- Kolibri, whose channels are made by `ricecooker/utils/videos.py` (2a3ad1fb): 480 lines at most, H.264 Baseline,
  slow, CRF 32.
- "plain ffmpeg" is `ffmpeg -i film -vf scale out.mp4`: x264 medium, CRF 23, keyframes every 250 frames.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Options = dict[str, object]


@dataclass(frozen=True)
class Film:
    """What a peer's rules look at: the size and rate it encodes to, and the source's bits a second (0: unknown)."""

    width: int
    height: int
    fps: float
    source_bps: int


@dataclass(frozen=True)
class Peer:
    """One setting.

    Attributes:
        side: lines of the picture it is compared at.
        options: ffmpeg's output options for a film, without sound.
        scaler: `flags` of the scale filter.
        limits: kbit/s of ours ÷ kbit/s of theirs at the same VMAF, at most, by codec (media.md §6, target 2).
    """

    name: str
    side: int
    options: Callable[[Film], Options]
    scaler: str = "bicubic"
    limits: Mapping[str, float] = field(default_factory=dict, hash=False)


_BITS_A_PIXEL, _LEAST_BITS_A_PIXEL, _SOURCE_MARGIN = 0.15, 0.02, 1.3


def _peertube(film: Film) -> Options:
    pixels = film.width * film.height * film.fps
    cap = _BITS_A_PIXEL * pixels
    if film.source_bps:
        cap = min(cap, _SOURCE_MARGIN * film.source_bps)
    bps = int(max(_LEAST_BITS_A_PIXEL * pixels, cap))
    return {
        "c:v": "libx264", "preset": "veryfast", "maxrate": bps, "bufsize": 2 * bps, "b_strategy": 1, "bf": 16,
        "r": film.fps, "g": round(2 * film.fps), "pix_fmt": "yuv420p", "map_metadata": -1,
    }  # fmt: skip


def _mediacms(film: Film) -> Options:
    frames = int(film.fps * 4)
    return {
        "c:v": "libx264", "crf": 23, "maxrate": "750k", "bufsize": "750k", "preset": "medium", "profile:v": "main",
        "level": "4.2", "force_key_frames": "expr:gte(t,n_forced*4)", "pix_fmt": "yuv420p",
        "x264-params": f"keyint={2 * frames}:keyint_min={frames}",
    }  # fmt: skip


def _kolibri(film: Film) -> Options:
    return {
        "c:v": "libx264", "crf": 32, "preset": "slow", "profile:v": "baseline", "level": "3.0", "pix_fmt": "yuv420p",
    }  # fmt: skip


def _plain(film: Film) -> Options:
    return {"c:v": "libx264", "pix_fmt": "yuv420p"}


PEERS = (
    Peer("PeerTube", 360, _peertube, limits={"av1": 0.40, "h264": 0.70}),
    Peer("MediaCMS", 360, _mediacms, scaler="lanczos"),
    Peer("plain ffmpeg", 360, _plain),
    Peer("Kolibri", 480, _kolibri),
)

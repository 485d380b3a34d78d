"""What the probe found out about a source, and which of it is acceptable (media.md §5). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from media_pipeline.errors import (
    CodecRefused,
    DurationRefused,
    ProbeFailed,
    TooManyFrames,
    TooManyPixels,
    TooManyTracks,
    VerifyFailed,
)

MAX_PIXELS = 4096 * 2304
MAX_DURATION_S = 6 * 3600
MIN_DURATION_S = 0.2
MAX_TRACKS = 100
"""Streams of any kind: sixty dubbings with their subtitles fit, a file made to exhaust a demuxer doesn't."""
MAX_FPS = 500
"""Slow motion of phones reaches 480."""
MAX_TRUNCATION_S = 2.0
MAX_TRUNCATION_SHARE = 0.02

_VIDEO_NAMES = (
    "h264,hevc,vp8,vp9,av1,mpeg4,mpeg2video,mpeg1video,h263,flv1,wmv1,wmv2,wmv3,vc1,msmpeg4v1,msmpeg4v2,msmpeg4v3,"
    "mjpeg,prores,dnxhd,dvvideo,theora,png"
)
_AUDIO_NAMES = (
    "aac,mp1,mp2,mp3,opus,vorbis,flac,alac,ac3,eac3,wmav1,wmav2,wmapro,amr_nb,amr_wb,adpcm_ms,adpcm_ima_wav,"
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_u8,pcm_alaw,pcm_mulaw"
)
VIDEO_CODECS = frozenset(_VIDEO_NAMES.split(","))
AUDIO_CODECS = frozenset(_AUDIO_NAMES.split(","))
DECODERS = ",".join(
    sorted(VIDEO_CODECS | AUDIO_CODECS - {"amr_nb", "amr_wb"} | {"libdav1d", "flv", "mp3float", "libopus", "mp1float"}
           | {"mp2float", "amrnb", "amrwb", "msmpeg4"})
)  # fmt: skip
"""ffmpeg's `-codec_whitelist`: decoders by their own names, which differ from the codecs' in places."""

_LONGEST_FRAME_S = 60.0
_LONGEST_SOUND_S = 10.0
"""What one packet can bear out, generously: a slide stands a minute, and FLAC's longest packet lasts 8 s."""
_FILM_FRAMES = 10
"""A container that tells of more frames holds no still."""

HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})


@dataclass(frozen=True)
class VideoFacts:
    """The moving picture. `width` and `height` are as shown: rotated and with square pixels; `end_s` is its end."""

    index: int
    codec: str
    width: int
    height: int
    fps: float
    hdr: bool
    packets: int
    bit_rate: int
    end_s: float


@dataclass(frozen=True)
class AudioFacts:
    """The sound track that is used; `end_s` is its end."""

    index: int
    codec: str
    sample_rate: int
    channels: int
    packets: int
    end_s: float


@dataclass(frozen=True)
class SourceFacts:
    """All that planning and verification need to know; `still_index` is a cover or a single picture."""

    demuxer: str
    duration_s: float
    length: int
    video: VideoFacts | None
    audio: AudioFacts | None
    still_index: int | None

    @classmethod
    def of_own_picture(cls, size: tuple[int, int], rate: Fraction, frames: int, length: int) -> SourceFacts:
        """What is known of a silent MP4 of `length` bytes that this pipeline made."""
        end_s = float(frames / rate)
        video = VideoFacts(
            index=0, codec="", width=size[0], height=size[1], fps=float(rate), hdr=False, packets=frames, bit_rate=0,
            end_s=end_s,
        )  # fmt: skip
        return cls("mov", end_s, length, video, None, None)

    def as_json(self) -> dict[str, Any]:
        """For `MediaSource.probe`."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SourceFacts:
        """The inverse of `as_json`; unknown keys are passed over."""
        return cls(
            demuxer=stored["demuxer"],
            duration_s=stored["duration_s"],
            length=stored["length"],
            video=VideoFacts(**stored["video"]) if stored["video"] else None,
            audio=AudioFacts(**stored["audio"]) if stored["audio"] else None,
            still_index=stored["still_index"],
        )


def _check_codec(stream: Mapping[str, Any], allowed: frozenset[str]) -> None:
    if stream["codec"] not in allowed:
        raise CodecRefused(codec=stream["codec"])


def _check_pixels(stream: Mapping[str, Any]) -> None:
    width, height = _size(stream)
    if width * height > MAX_PIXELS:
        raise TooManyPixels(width=width, height=height)


def _size(stream: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height as stored; zeros where no decoder could tell."""
    return max(0, stream.get("width") or 0), max(0, stream.get("height") or 0)


def _check_picture(stream: Mapping[str, Any], refused_size: Sequence[int] | None) -> None:
    """Refuse a picture by its size and codec; one without a size is one a decoder refused, or no picture."""
    _check_pixels(stream)
    _check_codec(stream, VIDEO_CODECS)
    if 0 in _size(stream):
        if refused_size:
            raise TooManyPixels(width=refused_size[0], height=refused_size[1])
        raise ProbeFailed


def _check_sound(stream: Mapping[str, Any]) -> None:
    _check_codec(stream, AUDIO_CODECS)
    if (stream.get("sample_rate") or 0) <= 0 or (stream.get("channels") or 0) <= 0:
        raise ProbeFailed


def _shown_size(stream: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height as a viewer sees them."""
    width, height = stream["width"], stream["height"]
    numerator, denominator = stream.get("sar") or (1, 1)
    if numerator > 0 and denominator > 0 and 1 / 8 <= numerator / denominator <= 8:
        width = max(1, round(width * numerator / denominator))
    return (height, width) if stream.get("rotation", 0) % 180 == 90 else (width, height)


def _duration(raw: Mapping[str, Any], streams: Sequence[Mapping[str, Any]]) -> float:
    """The length that can be believed: claimed by the container and borne out by the packets.

    Raises:
        DurationRefused: no length, one above the limit, or one that a few packets can't fill.
        VerifyFailed: the packets end well before the claimed end, so the file is cut off.
    """
    claimed = raw.get("duration_s") or 0.0
    found = max((stream["end_s"] for stream in streams), default=0.0)
    limit_hours = MAX_DURATION_S // 3600
    if max(claimed, found) > MAX_DURATION_S or (claimed or found) < MIN_DURATION_S:
        raise DurationRefused(seconds=round(max(claimed, found)), limit_hours=limit_hours)
    borne_out = max((_borne_out_s(stream) for stream in streams), default=0.0)
    if found > borne_out:
        raise DurationRefused(seconds=round(found), limit_hours=limit_hours)
    missing = claimed - found
    if claimed and missing > max(MAX_TRUNCATION_S, MAX_TRUNCATION_SHARE * claimed):
        raise VerifyFailed(reason=f"{found:.1f} s / {claimed:.1f} s")
    return found


def _borne_out_s(stream: Mapping[str, Any]) -> float:
    """The longest that a stream's packets can last."""
    return float(stream["packets"] * (_LONGEST_FRAME_S if stream["type"] == "video" else _LONGEST_SOUND_S))


def _check_rate(raw: Mapping[str, Any], moving: Mapping[str, Any] | None, duration_s: float) -> None:
    """Refuse what has more frames a second than cameras make, or more packets than anyone counts."""
    fps = moving["packets"] / duration_s if moving else 0.0
    if fps > MAX_FPS or raw.get("uncounted"):
        raise TooManyFrames(fps=round(fps), limit=MAX_FPS)


def _check_vanished(pictures: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a film of which only its tables are left: it would be published as sound with a poster."""
    for stream in pictures:
        told = stream.get("frames") or 0
        if told > _FILM_FRAMES and stream["packets"] <= 1 and not stream.get("cover"):
            raise VerifyFailed(reason=f"{stream['packets']} / {told} frames")


def _is_still(stream: Mapping[str, Any]) -> bool:
    return bool(stream.get("cover")) or stream["packets"] == 1


def _video_facts(stream: Mapping[str, Any], duration_s: float) -> VideoFacts:
    width, height = _shown_size(stream)
    measured = stream["packets"] / duration_s if duration_s else 0.0
    return VideoFacts(
        index=stream["index"],
        codec=stream["codec"],
        width=width,
        height=height,
        fps=stream.get("fps") or measured,
        hdr=stream.get("transfer", "") in HDR_TRANSFERS,
        packets=stream["packets"],
        bit_rate=round(8 * stream["bytes"] / duration_s) if duration_s else 0,
        end_s=stream["end_s"],
    )


def _audio_facts(stream: Mapping[str, Any]) -> AudioFacts:
    return AudioFacts(
        stream["index"], stream["codec"], stream["sample_rate"], stream["channels"], stream["packets"], stream["end_s"]
    )


def accept(raw: Mapping[str, Any], *, demuxer: str, length: int) -> SourceFacts:
    """Turn the probe's report into facts, choosing the streams: first moving picture, default or first sound.

    Args:
        raw: {"duration_s", "tracks", "uncounted", "refused_size", "streams": [{"index", "type", "codec", "packets",
            "bytes", "end_s", …}]}; `tracks` counts streams of every kind, `uncounted` tells that the packets were too
            many to count, `refused_size` is the size of a picture that a decoder found too large.
        demuxer: the one the file was opened with.
        length: bytes.

    Raises:
        ProbeFailed: neither picture nor sound, or without size or rate.
        CodecRefused, TooManyPixels, TooManyTracks, TooManyFrames, DurationRefused, VerifyFailed: as they say.
    """
    tracks = raw.get("tracks") or len(raw["streams"])
    if tracks > MAX_TRACKS:
        raise TooManyTracks(tracks=tracks, limit=MAX_TRACKS)
    pictures = [s for s in raw["streams"] if s["type"] == "video"]
    # Recorders leave empty tracks behind; they are as good as none.
    sounds = [s for s in raw["streams"] if s["type"] == "audio" and s["packets"]]
    moving = next((s for s in pictures if s["packets"] > 1 and not _is_still(s)), None)
    still = next((s for s in pictures if _is_still(s) and s["codec"] in VIDEO_CODECS), None)
    sound = next((s for s in sounds if s.get("default")), sounds[0] if sounds else None)
    if moving is None:
        _check_vanished(pictures)
    if moving is None and sound is None:
        # A lone picture has no length to speak of; still say what is wrong with it first.
        for picture in pictures[:1]:
            _check_picture(picture, raw.get("refused_size"))
        raise ProbeFailed
    if moving is not None:
        _check_picture(moving, raw.get("refused_size"))
    if sound is not None:
        _check_sound(sound)
    duration_s = _duration(raw, [s for s in (moving, sound) if s is not None])
    _check_rate(raw, moving, duration_s)
    return SourceFacts(
        demuxer=demuxer,
        duration_s=duration_s,
        length=length,
        video=_video_facts(moving, duration_s) if moving else None,
        audio=_audio_facts(sound) if sound else None,
        still_index=still["index"] if still and _fits(still) else None,
    )


def _fits(stream: Mapping[str, Any]) -> bool:
    width, height = _size(stream)
    return 0 < width * height <= MAX_PIXELS

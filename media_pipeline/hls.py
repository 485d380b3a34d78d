"""HLS playlists by byte range (RFC 8216 with EXT-X-MAP), written from segment indexes; pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

VERSION = 7
"""Protocol version: fragmented MP4 with EXT-X-MAP in non-I-frame playlists needs 6, fMP4 in practice 7."""


class RenditionFacts(Protocol):
    """What a playlist needs to know of a rendition; `media_pipeline.models.Rendition` fits."""

    name: str
    kind: str
    mime: str
    length: int
    duration_s: float | None
    width: int | None
    height: int | None


@dataclass(frozen=True)
class DubbedTrack:
    """A sound track in another language, for EXT-X-MEDIA; `urls` maps its rung names to media playlists."""

    language: str
    label: str
    renditions: Sequence[RenditionFacts]
    urls: Mapping[str, str]


def codecs_of(mime: str) -> str:
    """The codecs parameter of a MIME type: 'avc1.4d401e' of 'video/mp4; codecs="avc1.4d401e"'; '' if absent."""
    found = re.search(r'codecs="([^"]+)"', mime)
    return found.group(1) if found else ""


def bandwidth(rendition: RenditionFacts) -> int:
    """Peak bits per second: the stored peak of a segment where there is one, else the mean and a half."""
    peak = getattr(rendition, "peak_bps", None)
    if peak:
        return int(peak)
    return math.ceil(1.5 * mean_bandwidth(rendition))


def mean_bandwidth(rendition: RenditionFacts) -> int:
    """Mean bits per second of the object, container included."""
    return math.ceil(8 * rendition.length / rendition.duration_s) if rendition.duration_s else 0


def _attribute(text: str) -> str:
    """A quoted-string attribute: quotes and line ends are not allowed inside (RFC 8216 §4.2)."""
    return '"' + re.sub(r'["\r\n]', " ", text) + '"'


def _media_line(*, group: str, language: str, label: str, url: str, default: bool) -> str:
    flags = "DEFAULT=YES,AUTOSELECT=YES" if default else "DEFAULT=NO,AUTOSELECT=YES"
    return (
        f"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID={_attribute(group)},LANGUAGE={_attribute(language)},"
        f'NAME={_attribute(label)},{flags},CHANNELS="1",URI={_attribute(url)}'
    )


def _stream_lines(video: RenditionFacts | None, audio: RenditionFacts | None, url: str) -> list[str]:
    parts = [part for part in (video, audio) if part is not None]
    fields = [
        f"BANDWIDTH={sum(bandwidth(part) for part in parts)}",
        f"AVERAGE-BANDWIDTH={sum(mean_bandwidth(part) for part in parts)}",
        f"CODECS={_attribute(','.join(codecs_of(part.mime) for part in parts))}",
    ]
    if video is not None and video.width and video.height:
        fields.append(f"RESOLUTION={video.width}x{video.height}")
    if audio is not None:
        fields.append(f"AUDIO={_attribute(audio.name)}")
    return ["#EXT-X-STREAM-INF:" + ",".join(fields), url]


def master_playlist(
    renditions: Sequence[RenditionFacts],
    urls: Mapping[str, str],
    *,
    language: str = "zh",
    label: str = "原声",
    dubbed: Sequence[DubbedTrack] = (),
) -> str:
    """The multivariant playlist of one lesson.

    Each audio codec is a group of its own (AAC first: the players that read HLS by themselves know it best),
    every video rung appears once a group, and a sound-only variant closes the list.

    Args:
        renditions: the source's verified renditions; muxed copies and posters are passed over.
        urls: media playlist address by rung name.
        language: BCP 47 tag of the lecture's own sound.
        label: what a player shows for it.
        dubbed: sound tracks in other languages, offered in the group of the same rung name.
    """
    video = sorted((r for r in renditions if r.kind == "video"), key=lambda r: r.height or 0)
    audio = sorted((r for r in renditions if r.kind == "audio"), key=lambda r: r.name)
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for track in audio:
        lines.append(_media_line(group=track.name, language=language, label=label, url=urls[track.name], default=True))
        lines.extend(
            _media_line(
                group=track.name, language=dub.language, label=dub.label, url=dub.urls[track.name], default=False
            )
            for dub in dubbed
            if track.name in dub.urls
        )
    for picture in video:
        for track in audio or [None]:  # type: ignore[list-item]
            lines.extend(_stream_lines(picture, track, urls[picture.name]))
    for track in audio:
        lines.extend(_stream_lines(None, track, urls[track.name]))
    return "\n".join(lines) + "\n"


def media_playlist(index: Mapping[str, Any], url: str) -> str:
    """The media playlist of one object: its init part as EXT-X-MAP, its segments as byte ranges.

    Args:
        index: the decoded segment index object (`media_pipeline.segments`).
        url: address of the object itself.
    """
    segments = index["segments"]
    longest_s = max((duration_ms for _length, duration_ms, _sha in segments), default=0) / 1000
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{max(1, round(longest_s))}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI={_attribute(url)},BYTERANGE="{index["init"]}@0"',
    ]
    offset = index["init"]
    for length, duration_ms, _sha in segments:
        lines += [f"#EXTINF:{duration_ms / 1000:.3f},", f"#EXT-X-BYTERANGE:{length}@{offset}", url]
        offset += length
    lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"

"""From a finished file to a verified rendition: full decode, rules, segment index, object store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from media_pipeline import commands, verify
from media_pipeline.errors import VerifyFailed
from media_pipeline.fmp4 import BadFragmentedMp4
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.objects import ObjectStore
from media_pipeline.segments import SegmentIndex, build_index
from media_pipeline.supervisor import Limits, Progress, Tick, ffmpeg_executable, run
from media_pipeline.verify import Decoded, Promise

MAX_POSTER_BYTES = 2 << 20


@dataclass(frozen=True)
class Made:
    """A file that an encoder left, and what it should be.

    Attributes:
        copied_from: for a muxed copy the stored objects its streams were taken from, in the order of its streams.
    """

    path: Path
    kind: str
    promise: Promise
    width: int | None = None
    height: int | None = None
    copied_from: tuple[Path, ...] = ()


_STREAMS = {Rendition.Kind.VIDEO: ("v:0",), Rendition.Kind.AUDIO: ("a:0",)}
_STREAM_HASH = re.compile(r"^\d+,[va],SHA256=([0-9a-f]{64})$", re.MULTILINE)


def decode_fully(path: Path, streams: Sequence[str], duration_s: float, on_tick: Tick) -> Decoded:
    """Decode a finished MP4 from end to end.

    Raises:
        VerifyFailed: the decoder met an error.
        Exception: whatever `on_tick` raises.
    """
    limits = Limits(cpu_s=30 + round(duration_s), wall_s=120 + 2 * duration_s, file_bytes=0)
    command = commands.decode(path, streams, duration_s=duration_s, executable=ffmpeg_executable())
    outcome = run(command, limits, on_tick)
    if outcome.status != 0 or outcome.stderr.strip():
        raise VerifyFailed(reason=f"decode status {outcome.status}")
    return Decoded(outcome.progress.seconds, outcome.progress.frames)


def stream_hashes(path: Path, streams: Sequence[str], duration_s: float, on_tick: Tick) -> list[str]:
    """SHA-256 of each stream's packets.

    Raises:
        VerifyFailed: a stream is missing or can't be read.
        Exception: whatever `on_tick` raises.
    """
    limits = Limits(cpu_s=30 + round(duration_s), wall_s=120 + 2 * duration_s, file_bytes=0)
    command = commands.stream_hashes(path, streams, duration_s=duration_s, executable=ffmpeg_executable())
    outcome = run(command, limits, on_tick)
    hashes = _STREAM_HASH.findall(outcome.stdout)
    if outcome.status != 0 or len(hashes) != len(streams):
        raise VerifyFailed(reason=f"streams: status {outcome.status}")
    return hashes


def _verify_copy(made: Made, on_tick: Tick) -> None:
    """A copy is right when its streams are, packet for packet, those of the verified objects it was made from."""
    duration_s = made.promise.duration_s
    streams = ("v:0", "a:0")[: len(made.copied_from)]
    wanted = [stream_hashes(path, ("0",), duration_s, on_tick)[0] for path in made.copied_from]
    if stream_hashes(made.path, streams, duration_s, on_tick) != wanted:
        raise VerifyFailed(reason=f"{made.promise.name}: streams differ")


def _index(path: Path, kind: str, sha256: str) -> SegmentIndex:
    try:
        with path.open("rb") as reader:
            return build_index(reader, path.stat().st_size, kind=kind, object_sha256=sha256)
    except BadFragmentedMp4 as error:
        raise VerifyFailed(reason=str(error)) from error


def store_media(made: Made, store: ObjectStore, source: MediaSource, version: str, on_tick: Tick) -> Rendition:
    """Verify a media file and put it into the store; return the rendition, not saved yet.

    Raises:
        VerifyFailed: the output isn't what was promised.
        OSError: the disk is full.
    """
    length = made.path.stat().st_size
    if made.copied_from:
        _verify_copy(made, on_tick)
    else:
        streams = _STREAMS[Rendition.Kind(made.kind)]
        verify.check(made.promise, decode_fully(made.path, streams, made.promise.duration_s, on_tick), length)
    sha256 = store.put_file(made.path)
    rendition = Rendition(
        source=source,
        name=made.promise.name,
        kind=made.kind,
        sha256=sha256,
        length=length,
        duration_s=made.promise.duration_s,
        width=made.width,
        height=made.height,
        preset_version=version,
        mime="video/mp4",
    )
    if made.kind in (Rendition.Kind.VIDEO, Rendition.Kind.AUDIO):
        index = _index(made.path, made.kind, sha256)
        if not verify.duration_matches(index.duration_s, made.promise.duration_s):
            raise VerifyFailed(reason=f"{made.promise.name}: sidx {index.duration_s:.1f} s")
        rendition.mime, rendition.duration_s = index.mime, index.duration_s
        rendition.peak_bps = index.peak_bps
        rendition.index_sha256 = store.put_bytes(index.as_bytes())
    return rendition


def store_poster(path: Path, name: str, store: ObjectStore, source: MediaSource, version: str) -> Rendition:
    """Check a poster and put it into the store; return the rendition, not saved yet.

    Raises:
        VerifyFailed: it is no WebP picture.
        OSError: the disk is full.
    """
    if not path.is_file():
        raise VerifyFailed(reason=f"{name}: no frame")
    length = path.stat().st_size
    with path.open("rb") as reader:
        head = reader.read(64)
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or length > MAX_POSTER_BYTES:
        raise VerifyFailed(reason=f"{name}: not a WebP picture")
    width, height = _webp_size(head)
    return Rendition(
        source=source,
        name=name,
        kind=Rendition.Kind.POSTER,
        mime="image/webp",
        sha256=store.put_file(path),
        length=length,
        width=width,
        height=height,
        preset_version=version,
    )


def _webp_size(head: bytes) -> tuple[int, int]:
    """Width and height of a lossy WebP without extensions (RFC 6386 §9.1), the only kind the encoder writes."""
    if head[12:16] != b"VP8 " or head[23:26] != b"\x9d\x01\x2a":
        raise VerifyFailed(reason="poster: unexpected WebP kind")
    return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF


def silent_tick(_progress: Progress) -> None:
    """For callers without a job: nothing to report to."""

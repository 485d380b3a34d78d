"""From a finished file to a verified rendition: full decode, rules, segment index, object store."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from media_pipeline import verify
from media_pipeline.deck import DeckIndex
from media_pipeline.errors import VerifyFailed
from media_pipeline.facts import DECODERS, MAX_PIXELS
from media_pipeline.fmp4 import BadFragmentedMp4, read_layout
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.objects import ObjectStore
from media_pipeline.samples import fragmented_samples, progressive_samples
from media_pipeline.segments import SegmentIndex, build_index
from media_pipeline.supervisor import Limits, Progress, Tick, run
from media_pipeline.verify import Decoded, Promise

MAX_POSTER_BYTES = 2 << 20
_CHILD = Path(__file__).with_name("decode_child.py")
T = TypeVar("T")


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


@dataclass(frozen=True)
class Verified:
    """A file that was found to be what it should be; `verified`, `verify_joined` and `verify_copy` alone make one."""

    made: Made


def decode_fully(made: Sequence[Made], on_tick: Tick) -> list[Decoded]:
    """Decode finished files from end to end, one after another in one process.

    Raises:
        VerifyFailed: the decoder met an error, or a file holds more or less than one stream.
        Exception: whatever `on_tick` raises.
    """
    seconds = sum(item.promise.duration_s for item in made)
    limits = Limits(cpu_s=30 + round(seconds), wall_s=120 + 2 * seconds, file_bytes=0)
    paths = [str(item.path.resolve()) for item in made]
    outcome = run([sys.executable, "-I", str(_CHILD), DECODERS, str(MAX_PIXELS), *paths], limits, on_tick)
    try:
        reports = json.loads(outcome.stdout.splitlines()[-1])
        decoded = [Decoded(report["seconds"], report["frames"]) for report in reports if report["streams"] == 1]
    except (ValueError, LookupError) as error:
        raise VerifyFailed(reason=f"decode status {outcome.status}") from error
    # What FFmpeg only complained about counts too: a decoder may hide damage and go on.
    if outcome.status != 0 or outcome.stderr.strip() or len(decoded) != len(made):
        raise VerifyFailed(reason=f"decode status {outcome.status}")
    return decoded


def verified(made: Sequence[Made], on_tick: Tick) -> Iterator[Verified]:
    """Decode files that were just encoded, and hand out each that is what was promised.

    Raises:
        VerifyFailed: one of them isn't.
        Exception: whatever `on_tick` raises.
    """
    for item, decoded in zip(made, decode_fully(made, on_tick) if made else [], strict=True):
        verify.check(item.promise, decoded, item.path.stat().st_size)
        yield Verified(item)


def _samples(path: Path, read: Callable[[BinaryIO, int], T]) -> T:
    try:
        with path.open("rb") as reader:
            return read(reader, path.stat().st_size)
    except BadFragmentedMp4 as error:
        raise VerifyFailed(reason=str(error)) from error


def verify_joined(made: Made) -> Verified:
    """A rung joined from chunks, each decoded when it was made, is right when together they last what was promised.

    Raises:
        VerifyFailed: too short, too long, or above its rate cap.
    """
    try:
        with made.path.open("rb") as reader:
            sidx = read_layout(reader, made.path.stat().st_size).sidx
    except BadFragmentedMp4 as error:
        raise VerifyFailed(reason=str(error)) from error
    seconds = sum(entry.duration for entry in sidx.entries) / sidx.timescale
    verify.check(made.promise, Decoded(seconds, made.promise.frames or 0), made.path.stat().st_size)
    return Verified(made)


def verify_copy(made: Made) -> Verified:
    """A copy is right when its samples are, one for one, those of the verified objects it was made from.

    Raises:
        VerifyFailed: a sample differs in size or bytes, or a track is missing.
    """
    wanted = [_samples(path, fragmented_samples) for path in made.copied_from]
    if _samples(made.path, progressive_samples) != wanted:
        raise VerifyFailed(reason=f"{made.promise.name}: streams differ")
    return Verified(made)


def _index(path: Path, kind: str, sha256: str) -> SegmentIndex:
    try:
        with path.open("rb") as reader:
            return build_index(reader, path.stat().st_size, kind=kind, object_sha256=sha256)
    except BadFragmentedMp4 as error:
        raise VerifyFailed(reason=str(error)) from error


def store_media(file: Verified, store: ObjectStore, source: MediaSource, version: str) -> Rendition:
    """Put a verified file into the store; return the rendition, not saved yet.

    Raises:
        VerifyFailed: its segments aren't what was promised.
        OSError: the disk is full.
    """
    made = file.made
    length = made.path.stat().st_size
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
    width, height = check_webp(head, name)
    if length > MAX_POSTER_BYTES:
        raise VerifyFailed(reason=f"{name}: not a WebP picture")
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


def store_deck(
    content: bytes,
    index: DeckIndex,
    name: str,
    store: ObjectStore,
    source: MediaSource,
    version: str,
    duration_s: float,
) -> Rendition:
    """Put a deck's pictures and their index into the store; return the rendition, not saved yet.

    Raises:
        OSError: the disk is full.
    """
    return Rendition(
        source=source,
        name=name,
        kind=Rendition.Kind.DECK,
        mime="image/webp",
        sha256=store.put_bytes(content),
        index_sha256=store.put_bytes(index.as_bytes()),
        length=len(content),
        duration_s=duration_s,
        width=index.width,
        height=index.height,
        preset_version=version,
    )


def check_webp(head: bytes, name: str) -> tuple[int, int]:
    """Width and height of a WebP file that the encoder wrote, told by its first 64 bytes; `name` is the rung's.

    Raises:
        VerifyFailed: it is another kind of file.
    """
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        raise VerifyFailed(reason=f"{name}: not a WebP picture")
    return _webp_size(head)


def _webp_size(head: bytes) -> tuple[int, int]:
    """Width and height of a lossy WebP without extensions (RFC 6386 §9.1), the only kind the encoder writes."""
    if head[12:16] != b"VP8 " or head[23:26] != b"\x9d\x01\x2a":
        raise VerifyFailed(reason="poster: unexpected WebP kind")
    return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF


def silent_tick(_progress: Progress) -> None:
    """For callers without a job: nothing to report to."""

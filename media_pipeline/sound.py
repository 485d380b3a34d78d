"""The sound of one source: decoded once, cut at pauses, encoded piece by piece, rungs joined from the pieces.

Opus in MP4 can be joined without a seam: its packets stand on a grid of 20 ms, and a decoder that goes on with another
encoder's packets is in step after a few of them, all in a pause. AAC cannot be kept in pieces (ADR 0017).
"""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from media_pipeline import assembly, joining, sound_commands
from media_pipeline.chunks import ChunkCount, Shelf, Stored, chunk_key
from media_pipeline.encoder import Encoder, gain_for
from media_pipeline.errors import EncodeFailed, VerifyFailed
from media_pipeline.fmp4 import BadFragmentedMp4
from media_pipeline.fragments import Packet, sound_file
from media_pipeline.models import Rendition
from media_pipeline.objects import ObjectStore
from media_pipeline.outputs import Made, Verified, verified
from media_pipeline.pauses import FRAME, FRAME_BYTES, RATE, find_pauses, listen
from media_pipeline.picture import encoder_build
from media_pipeline.presets import AudioRung
from media_pipeline.samples import fragmented_packets
from media_pipeline.sound_commands import LEAD_FRAMES, LONG_PACKET, SHORT_PACKET, end_lead
from media_pipeline.supervisor import Progress, Tick, ffmpeg_executable
from media_pipeline.verify import Promise, check_source_decoded

PRE_SKIP = 312
"""Samples that Opus's encoder is behind (RFC 7845 §4.2); ffmpeg's header tells players to pass over them."""
GAIN_TOLERANCE_DB = 1.0
"""A revision keeps the gain of the version before it when its own would differ by less: EBU R128 allows ±1 LU where
the exact level is not practicable, and another gain would make every piece another one."""
_READ = 1 << 20
_SPARE_S = 10.0
_ENCODING_SHARE = 0.9
"""The encoder's part of a rung's work; the rest is verification."""


def in_pieces(rung: AudioRung) -> bool:
    """Whether the rung is made of pieces."""
    return rung.encoder == "libopus"


def settled_gain(measured_db: float, earlier_db: float | None) -> float:
    """The gain to take: an earlier version's where that is near enough."""
    near = earlier_db is not None and abs(earlier_db - measured_db) <= GAIN_TOLERANCE_DB
    return earlier_db if near and earlier_db is not None else measured_db


@dataclass(frozen=True)
class SoundPiece:
    """A stretch of sound between two pauses, in frames of 20 ms, and the SHA-256 of its samples and its lead-in's."""

    begin: int
    frames: int
    sha256: str


@dataclass(frozen=True)
class Heard:
    """The decoded sound of a source: a file of samples, and its pieces."""

    pcm: Path
    pieces: tuple[SoundPiece, ...]


class SoundWork:
    """Makes the sound rungs of one source.

    Args:
        encoder: runs commands in the source's working folder.
        shelf: knows the pieces that are made; they are found by what they are, whoever made them.
    """

    def __init__(self, encoder: Encoder, store: ObjectStore, shelf: Shelf) -> None:
        self.encoder = encoder
        self.store = store
        self.shelf = shelf
        self.count = ChunkCount()

    @property
    def _end_s(self) -> float:
        assert self.encoder.facts.audio is not None
        return self.encoder.facts.audio.end_s

    def hear(self, on_tick: Tick) -> Heard:
        """Decode the sound and find its pieces.

        Raises:
            VerifyFailed: the source is damaged.
        """
        facts, pcm = self.encoder.facts, self.encoder.folder / "sound.pcm"
        assert facts.audio is not None
        command = sound_commands.decode(self.encoder.path, facts, pcm, executable=ffmpeg_executable())
        room = round((facts.duration_s + _SPARE_S) * RATE) * 2
        outcome = self.encoder.run(command, on_tick, file_bytes=room)
        check_source_decoded(outcome.stderr, facts.audio.packets)
        if not pcm.stat().st_size:
            raise VerifyFailed(reason="no samples")
        frames = math.ceil((pcm.stat().st_size // 2 + PRE_SKIP) / FRAME)
        cuts = find_pauses(listen(pcm))
        on_tick(Progress(self._end_s))
        with pcm.open("rb") as reader:
            pieces = [
                SoundPiece(begin, end - begin, _digest(reader, begin, end)) for begin, end in pairwise([*cuts, frames])
            ]
        return Heard(pcm, tuple(pieces))

    def gain(self, heard: Heard, on_tick: Tick) -> float:
        """The one gain in dB that brings the whole to the ladder's loudness."""
        command = sound_commands.loudness(heard.pcm, self._end_s, executable=ffmpeg_executable())
        outcome = self.encoder.run(command, on_tick)
        return gain_for(outcome.stderr, self.encoder.ladder.loudness_lufs)

    def made(self, heard: Heard, rung: AudioRung, gain_db: float, on_tick: Tick) -> Verified:
        """A rung, decoded from end to end.

        Raises:
            VerifyFailed: it is not what it should be; its pieces are forgotten, so that the next try makes new ones.
            Exception: whatever `on_tick` raises.
        """
        encoding, verifying = _shares(on_tick, self._end_s)
        target = self.encoder.folder / f"{rung.name}.mp4"
        made = Made(target, Rendition.Kind.AUDIO, Promise(rung.name, self._end_s, max_kbps=rung.max_kbps))
        if not in_pieces(rung):
            self._whole(heard, rung, gain_db, target, encoding)
            return next(verified([made], verifying))
        keys = self._keys(heard, rung, gain_db)
        try:
            self._joined(heard, rung, keys, gain_db, target, encoding)
            return next(verified([made], verifying))
        except (VerifyFailed, EncodeFailed):
            for key in keys:
                self.shelf.forget(key)
            raise

    def _whole(self, heard: Heard, rung: AudioRung, gain_db: float, target: Path, on_tick: Tick) -> None:
        command = sound_commands.whole(
            heard.pcm,
            rung,
            target,
            self.encoder.ladder,
            duration_s=self._end_s,
            gain_db=gain_db,
            executable=ffmpeg_executable(),
        )
        self.encoder.run(command, on_tick)

    def _keys(self, heard: Heard, rung: AudioRung, gain_db: float) -> list[str]:
        ladder = self.encoder.ladder
        options = sound_commands.encoding(rung, ladder) | {
            "gain_db": gain_db, "peak_dbfs": ladder.peak_dbfs, "segment_s": ladder.audio_segment_s
        }  # fmt: skip
        build = encoder_build(ffmpeg_executable())
        return [chunk_key(piece.sha256, options, (0, 0), str(RATE), build) for piece in heard.pieces]

    def _joined(
        self, heard: Heard, rung: AudioRung, keys: list[str], gain_db: float, target: Path, on_tick: Tick
    ) -> None:
        """Make what is missing, and join.

        Again where another worker took a piece's own object away in between, or one was damaged in the store.
        """
        self.count.total += len(keys)
        lost = ""
        for attempt in range(joining.ATTEMPTS):
            there = self._there(keys)
            if not attempt:
                self.count.reused += sum(key in there for key in keys)
            self._encode(heard, rung, keys, there, gain_db, on_tick)
            try:
                joining.join_stored(self.store, self.shelf, keys, target, lambda _none: on_tick(Progress(self._end_s)))
                return
            except joining.ChunksLost as error:
                lost = str(error)
            except BadFragmentedMp4 as error:
                raise EncodeFailed(reason=f"{rung.name}: {error}") from error
        raise EncodeFailed(reason=f"{rung.name}: {lost}")

    def _there(self, keys: list[str]) -> set[str]:
        return {key for key, stored in self.shelf.find(keys).items() if self.store.exists(stored.object_sha256)}

    def _encode(
        self, heard: Heard, rung: AudioRung, keys: list[str], there: set[str], gain_db: float, on_tick: Tick
    ) -> None:
        """Make the pieces that are not there; each is on the shelf as soon as it is made."""
        for key, piece in zip(keys, heard.pieces, strict=True):
            begin_s = piece.begin * FRAME / RATE
            if key not in there:
                content = self._piece(heard, rung, piece, gain_db, _after(on_tick, begin_s))
                fragments = len(assembly.read_layout(io.BytesIO(content), len(content)).fragments)
                self.shelf.put(key, Stored(self.store.put_bytes(content), 0, fragments))
                self.count.encoded += 1
                there.add(key)
            on_tick(Progress(begin_s + piece.frames * FRAME / RATE))

    def _piece(self, heard: Heard, rung: AudioRung, piece: SoundPiece, gain_db: float, on_tick: Tick) -> bytes:
        ladder = self.encoder.ladder
        targets = (self.encoder.folder / "piece.mp4", self.encoder.folder / "piece-end.mp4")
        command = sound_commands.piece(
            heard.pcm, rung, piece.begin, piece.frames, targets, ladder, gain_db=gain_db, executable=ffmpeg_executable()
        )
        self.encoder.run(command, on_tick)
        long, rest = divmod(piece.frames, LONG_PACKET)
        lead = min(LEAD_FRAMES, piece.begin) // LONG_PACKET
        try:
            packets = _packets(targets[0], lead, long, LONG_PACKET)
            if rest:
                packets += _packets(targets[1], end_lead(piece.begin, piece.frames), rest, SHORT_PACKET)
            with targets[0].open("rb") as reader:
                init = assembly.read_layout(reader, targets[0].stat().st_size).init
        except BadFragmentedMp4 as error:
            raise EncodeFailed(reason=f"{rung.name}: {error}") from error
        finally:
            for target in targets:
                target.unlink(missing_ok=True)
        return sound_file(init, packets, RATE, ladder.audio_segment_s)

    def settle(self, heard: Heard, rung: AudioRung, gain_db: float, object_sha256: str) -> None:
        """Let the pieces of a rung lie in its finished object, and let go of those of their own."""
        if not in_pieces(rung):
            return
        keys = self._keys(heard, rung, gain_db)
        found = self.shelf.find(keys)
        first, former = 0, {stored.object_sha256 for stored in found.values()}
        for key in keys:
            stored = found[key]
            self.shelf.put(key, Stored(object_sha256, first, stored.count))
            first += stored.count
        for sha256 in former - {object_sha256}:
            if not self.shelf.is_held(sha256):
                self.store.delete(sha256)


def _digest(reader: BinaryIO, begin: int, end: int) -> str:
    """SHA-256 over all that a piece's encode sees: where it begins in that, and its length, then the samples."""
    lead = min(LEAD_FRAMES, begin)
    digest = hashlib.sha256(f"{lead} {end - begin}\n".encode())
    reader.seek((begin - lead) * FRAME_BYTES)
    left = (lead + end - begin) * FRAME_BYTES
    while left and (block := reader.read(min(_READ, left))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest()


def _packets(path: Path, drop: int, count: int, frames: int) -> list[Packet]:
    """`count` packets of `frames` frames each, behind those of the lead-in."""
    with path.open("rb") as reader:
        found = list(fragmented_packets(reader, path.stat().st_size))[drop : drop + count]
    if len(found) != count:
        raise BadFragmentedMp4(f"{len(found)} packets, not {count}")
    return [Packet(content, frames * FRAME) for content in found]


def _after(on_tick: Tick, before_s: float) -> Tick:
    """Progress of a piece as progress of the whole."""
    return lambda progress: on_tick(Progress(before_s + progress.seconds))


def _shares(on_tick: Tick, whole_s: float) -> tuple[Tick, Tick]:
    """Progress of encoding and of verifying as progress of the rung."""
    return (
        lambda progress: on_tick(Progress(_ENCODING_SHARE * min(progress.seconds, whole_s))),
        lambda progress: on_tick(Progress(whole_s * _ENCODING_SHARE + (1 - _ENCODING_SHARE) * progress.seconds)),
    )

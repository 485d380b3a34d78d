"""The picture of one source: one look, a quality for each rung, chunks, and rungs joined from them (media.md §4)."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from media_pipeline import joining, verify
from media_pipeline.chunks import ChunkCount, Shelf, Stored, chunk_key
from media_pipeline.classify import Classified, classify
from media_pipeline.cuts import find_cuts
from media_pipeline.encoder import Encoder
from media_pipeline.errors import EncodeFailed, VerifyFailed
from media_pipeline.facts import SourceFacts, VideoFacts
from media_pipeline.fmp4 import BadFragmentedMp4, read_layout
from media_pipeline.models import Rendition
from media_pipeline.objects import ObjectStore
from media_pipeline.outputs import Made, verified
from media_pipeline.picture_commands import Piece, ScanFiles, chunk, encoding, mezzanine, rate_text, scan
from media_pipeline.plan import VideoPlan
from media_pipeline.scan import Scan, frames_digest, read_scan
from media_pipeline.supervisor import Progress, Tick, ffmpeg_executable
from media_pipeline.verify import Promise, check_source_decoded

_TIMES = {"times": "rounded"}
"""A part of every chunk's key: chunks of earlier builds may show a frame twice as long as the next."""
_WAIT_S = 0.3
"""Between two looks at chunks that another worker makes."""
_RENEW_S = 2.0


class OtherFrames(Exception):
    """Read from the middle, the source shows other frames than read from its beginning."""


@functools.cache
def encoder_build(executable: str) -> str:
    """Which build of the encoders this is; a part of every chunk's key."""
    shown = subprocess.run([executable, "-version"], capture_output=True, text=True, check=True, timeout=60, env={})
    return " ".join(shown.stdout.splitlines()[0].split()[:3])


@dataclass(frozen=True)
class Stretch:
    """A chunk: its frames, the SHA-256 over their hashes, and that over the hashes of small copies of them."""

    piece: Piece
    frames_sha256: str
    looks_sha256: str


@dataclass(frozen=True)
class Cutting:
    """The chunks of a source and the file that they are read from.

    Attributes:
        path: the original, or a lossless copy where that can't be read from the middle.
    """

    path: Path
    facts: SourceFacts
    stretches: tuple[Stretch, ...]

    @property
    def duration_s(self) -> float:
        """Seconds of all chunks."""
        return sum(stretch.piece.seconds for stretch in self.stretches)


@dataclass(frozen=True)
class Look:
    """What one pass over the pictures gave; `cutting` is made out of `scan`."""

    scan: Scan
    found: Classified
    cutting: Cutting


@dataclass
class PictureWork:
    """Makes the silent videos of one source.

    Attributes:
        encoder: runs commands in the source's working folder.
        shelf: knows the chunks that are made.
        count: chunks so far, of all rungs.
    """

    encoder: Encoder
    store: ObjectStore
    shelf: Shelf
    count: ChunkCount = field(default_factory=ChunkCount)

    @property
    def folder(self) -> Path:
        """Where files of this run lie."""
        return self.encoder.folder

    def look(self, rate: Fraction, on_tick: Tick) -> Look:
        """Decode all pictures once.

        Raises:
            VerifyFailed: the source is damaged or shorter than it says.
        """
        return self._look(self.encoder.path, self.encoder.facts, rate, on_tick)

    def _look(self, path: Path, facts: SourceFacts, rate: Fraction, on_tick: Tick) -> Look:
        video = _video_of(facts)
        files = ScanFiles(*(self.folder / name for name in ("frames.txt", "looks.txt", "moves.txt")))
        outcome = self.encoder.run(scan(path, facts, rate, files, executable=ffmpeg_executable()), on_tick)
        check_source_decoded(outcome.stderr, video.packets)
        with (
            files.hashes.open(encoding="ascii") as hashes,
            files.looks.open(encoding="ascii") as looks,
            files.moves.open(encoding="ascii") as moves,
        ):
            found = read_scan(hashes, looks, moves, rate)
        if not verify.duration_matches(found.seconds(found.frames), video.end_s):
            raise VerifyFailed(reason=f"{found.seconds(found.frames):.1f} s / {video.end_s:.1f} s")
        cuts = find_cuts(found)
        pieces = [Piece(rate, start, end) for start, end in zip(cuts, [*cuts[1:], found.frames], strict=True)]
        stretches = tuple(
            Stretch(piece, found.digest(piece.start, piece.end), found.looks_digest(piece.start, piece.end))
            for piece in pieces
        )
        return Look(found, classify(found), Cutting(path, facts, stretches))

    def copy_to_read(self, look: Look, size: tuple[int, int], on_tick: Tick) -> Look:
        """The same look at a lossless copy that can be read from the middle, for a source that can't."""
        target = self.folder / "copy.mp4"
        command = mezzanine(
            self.encoder.path, self.encoder.facts, look.scan.rate, *size, target, executable=ffmpeg_executable()
        )
        self.encoder.run(command, on_tick, file_bytes=8 * self.encoder.needed_bytes)
        facts = SourceFacts.of_own_picture(size, look.scan.rate, look.scan.frames, target.stat().st_size)
        return self._look(target, facts, look.scan.rate, on_tick)

    def keys(self, stretch: Stretch, plans: Sequence[VideoPlan]) -> dict[VideoPlan, str]:
        """The key of each rung's encode of a chunk."""
        digest = stretch.frames_sha256
        build = encoder_build(ffmpeg_executable())
        return {
            item: chunk_key(
                digest,
                encoding(item.dividing(stretch.piece.frames)) | _TIMES,
                (item.width, item.height),
                rate_text(item.rate),
                build,
            )
            for item in plans
        }

    def encode(
        self,
        cutting: Cutting,
        plans: Sequence[VideoPlan],
        on_tick: Tick,
        *,
        wait: bool = True,
        border: Callable[[], None] = lambda: None,
    ) -> None:
        """Make every chunk of the plans that nobody has made.

        Args:
            wait: for chunks that another worker is making; else they are left to it.
            border: called before each chunk that is to be made; it may raise to end the run with nothing half made.

        Raises:
            OtherFrames: the source can't be read from the middle.
            VerifyFailed: a chunk is not what it should be.
            Exception: whatever `on_tick` or `border` raises.
        """
        waiting = [(stretch, self.keys(stretch, plans)) for stretch in cutting.stretches]
        self.count.total += sum(len(keys) for _stretch, keys in waiting)
        self.count.reused += sum(len(keys) - len(self._missing(keys)) for _stretch, keys in waiting)
        self._complete(cutting, waiting, on_tick, wait=wait, border=border)

    def _complete(
        self,
        cutting: Cutting,
        wanted: Sequence[tuple[Stretch, dict[VideoPlan, str]]],
        on_tick: Tick,
        *,
        wait: bool = True,
        border: Callable[[], None] = lambda: None,
    ) -> None:
        """Make what is missing of the wanted chunks; see `encode`."""
        waiting = list(wanted)
        done_s = 0.0
        while waiting:
            later = []
            for stretch, keys in waiting:
                missing = self._missing(keys)
                if missing:
                    border()
                mine = self._claimed(missing)
                if mine:
                    self._make(cutting, stretch, mine, _shifted(on_tick, done_s, stretch.piece.seconds))
                if len(mine) < len(missing):
                    later.append((stretch, keys))
                else:
                    done_s += stretch.piece.seconds
                    on_tick(Progress(done_s))
            stuck, waiting = len(later) == len(waiting), later if wait else []
            if stuck:
                time.sleep(_WAIT_S)
                on_tick(Progress(done_s))

    def _missing(self, keys: dict[VideoPlan, str]) -> dict[VideoPlan, str]:
        found = self.shelf.find(list(keys.values()))
        missing = {}
        for item, key in keys.items():
            stored = found.get(key)
            if stored and self.store.exists(stored.object_sha256):
                continue
            if stored:
                self.shelf.forget(key)
            missing[item] = key
        return missing

    def _claimed(self, missing: dict[VideoPlan, str]) -> dict[VideoPlan, str]:
        if not missing:
            return {}
        claimed = set(self.shelf.claim(list(missing.values())))
        return {item: key for item, key in missing.items() if key in claimed}

    def _make(self, cutting: Cutting, stretch: Stretch, keys: dict[VideoPlan, str], on_tick: Tick) -> None:
        """Encode one chunk, verify it by decoding it, and put it on the shelf."""
        claims = list(dict.fromkeys(keys.values()))
        try:
            with self._chunk_files(keys, stretch.piece) as outputs:
                ticking = _renewing(on_tick, lambda: self.shelf.renew(claims))
                self._encode_chunk(cutting, stretch, outputs, ticking)
                made = [_made(item, path, stretch.piece) for item, path in outputs.items()]
                for item, file in zip(outputs, verified(made, lambda _progress: ticking(Progress())), strict=True):
                    path = file.made.path
                    self.shelf.put(keys[item], Stored(self.store.put_file(path), 0, _fragments(path)))
                    self.count.encoded += 1
        except BaseException:
            self.shelf.release(claims)
            raise

    @contextlib.contextmanager
    def _chunk_files(self, keys: dict[VideoPlan, str], piece: Piece) -> Iterator[dict[VideoPlan, Path]]:
        outputs = {item: self.folder / f"{item.rung.name}-{piece.start}.mp4" for item in keys}
        try:
            yield outputs
        finally:
            for path in outputs.values():
                path.unlink(missing_ok=True)

    def _encode_chunk(self, cutting: Cutting, stretch: Stretch, outputs: dict[VideoPlan, Path], on_tick: Tick) -> None:
        """Encode it for all outputs in one run, and those above their cap again.

        SVT-AV1 treats the cap beside a constant rate factor as advice: a picture full of noise took 1.25 times as much.
        How often it is coarsened follows from the frames and the options alone, so a chunk's key still says what it is.
        """
        self._run_chunk(cutting, stretch, outputs, on_tick)
        for item, path in outputs.items():
            promise, coarser = _made(item, path, stretch.piece).promise, item
            while (over := verify.times_cap(promise, path.stat().st_size)) > 1:
                stepped = coarser.coarser(over)
                if stepped is None:
                    break  # Verifying it says so.
                coarser = stepped
                self._run_chunk(cutting, stretch, {coarser: path}, on_tick)

    def _run_chunk(self, cutting: Cutting, stretch: Stretch, outputs: dict[VideoPlan, Path], on_tick: Tick) -> None:
        looks, piece = self.folder / "chunk.txt", stretch.piece
        command = chunk(cutting.path, cutting.facts, piece, outputs, looks=looks, executable=ffmpeg_executable())
        self.encoder.run(command, on_tick)
        if frames_digest(looks) != stretch.looks_sha256:
            raise OtherFrames(piece)

    def join(self, cutting: Cutting, item: VideoPlan, on_tick: Tick) -> Path:
        """One rung out of its chunks; `settle` then lets the chunks' own objects go.

        Chunks that were damaged in the store, or have gone, are made again.

        Raises:
            EncodeFailed: the chunks don't fit each other, or are lost as often as they are made.
            Exception: as `encode`.
        """
        target = self.folder / f"{item.rung.name}.mp4"
        wanted = [(stretch, self.keys(stretch, [item])) for stretch in cutting.stretches]
        order, lost = [keys[item] for _stretch, keys in wanted], ""
        for _attempt in range(joining.ATTEMPTS):
            if lost:
                self._complete(cutting, wanted, on_tick)
            try:
                joining.join_stored(self.store, self.shelf, order, target, on_tick)
                return target
            except joining.ChunksLost as error:
                lost = str(error)
            except BadFragmentedMp4 as error:
                raise EncodeFailed(reason=f"{item.rung.name}: {error}") from error
        raise EncodeFailed(reason=f"{item.rung.name}: {lost}")

    def settle(self, cutting: Cutting, item: VideoPlan, object_sha256: str) -> set[str]:
        """Let the chunks of a rung lie in its finished object; returns the objects that no chunk lies in any more."""
        first, former = 0, set()
        for stretch in cutting.stretches:
            key = self.keys(stretch, [item])[item]
            stored = self.shelf.find([key]).get(key)
            if stored is None:
                break
            former.add(stored.object_sha256)
            self.shelf.put(key, Stored(object_sha256, first, stored.count))
            first += stored.count
        return {sha256 for sha256 in former - {object_sha256} if not self.shelf.is_held(sha256)}


def _video_of(facts: SourceFacts) -> VideoFacts:
    if facts.video is None:
        raise ValueError("no moving picture")
    return facts.video


def _made(item: VideoPlan, path: Path, piece: Piece) -> Made:
    promise = Promise(
        item.rung.name, piece.seconds, frames=piece.frames, max_kbps=item.rung.max_kbps, buffer_s=item.rung.buffer_s
    )
    return Made(path, Rendition.Kind.VIDEO, promise, item.width, item.height)


def _fragments(path: Path) -> int:
    with path.open("rb") as reader:
        return len(read_layout(reader, path.stat().st_size).fragments)


def _shifted(on_tick: Tick, before_s: float, most_s: float) -> Tick:
    """Progress of a chunk as progress of the whole."""
    return lambda progress: on_tick(Progress(before_s + min(progress.seconds, most_s), progress.frames))


def _renewing(on_tick: Tick, renew: Callable[[], None]) -> Tick:
    """Renews the claims now and then while something runs."""
    renewed_at = time.monotonic()

    def ticking(progress: Progress) -> None:
        nonlocal renewed_at
        if time.monotonic() - renewed_at >= _RENEW_S:
            renewed_at = time.monotonic()
            renew()
        on_tick(progress)

    return ticking

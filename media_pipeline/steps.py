"""The steps from a source to its last rung: probe, plan, sound, poster, picture in chunks, deck, muxed copy.

Each step looks first what is there already, so that work taken over goes on where the last worker was killed; each
rung is recorded as soon as it is verified, the sound before all else (media.md §4). Where things are recorded is the
desk's matter: a job's lease in the database, or a folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from media_pipeline import titles
from media_pipeline.analysis import Reel, find_qualities
from media_pipeline.chunks import Shelf
from media_pipeline.deck import mean_kbps
from media_pipeline.encoder import Encoder
from media_pipeline.errors import DiskFull
from media_pipeline.facts import SourceFacts
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from media_pipeline.objects import ObjectStore
from media_pipeline.outputs import (
    Made,
    Verified,
    store_deck,
    store_media,
    store_poster,
    verify_copy,
    verify_joined,
)
from media_pipeline.picture import Cutting, Look, OtherFrames, PictureWork
from media_pipeline.picture_commands import rate_text
from media_pipeline.plan import Plan, VideoPlan, exceeds_source, frame_rate, needed_bytes, plan, settled
from media_pipeline.presets import Ladder
from media_pipeline.probe import probe
from media_pipeline.slides import make_deck
from media_pipeline.sound import Heard, SoundPiece, SoundWork, settled_gain
from media_pipeline.sprite import make_sprite
from media_pipeline.supervisor import Progress, Tick
from media_pipeline.verify import Promise

State = TranscodeJob.State
PROBED, SOUND, POSTER, LOOKED, TRIED, ENCODED = 0.02, 0.10, 0.11, 0.15, 0.20, 0.97
"""Progress of the whole at the end of each stage; the shares are those of the processor time."""
_SOUND_ONLY = 0.95
_HEARING_SHARE = 0.25
"""The part of the sound's stage in which it is decoded and measured."""
_VERIFYING_SHARE = 0.9
"""The encoder's part of a stage; the rest is verification."""
LARGER_THAN_SOURCE = "larger-than-source"


class Desk(Protocol):
    """Where a run reports, and where its results go; every method may raise to end the run."""

    source: MediaSource
    ladder: Ladder
    stored_plan: dict[str, Any]
    """What former runs of the same work remembered."""

    def step(self, state: str, label: str, progress: float) -> None:
        """Say what is being done now."""

    def tick(self, progress: float) -> None:
        """To be called often: shows progress, notices a cancellation."""

    def border(self) -> None:
        """Called between two chunks, when nothing is half made."""

    def remember_plan(self, plan: dict[str, Any]) -> None:
        """Keep the plan."""

    def remember_facts(self, *, duration_s: float, facts: dict[str, Any]) -> None:
        """Keep what was found out about the source."""

    def remember_chunks(self, cutting: Cutting) -> dict[str, Any]:
        """Keep where the source was cut; returns the plan of an earlier version of the same lecture, or nothing."""

    def remember_sound(self, pieces: Sequence[SoundPiece]) -> float | None:
        """Keep where the sound was cut; returns the gain in dB of an earlier version of the same sound, or None."""

    def renditions(self) -> list[Rendition]:
        """Rungs that are recorded."""

    def publish(self, rendition: Rendition) -> None:
        """Record a verified rung, in place of one of that name."""

    def call_for_help(self) -> None:
        """Chunks are to be had: other workers may take some."""


class Steps:
    """One run from beginning to end.

    Args:
        path: the original, a local file.
        folder: of this run alone.
        free: tells the room left in a folder.
    """

    def __init__(
        self, desk: Desk, path: Path, folder: Path, store: ObjectStore, shelf: Shelf, free: Callable[[Path], int]
    ) -> None:
        self.desk = desk
        self.path = path
        self.folder = folder
        self.store = store
        self.shelf = shelf
        self._free = free
        self.ladder = desk.ladder
        self._plan: dict[str, Any] = dict(desk.stored_plan)
        self._dropped: dict[str, str] = dict(self._plan.get("dropped", {}))
        self.cpu_s: dict[str, float] = {}
        """Processor seconds of ffmpeg by rung; rungs made in one run share it by their pixels."""

    def all(self) -> None:
        """From the source to the last rung.

        Raises:
            MediaError: the source or the machine is at fault, as the error says.
            Exception: whatever the desk raises.
        """
        facts = self._facts()
        work = self._make_plan(facts)
        encoder = Encoder(self.path, facts, self.folder, self.ladder, needed_bytes(work, facts.duration_s))
        self._sound(encoder, work)
        self._poster(encoder, work)
        if work.video:
            self._picture(encoder, work)
        self._muxed(encoder, work)
        self._sprite(encoder, work)

    def _tick(self, begin: float, end: float, duration_s: float) -> Tick:
        """Turns ffmpeg's seconds into progress of the whole between `begin` and `end`."""

        def on_tick(progress: Progress) -> None:
            done = min(1.0, progress.seconds / duration_s) if duration_s else 0.0
            self.desk.tick(begin + (end - begin) * done)

        return on_tick

    @contextmanager
    def _charged(self, encoder: Encoder, shares: dict[str, float]) -> Iterator[None]:
        """Note what the runs of the block took, for each rung by its share."""
        before = encoder.cpu_s
        yield
        spent, whole = encoder.cpu_s - before, sum(shares.values())
        for name, share in shares.items():
            self.cpu_s[name] = self.cpu_s.get(name, 0.0) + spent * share / whole

    def _facts(self) -> SourceFacts:
        source = self.desk.source
        if "demuxer" in source.probe:
            return SourceFacts.from_json(source.probe)
        self.desk.step(State.RECEIVED, "检测文件", 0.0)
        facts = probe(self.path, self._tick(0.0, PROBED, 0.0))
        self.desk.remember_facts(duration_s=facts.duration_s, facts=facts.as_json())
        self.desk.step(State.PROBED, "检测完成", PROBED)
        return facts

    def _make_plan(self, facts: SourceFacts) -> Plan:
        work = plan(facts, self.ladder)
        self._remember(work)
        self.desk.step(State.PLANNED, "制定转码方案", PROBED)
        free, needed = self._free(self.folder), needed_bytes(work, facts.duration_s)
        if free < needed:
            raise DiskFull(needed_mb=(needed - free) >> 20 or 1)
        return work

    def _remember(self, work: Plan, **more: Any) -> None:
        kept = [name for name in work.names if name not in self._dropped]
        self._plan |= {"rungs": kept, "dropped": self._dropped, **more}
        self.desk.remember_plan(self._plan)

    def _present(self) -> dict[str, Rendition]:
        """Rungs that are recorded and whose objects are really there, by name."""
        found = {}
        for row in self.desk.renditions():
            if self.store.exists(row.sha256) and (not row.index_sha256 or self.store.exists(row.index_sha256)):
                found[row.name] = row
        return found

    def _record(self, file: Verified, mime: str = "", measures: dict[str, float] | None = None) -> Rendition:
        rendition = store_media(file, self.store, self.desk.source, self.ladder.version)
        rendition.mime = mime or rendition.mime
        rendition.measures = measures or {}
        self.desk.publish(rendition)
        return rendition

    def _sound(self, encoder: Encoder, work: Plan) -> None:
        present = self._present()
        missing = [rung for rung in work.audio if rung.name not in present]
        if not missing or encoder.facts.audio is None:
            return
        end = SOUND if work.video else _SOUND_ONLY
        maker = SoundWork(encoder, self.store, self.shelf)
        duration_s = encoder.facts.audio.end_s
        heard_at = PROBED + (end - PROBED) * _HEARING_SHARE
        self.desk.step(State.ENCODING, "测量响度", PROBED)
        with self._charged(encoder, {rung.name: 1.0 for rung in missing}):
            heard = maker.hear(self._tick(PROBED, heard_at, duration_s))
            gain_db = self._gain(maker, heard)
        self.desk.step(State.ENCODING, "转码声音", heard_at)
        for number, rung in enumerate(missing):
            begin, done = (heard_at + (end - heard_at) * share / len(missing) for share in (number, number + 1))
            with self._charged(encoder, {rung.name: 1.0}):
                made = maker.made(heard, rung, gain_db, self._tick(begin, done, duration_s))
            maker.settle(heard, rung, gain_db, self._record(made).sha256)
        heard.pcm.unlink()
        self._remember(work, sound=maker.count.as_json())
        self.desk.tick(end)

    def _gain(self, maker: SoundWork, heard: Heard) -> float:
        """The gain as remembered, as an earlier version had it where that is near enough, or as measured."""
        encoder, known = maker.encoder, self.desk.source.probe
        if "gain_db" in known:
            return float(known["gain_db"])
        measured_db = maker.gain(heard, self._tick(0.0, 0.0, 0.0))
        gain_db = settled_gain(measured_db, self.desk.remember_sound(heard.pieces))
        facts = {**encoder.facts.as_json(), "gain_db": gain_db}
        self.desk.remember_facts(duration_s=encoder.facts.duration_s, facts=facts)
        return gain_db

    def _poster(self, encoder: Encoder, work: Plan) -> None:
        if work.poster is None or work.poster.name in self._present():
            return
        self.desk.step(State.ENCODING, "截取封面", SOUND if work.video else _SOUND_ONLY)
        with self._charged(encoder, {work.poster.name: 1.0}):
            path = encoder.poster(work.poster, self._tick(0.0, 0.0, 0.0))
        self.desk.publish(store_poster(path, work.poster.name, self.store, self.desk.source, self.ladder.version))

    def _picture(self, encoder: Encoder, work: Plan) -> None:
        wanted = [item for item in work.video if item.rung.name not in self._dropped]
        names = [item.rung.name for item in wanted] + ([work.deck.name] if work.deck else [])
        if all(name in self._present() or name in self._dropped for name in names):
            return
        maker = PictureWork(encoder, self.store, self.shelf)
        duration_s = encoder.facts.duration_s
        self.desk.step(State.ENCODING, "分析画面", POSTER)
        look = maker.look(frame_rate(encoder.facts, self.ladder), self._tick(POSTER, LOOKED, duration_s))
        reel = Reel(encoder, look)
        plans = self._qualities(reel, look, work)
        self._deck(encoder, work, look)
        self._rungs(maker, reel, look, plans)
        self._remember(work, chunks=maker.count.as_json())
        self.desk.step(State.VERIFIED, "画面核验完成", ENCODED)

    def _qualities(self, reel: Reel, look: Look, work: Plan) -> list[VideoPlan]:
        """The rungs to encode and how: as remembered, as an earlier version had them, or found by trying."""
        names = [item.rung.name for item in work.video]
        earlier = self.desk.remember_chunks(look.cutting)
        known = titles.inherited(self._plan, names) or titles.inherited(earlier, names)
        more = {**titles.explained(look.found, known), "rate": rate_text(look.scan.rate)}
        content = more["class"]
        if known is None:
            self.desk.step(State.ENCODING, "选择画质", LOOKED)
            video = [item.of_class(content) for item in work.video]
            found = find_qualities(reel, video, self.ladder, content, self._tick(LOOKED, TRIED, 0.0))
            self._dropped |= found.dropped
            self._remember(work, **more, **found.as_json())
            return list(found.plans)
        if "qualities" not in self._plan:
            self._dropped |= earlier.get("dropped", {})
            more |= {name: earlier[name] for name in ("choices", "target_vmaf") if name in earlier}
            more |= {"qualities": known.qualities}
        self._remember(work, **more)
        return settled(work.video, known.qualities, content)

    def _rungs(self, maker: PictureWork, reel: Reel, look: Look, plans: Sequence[VideoPlan]) -> None:
        """Encode the chunks of all rungs side by side, then join and publish one rung after the other."""
        present = self._present()
        missing = [item for item in plans if item.rung.name not in present and item.rung.name not in self._dropped]
        if not missing:
            return
        label = "、".join(dict.fromkeys(f"{item.rung.height}p" for item in missing))
        self.desk.step(State.ENCODING, f"转码画面 {label}", TRIED)
        duration_s = look.cutting.duration_s
        joined = TRIED + (ENCODED - TRIED) * _VERIFYING_SHARE
        if len(look.cutting.stretches) > 1 and look.cutting.path == self.path:
            self.desk.call_for_help()
        with self._charged(maker.encoder, {item.rung.name: item.width * item.height for item in missing}):
            cutting = self._encoded(maker, look, missing, self._tick(TRIED, joined, duration_s))
        self.desk.step(State.PACKAGED, "核验画面", joined)
        video = maker.encoder.facts.video
        for item in missing:
            path = maker.join(cutting, item, self._tick(joined, joined, 0.0))
            bps = path.stat().st_size * 8 / duration_s
            if exceeds_source(encoded_bps=bps, source_bps=video.bit_rate if video else 0, is_lowest=item == plans[0]):
                self._dropped[item.rung.name] = LARGER_THAN_SOURCE
                continue
            file = verify_joined(_joined(item, path, cutting))
            measures = self._measures(reel, item, path, cutting, self._tick(joined, ENCODED, 0.0))
            rendition = self._record(file, measures=measures)
            for sha256 in maker.settle(cutting, item, rendition.sha256):
                self.store.delete(sha256)
            path.unlink(missing_ok=True)

    def _encoded(self, maker: PictureWork, look: Look, plans: Sequence[VideoPlan], on_tick: Tick) -> Cutting:
        """Encode all chunks; where the source can't be read from the middle, out of a copy that can."""
        try:
            maker.encode(look.cutting, plans, on_tick, border=self.desk.border)
            return look.cutting
        except OtherFrames:
            largest = max(plans, key=lambda item: item.width * item.height)
            copied = maker.copy_to_read(look, (largest.width, largest.height), on_tick)
            maker.encode(copied.cutting, plans, on_tick, border=self.desk.border)
            return copied.cutting

    def _measures(self, reel: Reel, item: VideoPlan, path: Path, cutting: Cutting, on_tick: Tick) -> dict[str, float]:
        """VMAF over the reel's seconds, of the rung as it will be played."""
        if not titles.can_be_scored(item.width, item.height):
            return {}
        size, frames = (item.width, item.height), sum(stretch.piece.frames for stretch in cutting.stretches)
        facts = SourceFacts.of_own_picture(size, item.rate, frames, path.stat().st_size)
        mean, p5 = reel.scores_of_rung(path, facts, size, on_tick)
        return {"vmaf_mean": mean, "vmaf_p5": p5}

    def _deck(self, encoder: Encoder, work: Plan, look: Look) -> None:
        """The slides as pictures, where the lecture has slides."""
        rung = work.deck
        if rung is None or rung.name in self._present() or rung.name in self._dropped:
            return
        self.desk.step(State.ENCODING, "制作幻灯片", TRIED)
        with self._charged(encoder, {rung.name: 1.0}):
            made = make_deck(encoder, look, rung, self._sound_kbps(work), self._tick(0.0, 0.0, 0.0))
        if isinstance(made, str):
            self._dropped[rung.name] = made
            self._remember(work)
            return
        seconds = look.scan.seconds(look.scan.frames)
        self.desk.publish(store_deck(*made, rung.name, self.store, self.desk.source, self.ladder.version, seconds))

    def _sound_kbps(self, work: Plan) -> float:
        """The mean rate of the sound that is heard with the deck: the smallest."""
        sound = self._present().get(work.audio[0].name) if work.audio else None
        return mean_kbps(sound.length, sound.duration_s or 0.0) if sound else 0.0

    def _muxed(self, encoder: Encoder, work: Plan) -> None:
        present = self._present()
        for rung in work.muxed:
            picture, sound = present.get(rung.video), present.get(rung.audio)
            if rung.name in present or picture is None:
                continue
            self.desk.step(State.VERIFIED, "合成单文件", 0.0)
            joined = encoder.muxed(rung, picture, sound, self.store, self._tick(0.0, 0.0, 0.0))
            with self._charged(encoder, {rung.name: 1.0}), joined as (made, mime):
                self._record(verify_copy(made), mime)

    def _sprite(self, encoder: Encoder, work: Plan) -> None:
        """Small pictures for the seek bar, out of the smallest picture that is there."""
        present = self._present()
        pictures = [row for row in present.values() if row.kind == Rendition.Kind.VIDEO]
        if work.sprite is None or work.sprite.name in present or not pictures:
            return
        self.desk.step(State.VERIFIED, "制作进度条小图", 0.0)
        smallest = min(pictures, key=lambda row: (row.height or 0, row.length))
        with self._charged(encoder, {work.sprite.name: 1.0}):
            made = make_sprite(encoder, work.sprite, smallest, self.store, self.desk.source, self._tick(0.0, 0.0, 0.0))
        self.desk.publish(made)


def _joined(item: VideoPlan, path: Path, cutting: Cutting) -> Made:
    promise = Promise(
        item.rung.name,
        cutting.duration_s,
        max_kbps=item.rung.max_kbps,
        buffer_s=item.rung.buffer_s * len(cutting.stretches),
    )
    return Made(path, Rendition.Kind.VIDEO, promise, item.width, item.height)

"""Film by film: the pipeline's rungs and what peers make of the same pictures (targets 2, 3, 4, 5 and 9)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.media.coding import Reference, encode, reference, vmaf
from benchmarks.media.films import Clip, real, synthesised
from benchmarks.media.ours import Transcoded, curve, transcode
from benchmarks.media.peers import PEERS, Film
from benchmarks.media.targets import Measured
from benchmarks.table import Line
from media_pipeline.presets import VideoRung, ladder
from media_pipeline.samples import fragmented_samples

_KIND_OF = {"talking": "presenter", "mixed": "both", "slides": "slides"}
_PRESENTER_VMAF, _PRESENTER_P5, _PRESENTER_KBPS = 85.0, 75.0, 90.0
_SLIDES_VMAF, _SLIDES_KBPS, _DECK_KBPS = 95.0, 35.0, 25.0
_AT_KBPS, _OVERHEAD = 64.0, 0.08
_BELOW, _ABOVE, _TITLES = 1.0, 3.0, 0.90


def measure(seconds: int) -> Iterator[Measured]:
    """Every film made or given."""
    offs: list[float] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        clips = synthesised(folder, seconds)
        if given := os.environ.get("CLIPS"):
            clips += real(Path(given), folder, seconds)
        for clip in clips:
            yield from _Measurement(clip, folder).lines(offs)
    within = sum(-_BELOW <= off <= _ABOVE for off in offs)
    if offs:
        yield Measured(
            9, Line(f"titles of {len(offs)} that are near their target", within / len(offs), "", _TITLES, True)
        )


class _Measurement:
    """All about one film; references and curves are made once each."""

    def __init__(self, clip: Clip, folder: Path) -> None:
        self._clip = clip
        self._room = folder / clip.path.stem
        self._room.mkdir()
        self._ours: Transcoded = transcode(clip.path, self._room)
        self._kind = clip.kind or _KIND_OF[self._ours.report["plan"]["class"]]
        self._references: dict[tuple[int, int], Reference] = {}

    def _line(
        self, target: int, what: str, value: float, unit: str, limit: float | None = None, floor: bool = False
    ) -> Measured:
        return Measured(target, Line(f"{self._clip.name}: {what}", value, unit, limit, floor))

    def lines(self, offs: list[float]) -> Iterator[Measured]:
        """Every measurement; how far titles lie from their targets is added to `offs`."""
        yield from self._effort()
        scores = self._scores()
        for name, (mean, p5, kbps) in scores.items():
            yield from self._delivered(name, mean, p5, kbps)
        yield from self._deck()
        yield from self._titles(scores, offs)
        yield from self._containers()
        yield from self._peers()

    def _effort(self) -> Iterator[Measured]:
        duration_s = self._ours.facts.duration_s
        yield self._line(0, f"{self._kind}, × real time on two cores", 2 * duration_s / self._ours.cpu_s, "×")

    def _reference(self, width: int, height: int, rate: Fraction) -> Reference:
        size = (width, height)
        if size not in self._references:
            seconds = self._ours.facts.duration_s
            path = self._room / f"reference-{height}.mp4"
            self._references[size] = reference(self._clip.path, size, rate, seconds, path)
        return self._references[size]

    def _scores(self) -> dict[str, tuple[float, float, float]]:
        """VMAF mean, its 5th percentile and kbit/s of every delivered picture, over the whole film."""
        scores = {}
        for name, item in self._ours.plans().items():
            if (rung := self._ours.rung(name)) is not None:
                film = self._reference(item.width, item.height, item.rate)
                scores[name] = (*vmaf(Path(rung["path"]), film), rung["kbit_s"])
        return scores

    def _delivered(self, name: str, mean: float, p5: float, kbps: float) -> Iterator[Measured]:
        is_360 = name.endswith("-360")
        presenter = 3 if self._kind == "presenter" and name == "av1-360" else 0
        slides = 4 if self._kind == "slides" and is_360 else 0
        least = _PRESENTER_VMAF if presenter else _SLIDES_VMAF if slides else None
        most = _PRESENTER_KBPS if presenter else _SLIDES_KBPS if slides else None
        target = presenter or slides
        yield self._line(target, f"{name} VMAF", mean, "", least, True)
        yield self._line(presenter, f"{name} VMAF, 5th percentile", p5, "", _PRESENTER_P5 if presenter else None, True)
        yield self._line(target, f"{name} rate", kbps, "kbit/s", most)

    def _deck(self) -> Iterator[Measured]:
        deck, sound = self._ours.rung("deck"), self._ours.rung("opus-16")
        if self._kind != "slides" or sound is None:
            return
        # A lecture of slides without a deck has missed the target, by as much as it takes with its best small picture.
        picture = deck or self._ours.rung("h264-240")
        if picture is not None:
            what = "deck and sound" if deck else "no deck; 240p and sound"
            yield self._line(4, what, picture["kbit_s"] + sound["kbit_s"], "kbit/s", _DECK_KBPS)

    def _titles(self, scores: dict[str, tuple[float, float, float]], offs: list[float]) -> Iterator[Measured]:
        for rung in ladder().video:
            if rung.search is None or rung.name not in scores or rung.name not in self._ours.report["plan"]["choices"]:
                continue
            wanted = rung.search.targets[self._ours.report["plan"]["class"]]
            off = scores[rung.name][0] - wanted
            offs.append(off)
            yield self._line(0, f"{rung.name} VMAF beyond the title's target of {wanted:g}", off, "")

    def _containers(self) -> Iterator[Measured]:
        """What the container of sound and picture takes of 64 kbit/s; it hardly depends on the rate."""
        sound = self._ours.rung("opus-16")
        for name in self._ours.plans():
            rungs = [rung for rung in (self._ours.rung(name), sound) if rung is not None]
            if self._ours.rung(name) is not None:
                extra = sum(_extra_kbps(Path(rung["path"]), rung["duration_s"]) for rung in rungs)
                yield self._line(5, f"container of {name} and sound", extra / _AT_KBPS, "", _OVERHEAD)

    def _peers(self) -> Iterator[Measured]:
        plans = self._ours.plans()
        qualities = self._ours.report["plan"]["qualities"]
        video = self._ours.facts.video
        for side in sorted({peer.side for peer in PEERS}):
            mine = [item for item in plans.values() if isinstance(item.rung, VideoRung) and item.rung.height == side]
            if not mine or video is None:
                continue
            film = self._reference(mine[0].width, mine[0].height, mine[0].rate)
            curves = {item.rung.codec: curve(film, item, qualities.get(item.rung.name, item.crf)) for item in mine}
            shape = Film(film.width, film.height, float(film.rate), video.bit_rate)
            for peer in (peer for peer in PEERS if peer.side == side):
                theirs = encode(film, peer.options(shape), crf=0, source=self._clip.path, scaler=peer.scaler)
                yield self._line(0, f"{peer.name} {side}p VMAF", theirs.vmaf, "")
                yield self._line(0, f"{peer.name} {side}p rate", theirs.kbit_s, "kbit/s")
                for codec, points in curves.items():
                    kbps = points.rate_at(theirs.vmaf)
                    limit = peer.limits.get(str(codec))
                    what = f"{codec} {side}p ÷ {peer.name} at its VMAF"
                    if kbps is not None:
                        yield self._line(2 if limit else 0, what, kbps / theirs.kbit_s, "", limit)
                    else:
                        yield self._line(0, f"{what}: outside what our rung can look like", theirs.vmaf, "VMAF")


def _extra_kbps(path: Path, duration_s: float) -> float:
    """kbit/s of a fragmented file that are not samples."""
    length = path.stat().st_size
    with path.open("rb") as reader:
        return (length - sum(fragmented_samples(reader, length).sizes)) * 8 / 1000 / duration_s

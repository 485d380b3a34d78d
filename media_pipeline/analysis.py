"""Tries qualities on a short reel of the source and scores what came of them (media.md §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_pipeline import quality_commands as commands
from media_pipeline import titles
from media_pipeline.encoder import Encoder
from media_pipeline.errors import EncodeFailed
from media_pipeline.facts import SourceFacts
from media_pipeline.picture import Look
from media_pipeline.picture_commands import Piece
from media_pipeline.plan import VideoPlan
from media_pipeline.presets import Ladder
from media_pipeline.quality_commands import Size
from media_pipeline.supervisor import Tick, ffmpeg_executable
from media_pipeline.titles import Choice, Trial

TOO_LITTLE_BETTER = "gain"
"""Why a rung was dropped: it looks hardly better than the one below it."""


@dataclass(frozen=True)
class Qualities:
    """What to encode.

    Attributes:
        plans: the rungs that are kept, with the quality chosen for each.
        choices: how each searched one was chosen.
        dropped: rungs that don't earn their place, with the reason.
    """

    plans: tuple[VideoPlan, ...]
    choices: dict[str, Choice]
    dropped: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """For `TranscodeJob.plan`; the title's target is that of its lowest searched rung."""
        told = {
            "qualities": {item.rung.name: item.crf for item in self.plans},
            "choices": {name: choice.as_json() for name, choice in self.choices.items()},
        }
        targets = [choice.target for choice in self.choices.values()]
        return told | ({"target_vmaf": targets[0]} if targets else {})


class Reel:
    """Some seconds of a source without loss, in each size that is encoded, and what was made of them so far."""

    def __init__(self, encoder: Encoder, look: Look) -> None:
        self._encoder = encoder
        self._look = look
        rate = look.scan.rate
        self.windows = [Piece(rate, start, end) for start, end in titles.reel_windows(look.scan, look.found)]
        self.seconds = sum(window.seconds for window in self.windows)
        self.is_worth_trying = titles.is_worth_trying(look.scan.seconds(look.scan.frames))
        self._files: dict[Size, Path] = {}
        self._trials: dict[VideoPlan, Path] = {}

    def make(self, sizes: Sequence[Size], on_tick: Tick) -> None:
        """Cut the windows out of the source in those of the sizes that are not there yet."""
        wanted = {size: self._encoder.folder / f"reel-{size[0]}x{size[1]}.mp4" for size in sizes}
        missing = {size: path for size, path in wanted.items() if size not in self._files}
        if not missing:
            return
        command = commands.reel(
            self._look.cutting.path, self._look.cutting.facts, self.windows, missing, executable=ffmpeg_executable()
        )
        self._encoder.run(command, on_tick, file_bytes=1 << 30)
        self._files |= missing

    def trials(self, plans: Sequence[VideoPlan], on_tick: Tick) -> list[Path]:
        """The reel encoded by each plan; plans of one size are encoded in one run."""
        for size in {(item.width, item.height) for item in plans}:
            missing = [item for item in plans if (item.width, item.height) == size and item not in self._trials]
            outputs = {item: self._encoder.folder / f"trial-{item.rung.name}-{item.crf:g}.mp4" for item in missing}
            if outputs:
                command = commands.trials(
                    self._files[size], outputs, duration_s=self.seconds, executable=ffmpeg_executable()
                )
                self._encoder.run(command, on_tick)
                self._trials |= outputs
        return [self._trials[item] for item in plans]

    def nearest(self, wanted: VideoPlan) -> VideoPlan | None:
        """Of the rung's trials the one whose quality is closest; None without any."""
        tried = [item for item in self._trials if item.rung == wanted.rung]
        return min(tried, key=lambda item: abs(item.crf - wanted.crf), default=None)

    def scores(self, files: Sequence[Path], size: Size, on_tick: Tick) -> list[tuple[float, float]]:
        """VMAF mean and 5th percentile of each trial, seen at a size.

        Raises:
            EncodeFailed: they could not be scored.
        """
        parts = {file: commands.own_picture(file, self.seconds) for file in files}
        return self._scores(parts, size, on_tick)

    def scores_of_rung(self, file: Path, facts: SourceFacts, size: Size, on_tick: Tick) -> tuple[float, float]:
        """VMAF mean and 5th percentile of a finished rung in the seconds that the reel holds.

        Raises:
            EncodeFailed: it could not be scored.
        """
        self.make([size], on_tick)
        (score,) = self._scores({file: commands.joined(file, facts, self.windows)}, size, on_tick)
        return score

    def _scores(self, pictures: Mapping[Path, Any], size: Size, on_tick: Tick) -> list[tuple[float, float]]:
        logs = {file: self._encoder.folder / f"{file.stem}-{size[1]}.json" for file in pictures}
        scored = [(picture, logs[file]) for file, picture in pictures.items()]
        command = commands.vmaf(
            scored, self._files[size], size, duration_s=self.seconds, executable=ffmpeg_executable()
        )
        self._encoder.run(command, on_tick)
        try:
            return [titles.read_vmaf(log.read_text("utf-8")) for log in logs.values()]
        except (OSError, ValueError, LookupError) as error:
            raise EncodeFailed(reason="VMAF could not be measured") from error


def find_qualities(reel: Reel, plans: Sequence[VideoPlan], ladder: Ladder, content: str, on_tick: Tick) -> Qualities:
    """Search a quality for each rung that wants one, and drop rungs that look hardly better than the one below."""
    if not reel.is_worth_trying or not all(titles.can_be_scored(item.width, item.height) for item in plans):
        return Qualities(tuple(plans), {}, {})
    reel.make(sorted({(item.width, item.height) for item in plans}), on_tick)
    choices = _searched(reel, [item for item in plans if item.rung.search], content, on_tick)
    decided = []
    for item in plans:
        choice = choices.get(item.rung.name) or choices.get(item.rung.crf_of)
        decided.append(item.at(choice.crf) if choice else item)
    kept, dropped = _worth_it(reel, decided, choices, ladder, on_tick)
    return Qualities(tuple(kept), choices, dropped)


def _searched(reel: Reel, plans: Sequence[VideoPlan], content: str, on_tick: Tick) -> dict[str, Choice]:
    """Try factors until each rung's target lies between two trials; all rungs go on side by side."""
    trials: dict[str, list[Trial]] = {item.rung.name: [] for item in plans}
    while asked := [trial for item in plans if (trial := _next(item, trials[item.rung.name], content))]:
        files = dict(zip(asked, reel.trials(asked, on_tick), strict=True))
        for size in sorted({(item.width, item.height) for item in asked}):
            own = [item for item in asked if (item.width, item.height) == size]
            for item, (mean, p5) in zip(own, reel.scores([files[item] for item in own], size, on_tick), strict=True):
                kbit_s = round(files[item].stat().st_size * 8 / 1000 / reel.seconds, 1)
                trials[item.rung.name].append(Trial(item.crf, mean, p5, kbit_s))
    return {
        item.rung.name: titles.choose(trials[item.rung.name], item.rung.search, content)
        for item in plans
        if item.rung.search
    }


def _next(item: VideoPlan, known: Sequence[Trial], content: str) -> VideoPlan | None:
    crf = titles.next_crf(known, item.rung.search, content) if item.rung.search else None
    return None if crf is None else item.at(crf)


def _worth_it(
    reel: Reel, plans: Sequence[VideoPlan], choices: Mapping[str, Choice], ladder: Ladder, on_tick: Tick
) -> tuple[list[VideoPlan], dict[str, str]]:
    """Compare each rung with the one below it in the same codec, both seen at the larger size."""
    kept: list[VideoPlan] = []
    dropped: dict[str, str] = {}
    for item in plans:
        below = next((other for other in reversed(kept) if other.rung.codec == item.rung.codec), None)
        if below is not None:
            above_vmaf, below_vmaf = _side_by_side(reel, item, below, choices, on_tick)
            if not titles.earns_its_place(above_vmaf=above_vmaf, below_vmaf=below_vmaf, min_gain=ladder.min_gain_vmaf):
                dropped[item.rung.name] = TOO_LITTLE_BETTER
                continue
        kept.append(item)
    return kept, dropped


def _side_by_side(
    reel: Reel, above: VideoPlan, below: VideoPlan, choices: Mapping[str, Choice], on_tick: Tick
) -> tuple[float, float]:
    """VMAF of two rungs at the size of the upper one; what the search has encoded or scored is not made again."""
    size = (above.width, above.height)
    tried = reel.nearest(below) or below
    chosen = choices.get(above.rung.name)
    wanted = [tried] if chosen else [tried, above]
    (below_vmaf, _p5), *more = reel.scores(reel.trials(wanted, on_tick), size, on_tick)
    if (choice := choices.get(below.rung.name)) is not None:
        below_vmaf += choice.vmaf - next(trial.vmaf for trial in choice.trials if trial.crf == tried.crf)
    return (chosen.vmaf if chosen else more[0][0]), below_vmaf

"""Tries qualities on a short reel of the source and scores what came of them (media.md §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_pipeline import quality_commands as commands
from media_pipeline import titles
from media_pipeline.encoder import Encoder
from media_pipeline.errors import EncodeFailed
from media_pipeline.picture import Look
from media_pipeline.picture_commands import Piece
from media_pipeline.plan import VideoPlan
from media_pipeline.presets import Ladder
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
        """For `TranscodeJob.plan`."""
        return {
            "qualities": {item.rung.name: item.crf for item in self.plans},
            "choices": {name: choice.as_json() for name, choice in self.choices.items()},
        }


class Reel:
    """A dozen seconds of a source without loss, in each size that is encoded; made when first needed."""

    def __init__(self, encoder: Encoder, look: Look) -> None:
        self._encoder = encoder
        self._look = look
        rate = look.scan.rate
        self.windows = [Piece(rate, start, end) for start, end in titles.reel_windows(look.scan, look.found)]
        self.seconds = sum(window.seconds for window in self.windows)
        self._files: dict[tuple[int, int], Path] = {}

    def __bool__(self) -> bool:
        """Whether the source is long enough to be tried."""
        return bool(self.windows)

    def make(self, sizes: Sequence[tuple[int, int]], on_tick: Tick) -> None:
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

    def trials(self, plans: Sequence[VideoPlan], on_tick: Tick) -> dict[VideoPlan, Path]:
        """Encode the reel once for each plan; all are of one size."""
        outputs = {item: self._encoder.folder / f"trial-{item.rung.name}-{item.crf:g}.mp4" for item in plans}
        reference = self._files[(plans[0].width, plans[0].height)]
        command = commands.trials(reference, outputs, duration_s=self.seconds, executable=ffmpeg_executable())
        self._encoder.run(command, on_tick)
        return outputs

    def scores(
        self, files: Sequence[Path], size: tuple[int, int], on_tick: Tick, *, whole_s: float | None = None
    ) -> list[tuple[float, float]]:
        """VMAF mean and 5th percentile of each file, seen at a size.

        Args:
            whole_s: seconds of the files when they are not trials but whole renditions, which hold the reel's windows.

        Raises:
            EncodeFailed: they could not be scored.
        """
        logs = {file: self._encoder.folder / f"{file.stem}-{size[1]}.json" for file in files}
        command = commands.vmaf(
            logs,
            self._files[size],
            size,
            duration_s=whole_s or self.seconds,
            windows=self.windows if whole_s else (),
            executable=ffmpeg_executable(),
        )
        self._encoder.run(command, on_tick)
        try:
            return [titles.read_vmaf(log.read_text("utf-8")) for log in logs.values()]
        except (OSError, ValueError, LookupError) as error:
            raise EncodeFailed(reason="VMAF could not be measured") from error


def find_qualities(reel: Reel, plans: Sequence[VideoPlan], ladder: Ladder, content: str, on_tick: Tick) -> Qualities:
    """Search a quality for each rung that wants one, and drop rungs that look hardly better than the one below."""
    if not reel:
        return Qualities(tuple(plans), {}, {})
    reel.make(sorted({(item.width, item.height) for item in plans}), on_tick)
    choices: dict[str, Choice] = {}
    decided: list[VideoPlan] = []
    for item in plans:
        if item.rung.search:
            choices[item.rung.name] = choice = _search(reel, item, content, on_tick)
            item = item.at(choice.crf)
        elif item.rung.crf_of in choices:
            item = item.at(choices[item.rung.crf_of].crf)
        decided.append(item)
    kept, dropped = _worth_it(reel, decided, ladder, on_tick)
    return Qualities(tuple(kept), choices, dropped)


def _search(reel: Reel, item: VideoPlan, content: str, on_tick: Tick) -> Choice:
    search = item.rung.search
    assert search is not None
    outputs = reel.trials([item.at(float(crf)) for crf in search.crfs], on_tick)
    scores = reel.scores(list(outputs.values()), (item.width, item.height), on_tick)
    trials = [
        Trial(plan.crf, mean, p5, round(path.stat().st_size * 8 / 1000 / reel.seconds, 1))
        for (plan, path), (mean, p5) in zip(outputs.items(), scores, strict=True)
    ]
    return titles.choose(trials, search, content)


def _worth_it(
    reel: Reel, plans: Sequence[VideoPlan], ladder: Ladder, on_tick: Tick
) -> tuple[list[VideoPlan], dict[str, str]]:
    """Compare each rung with the one below it in the same codec, both seen at the larger size."""
    kept: list[VideoPlan] = []
    dropped: dict[str, str] = {}
    for item in plans:
        below = next((other for other in reversed(kept) if other.rung.codec == item.rung.codec), None)
        if below is not None:
            size = (item.width, item.height)
            files = [*reel.trials([item], on_tick).values(), *reel.trials([below], on_tick).values()]
            (above_vmaf, _p5), (below_vmaf, _low) = reel.scores(files, size, on_tick)
            gain = {"above_vmaf": above_vmaf, "below_vmaf": below_vmaf}
            if not titles.earns_its_place(**gain, min_gain=ladder.min_gain_vmaf):
                dropped[item.rung.name] = TOO_LITTLE_BETTER
                continue
        kept.append(item)
    return kept, dropped

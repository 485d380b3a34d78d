"""What is found out about a film before and after it is encoded, as one would order it of ffmpeg by hand.

Where slides change, which quality each rung wants, and how the finished rungs look. Trials are those that the pipeline
needed, on as many seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline import quality_commands as commands
from media_pipeline.facts import SourceFacts
from media_pipeline.picture_commands import Piece, rate_text
from media_pipeline.plan import VideoPlan
from media_pipeline.quality_commands import Size
from media_pipeline.titles import WINDOWS, is_worth_trying, window_s


def changes(film: Path, rate: Fraction, executable: str) -> list[str]:
    """Tell how much each frame differs from the one before."""
    small = (
        ffmpeg.input(str(film))["v:0"].filter("fps", rate_text(rate)).filter("scale", 160, 90).filter("scdet", t=100)
    )
    small = small.filter("metadata", mode="print", key="lavfi.scd.mafd", file="/dev/null")
    return ffmpeg.output(small, "-", f="null").compile(cmd=[executable, "-v", "error", "-y"])


class PlainSearch:
    """Trials and scores on some seconds of a film.

    Args:
        plans: the rungs, each at the quality that was chosen.
        tried: the rate factors that were tried, by rung.
    """

    def __init__(
        self,
        film: Path,
        facts: SourceFacts,
        plans: Sequence[VideoPlan],
        tried: Mapping[str, Sequence[float]],
        folder: Path,
        executable: str,
    ) -> None:
        self._film, self._facts, self._plans, self._tried = film, facts, plans, tried
        self._folder, self._executable = folder, executable
        rate = plans[0].rate
        frames = int(facts.duration_s * rate)
        each = int(window_s(facts.duration_s) * rate)
        begins = [(2 * number + 1) * frames // (2 * WINDOWS) - each // 2 for number in range(WINDOWS)]
        self._windows = [Piece(rate, begin, begin + each) for begin in begins]
        self._seconds = sum(window.seconds for window in self._windows)
        self._reels: dict[Size, Path] = {_size(item): folder / f"plain-{item.height}.mp4" for item in plans}

    def qualities(self, run: Callable[[Sequence[str]], float]) -> float:
        """What it takes to try them, in whatever `run` returns of each command."""
        spent = run(commands.reel(self._film, self._facts, self._windows, self._reels, executable=self._executable))
        if not is_worth_trying(self._facts.duration_s):
            return spent
        searched = [item for item in self._plans if item.rung.name in self._tried]
        others = [item for item in self._plans if item.rung.name not in self._tried]
        for crfs in zip_longest(*(self._tried[item.rung.name] for item in searched)):
            spent += self._round(
                [item.at(crf) for item, crf in zip(searched, crfs, strict=True) if crf is not None], run
            )
        return spent + self._round(others, run)

    def _round(self, items: Sequence[VideoPlan], run: Callable[[Sequence[str]], float]) -> float:
        spent = 0.0
        for size, same in _by_size(items):
            outputs = {item: self._folder / f"plain-{item.rung.name}-{item.crf:g}.mp4" for item in same}
            reel, executable = self._reels[size], self._executable
            spent += run(commands.trials(reel, outputs, duration_s=self._seconds, executable=executable))
            pictures = {path: commands.own_picture(path, self._seconds) for path in outputs.values()}
            spent += run(self._scored(pictures, size))
        return spent

    def scores(self, rungs: Mapping[VideoPlan, Path], run: Callable[[Sequence[str]], float]) -> float:
        """What it takes to compare the finished rungs with the film."""
        spent = 0.0
        for item, path in rungs.items():
            frames = int(self._facts.duration_s * item.rate)
            facts = SourceFacts.of_own_picture(_size(item), item.rate, frames, path.stat().st_size)
            spent += run(self._scored({path: commands.joined(path, facts, self._windows)}, _size(item)))
        return spent

    def _scored(self, pictures: Mapping[Path, Any], size: Size) -> list[str]:
        scored = [(picture, path.with_suffix(".json")) for path, picture in pictures.items()]
        return commands.vmaf(scored, self._reels[size], size, duration_s=self._seconds, executable=self._executable)


def _size(item: VideoPlan) -> Size:
    return item.width, item.height


def _by_size(items: Sequence[VideoPlan]) -> Iterator[tuple[Size, list[VideoPlan]]]:
    for size in dict.fromkeys(_size(item) for item in items):
        yield size, [item for item in items if _size(item) == size]

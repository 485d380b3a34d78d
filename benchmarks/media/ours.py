"""The pipeline on one film, by its command line, and what its rungs would cost at other qualities."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.media.coding import Reference, cpu_s, encode
from benchmarks.media.curves import Curve
from media_pipeline.facts import SourceFacts
from media_pipeline.picture_commands import encoding
from media_pipeline.plan import VideoPlan, plan
from media_pipeline.presets import Codec, ladder

_UNCAPPED_KBPS = 20_000
_CRFS: dict[Codec, tuple[float, float]] = {Codec.H264: (14, 44), Codec.AV1: (14, 63)}
_STEP: dict[Codec, float] = {Codec.H264: 4, Codec.AV1: 8}
_GAP: dict[Codec, float] = {Codec.H264: 2, Codec.AV1: 4}


@dataclass(frozen=True)
class Transcoded:
    """What `manage.py transcode --json` reported, and what it took."""

    report: dict[str, Any]
    cpu_s: float
    wall_s: float

    @property
    def facts(self) -> SourceFacts:
        """What is known about the source."""
        return SourceFacts.from_json(self.report["source"])

    def rung(self, name: str) -> dict[str, Any] | None:
        """A delivered rung; None where it was dropped."""
        return next((rung for rung in self.report["rungs"] if rung["name"] == name), None)

    def plans(self) -> dict[str, VideoPlan]:
        """Every rung that could be made of the source, also those that were dropped, by name."""
        content = self.report["plan"].get("class", "")
        return {item.rung.name: item.of_class(content) for item in plan(self.facts, ladder()).video}


def transcode(source: Path, out: Path) -> Transcoded:
    """Run the whole pipeline on a film.

    Raises:
        subprocess.CalledProcessError: it was refused; the JSON on its standard output says why.
    """
    command = [sys.executable, "manage.py", "transcode", str(source), "--out", str(out), "--json"]
    before, started = cpu_s(), time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    wall_s = time.monotonic() - started
    return Transcoded(json.loads(done.stdout.splitlines()[-1]), cpu_s() - before, wall_s)


def curve(film: Reference, item: VideoPlan, begin: float) -> Curve:
    """The rate of a rung's own settings over its VMAF, without its cap: what is compared is the coding.

    Args:
        begin: the CRF to begin with.
    """
    free = replace(item, rung=replace(item.rung, max_kbps=_UNCAPPED_KBPS))
    codec = item.rung.codec
    return Curve(
        lambda crf: encode(film, encoding(free.at(crf)), crf=crf),
        crfs=_CRFS[codec],
        begin=begin,
        step=_STEP[codec],
        gap=_GAP[codec],
    )

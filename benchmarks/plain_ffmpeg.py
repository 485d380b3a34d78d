"""What a careful person would order of ffmpeg by hand for the same outputs, and what that takes.

One look at where pictures change, trials of qualities on some seconds, all rungs from one decode with each size scaled
once, the loudness measured and both sounds from one decode, the poster, the copy with sound, small pictures for the
seek bar, the slides as pictures, a decode of every output to see that it is whole, and the scores of the pictures.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from benchmarks import plain_sound
from benchmarks.plain_search import PlainSearch, changes
from media_pipeline.facts import SourceFacts
from media_pipeline.models import Rendition, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.picture_commands import encoding, rate_text
from media_pipeline.plan import Plan, VideoPlan, plan, settled
from media_pipeline.presets import ladder
from media_pipeline.supervisor import ffmpeg_executable

ENCODES = ("rungs", "sound")
"""Of the parts those that nobody can do without; the others are the care."""
FINDING_OUT = ("look", "trials", "scores")
"""Of the parts those that make nothing; who knew the film already would leave them out."""
_POSTER_AT_S = 30


def cpu_s() -> float:
    """Processor seconds of this process and of those it has waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


class ByHand:
    """The outputs of a finished job, made again in a folder.

    Args:
        job: says which rungs, in which quality, and with which gain.
        film: what the job was given.
    """

    def __init__(self, job: TranscodeJob, film: Path, folder: Path) -> None:
        self._job = job
        self._film = film
        self._folder = folder
        self._facts = SourceFacts.from_json(job.source.probe)
        self._ladder = ladder(job.preset_version)
        self._work: Plan = plan(self._facts, self._ladder)
        made = {rendition.name for rendition in Rendition.objects.filter(source=job.source)}
        wanted = [item for item in self._work.video if item.rung.name in made]
        self._plans = settled(wanted, job.plan["qualities"], job.plan["class"])
        self._has_deck = "deck" in made
        tried = {name: [crf for crf, *_found in choice["reel"]] for name, choice in job.plan["choices"].items()}
        self._search = PlainSearch(film, self._facts, self._plans, tried, folder, ffmpeg_executable())

    def parts(self) -> dict[str, float]:
        """Processor seconds of each part, in the order in which one would do them."""
        executable = ffmpeg_executable()
        spent = {"look": _timed(changes(self._film, self._plans[0].rate, executable))}
        spent["trials"] = self._search.qualities(_timed)
        spent["rungs"] = _timed(self._rungs())
        gain_db = float(self._job.source.probe["gain_db"])
        sounds = {rung: self._target(rung.name) for rung in self._work.audio}
        spent["sound"] = _timed(plain_sound.loudness(self._film, executable))
        spent["sound"] += _timed(plain_sound.rungs(self._film, sounds, self._ladder, gain_db, executable))
        spent["poster"] = _timed(self._poster())
        spent["copy"] = _timed(self._copy())
        spent["small pictures"] = _timed(self._small_pictures())
        if self._has_deck:
            spent["slides"] = _timed(self._slides())
        files = [*(item.rung.name for item in self._plans), *(rung.name for rung in self._work.audio), "copy"]
        spent["scores"] = self._search.scores({item: self._target(item.rung.name) for item in self._plans}, _timed)
        spent["checks"] = sum(_timed([*_ffmpeg(), "-i", str(self._target(name)), *_NOWHERE]) for name in files)
        return spent

    def _target(self, name: str) -> Path:
        return self._folder / f"{name}.mp4"

    def _rungs(self) -> list[str]:
        by_size: dict[tuple[int, int], list[VideoPlan]] = {}
        for item in self._plans:
            by_size.setdefault((item.width, item.height), []).append(item)
        whole = ffmpeg.input(str(self._film))["v:0"].filter("fps", rate_text(self._plans[0].rate))
        copies = whole.filter_multi_output("split", len(by_size))
        made: list[Any] = []
        for number, (size, items) in enumerate(by_size.items()):
            scaled = copies.stream(number).filter("scale", *size).filter("format", "yuv420p")
            same = scaled.filter_multi_output("split", len(items))
            made += [
                ffmpeg.output(same.stream(place), str(self._target(item.rung.name)), **encoding(item))
                for place, item in enumerate(items)
            ]
        return ffmpeg.merge_outputs(*made).compile(cmd=_ffmpeg())

    def _poster(self) -> list[str]:
        seen = ["-vf", "thumbnail=25,scale=-2:360", "-frames:v", "1", "-c:v", "libwebp"]
        return [*_ffmpeg(), "-ss", str(_POSTER_AT_S), "-i", str(self._film), *seen, str(self._folder / "poster.webp")]

    def _copy(self) -> list[str]:
        muxed = self._work.muxed[0]
        parts = ["-i", str(self._target(muxed.video)), "-i", str(self._target(muxed.audio))]
        return [*_ffmpeg(), *parts, "-c", "copy", "-movflags", "+faststart", str(self._target("copy"))]

    def _small_pictures(self) -> list[str]:
        """A hundred keyframes of the smallest rung in one picture."""
        source = ["-skip_frame", "nokey", "-i", str(self._target(self._plans[0].rung.name))]
        laid = ["-vf", "scale=-2:90,tile=10x10", "-frames:v", "1", "-c:v", "libwebp"]
        return [*_ffmpeg(), *source, *laid, str(self._folder / "sprite.webp")]

    def _slides(self) -> list[str]:
        """One pass that takes a frame a second after each change."""
        deck = Rendition.objects.get(source=self._job.source, kind=Rendition.Kind.DECK)
        index = json.loads(default_store().read(deck.index_sha256, limit=1 << 20))
        rate = self._plans[0].rate
        frames = [round((start_ms / 1000 + 1) * rate) for _length, start_ms, _sha256 in index["slides"]]
        wanted = "+".join(rf"eq(n\,{frame})" for frame in frames)
        chosen = f"fps={rate_text(rate)},select={wanted},scale={deck.width}:{deck.height}"
        coded = ["-c:v", "libwebp", "-quality", "60", "-fps_mode", "passthrough"]
        return [*_ffmpeg(), "-i", str(self._film), "-vf", chosen, *coded, str(self._folder / "slide-%05d.webp")]


_NOWHERE = ("-f", "null", os.devnull)


def _ffmpeg() -> list[str]:
    return [ffmpeg_executable(), "-v", "error", "-y"]


def _timed(command: Sequence[str]) -> float:
    before = cpu_s()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return cpu_s() - before

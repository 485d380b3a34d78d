"""Runs the commands of one source in its working folder and hands back the files they left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from media_pipeline import commands
from media_pipeline.errors import EncodeFailed
from media_pipeline.facts import SourceFacts
from media_pipeline.hls import codecs_of
from media_pipeline.models import Rendition
from media_pipeline.objects import ObjectStore
from media_pipeline.outputs import Made
from media_pipeline.presets import Ladder, MuxedRung, PosterRung
from media_pipeline.supervisor import Limits, Outcome, Tick, failure, ffmpeg_executable, run
from media_pipeline.verify import Promise

_INTEGRATED = re.compile(r"^\s*I:\s+(-?\d+(?:\.\d+)?) LUFS\s*$", re.MULTILINE)
_SILENCE_LUFS = -69.0
_MAX_GAIN_DB = 24.0
_CPU_SECONDS_A_SECOND = 6
_WALL_SECONDS_A_SECOND = 8
_STARTING_S = 120


def gain_for(stderr: str, target_lufs: float) -> float:
    """The one gain in dB that brings a measured source to the target; 0 for silence.

    Args:
        stderr: what ffmpeg's `ebur128` printed.

    Raises:
        EncodeFailed: it printed no summary.
    """
    found = _INTEGRATED.findall(stderr)
    if not found:
        raise EncodeFailed(reason="loudness could not be measured")
    loudness = float(found[-1])
    if loudness <= _SILENCE_LUFS:
        return 0.0
    return round(min(_MAX_GAIN_DB, max(-_MAX_GAIN_DB, target_lufs - loudness)), 2)


class Encoder:
    """All encodes of one source.

    Args:
        path: the original, absolute.
        folder: where outputs go; on a file system with room for `needed_bytes`.

    Attributes:
        cpu_s: processor seconds that its runs took so far.
    """

    def __init__(self, path: Path, facts: SourceFacts, folder: Path, ladder: Ladder, needed_bytes: int) -> None:
        self.path = path
        self.facts = facts
        self.folder = folder
        self.ladder = ladder
        self.needed_bytes = needed_bytes
        self.cpu_s = 0.0
        self._executable = ffmpeg_executable()

    def run(self, command: Sequence[str], on_tick: Tick, *, file_bytes: int | None = None) -> Outcome:
        """Run a command within the source's limits.

        Args:
            file_bytes: the largest file it may write, where that is not the source's own limit.

        Raises:
            MediaError: it failed, for the reason the error names.
            Exception: whatever `on_tick` raises.
        """
        limits = Limits(
            cpu_s=_STARTING_S + round(_CPU_SECONDS_A_SECOND * self.facts.duration_s),
            wall_s=_STARTING_S + _WALL_SECONDS_A_SECOND * self.facts.duration_s,
            file_bytes=file_bytes or self.needed_bytes,
        )
        outcome = run(command, limits, on_tick)
        self.cpu_s += outcome.cpu_s
        if outcome.status != 0:
            raise failure(outcome, needed_mb=self.needed_bytes >> 20)
        return outcome

    def poster(self, rung: PosterRung, on_tick: Tick) -> Path:
        """Take one frame."""
        target = self.folder / f"{rung.name}.webp"
        self.run(commands.poster(self.path, self.facts, rung, target, executable=self._executable), on_tick)
        return target

    @contextmanager
    def muxed(
        self, rung: MuxedRung, picture: Rendition, sound: Rendition | None, store: ObjectStore, on_tick: Tick
    ) -> Iterator[tuple[Made, str]]:
        """Join a finished video and a finished audio rung; the file and its MIME type.

        The stored parts are readable for the time of the block, so that the copy can be compared with them.

        Raises:
            StoreDamaged: a part was damaged in the store; it is deleted there, so that the next try makes it anew.
            MediaError: as `run`.
            Exception: whatever `on_tick` raises.
        """
        with ExitStack() as held:
            parts = tuple(held.enter_context(store.checked_file(part.sha256)) for part in (picture, sound) if part)
            yield self._joined(rung, picture, sound, parts, on_tick)

    def _joined(
        self, rung: MuxedRung, picture: Rendition, sound: Rendition | None, parts: tuple[Path, ...], on_tick: Tick
    ) -> tuple[Made, str]:
        target = self.folder / f"{rung.name}.mp4"
        command = commands.muxed(
            parts[0],
            parts[1] if sound else None,
            target,
            duration_s=self.facts.duration_s,
            executable=self._executable,
        )
        self.run(command, on_tick)
        codecs = ", ".join(codecs_of(part.mime) for part in (picture, sound) if part)
        made = Made(
            target,
            Rendition.Kind.MUXED,
            Promise(rung.name, max(part.duration_s or 0.0 for part in (picture, sound) if part)),
            picture.width,
            picture.height,
            copied_from=parts,
        )
        return made, f'video/mp4; codecs="{codecs}"'

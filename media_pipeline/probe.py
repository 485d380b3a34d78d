"""Probing an upload: sniff the first bytes, then let a limited subprocess read the packets (media.md §1, §5)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from django.conf import settings

from media_pipeline.completeness import is_cut, missing_bytes
from media_pipeline.containers import HEAD_BYTES, sniff
from media_pipeline.errors import EmptyFile, FileTooLarge, FormatRefused, ProbeFailed, TimeLimit, VerifyFailed
from media_pipeline.facts import DECODERS, MAX_PIXELS, SourceFacts, accept
from media_pipeline.supervisor import Limits, Tick, run

_CHILD = Path(__file__).with_name("probe_child.py")
_BYTES_A_SECOND = 20 << 20
"""The slowest disk worth waiting for."""
_STARTING_CPU_S = 15
"""What any probe may take; a hostile file is to cost at most 20 in all (media.md §6)."""
_MEMORY_BYTES = 2 << 30


def _limits(length: int) -> Limits:
    reading_s = length / _BYTES_A_SECOND
    return Limits(
        cpu_s=_STARTING_CPU_S + round(reading_s), wall_s=60 + 2 * reading_s, file_bytes=0, memory_bytes=2 << 30
    )


def probe(path: Path, on_tick: Tick) -> SourceFacts:
    """What the file holds.

    Raises:
        EmptyFile, FileTooLarge, FormatRefused, ProbeFailed, TooManyTracks, TooManyFrames, CodecRefused,
            TooManyPixels, DurationRefused, VerifyFailed: it can't be taken, for the reason they name.
        Exception: whatever `on_tick` raises.
    """
    length = path.stat().st_size
    if length == 0:
        raise EmptyFile
    if length > settings.MAX_UPLOAD_BYTES:
        raise FileTooLarge(megabytes=length >> 20, limit_mb=settings.MAX_UPLOAD_BYTES >> 20)
    with path.open("rb") as reader:
        sniffed = sniff(reader.read(HEAD_BYTES))
    if sniffed.demuxer is None:
        raise FormatRefused(found=sniffed.found) if sniffed.found else ProbeFailed
    command = [sys.executable, "-I", str(_CHILD), sniffed.demuxer, DECODERS, str(MAX_PIXELS), str(path)]
    try:
        outcome = run(command, _limits(length), on_tick)
    except TimeLimit as error:
        raise ProbeFailed from error
    if outcome.status != 0:
        raise ProbeFailed
    try:
        report = json.loads(outcome.stdout)
    except ValueError as error:
        raise ProbeFailed from error
    facts = accept(report, demuxer=sniffed.demuxer, length=length)
    with path.open("rb") as reader:
        missing = missing_bytes(reader, length, sniffed.demuxer)
    if is_cut(missing, length):
        raise VerifyFailed(reason=f"{length} / {length + missing} bytes")
    return facts

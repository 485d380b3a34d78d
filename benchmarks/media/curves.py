"""What a quality costs: points measured at some qualities, and the bytes of those between. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """One encode: its constant rate factor, kbit/s with container, VMAF mean and its 5th percentile."""

    crf: float
    kbit_s: float
    vmaf: float
    p5: float


def rate_at(points: Sequence[Point], vmaf: float) -> float | None:
    """The kbit/s that give this VMAF, between measured points; None where no two of them lie around it.

    The logarithm of the rate is taken to be linear in VMAF between neighbours, as is usual for such curves
    (Bjøntegaard, VCEG-M33, uses a polynomial of it).
    """
    ordered = sorted(points, key=lambda point: point.vmaf)
    for low, high in itertools.pairwise(ordered):
        if low.vmaf <= vmaf <= high.vmaf:
            share = (vmaf - low.vmaf) / (high.vmaf - low.vmaf) if high.vmaf > low.vmaf else 1.0
            return float(low.kbit_s * (high.kbit_s / low.kbit_s) ** share)
    return None


class Curve:
    """Points of one rung on one film, encoded only when they are needed.

    Args:
        encode: makes the point of a CRF.
        crfs: the finest and the coarsest CRF that make sense.
        begin: where to begin.
        step: how far apart points lie while a quality is looked for.
        gap: how far apart they may lie that a rate is taken between. The true curve bends below the chord, so that a
            wide gap makes a coder look worse than it is.
    """

    def __init__(
        self, encode: Callable[[float], Point], *, crfs: tuple[float, float], begin: float, step: float, gap: float
    ) -> None:
        self._encode = encode
        self._finest, self._coarsest = crfs
        self._begin, self._step, self._gap = begin, step, gap
        self._points: dict[float, Point] = {}

    def point(self, crf: float) -> Point:
        """The encode at that CRF."""
        if crf not in self._points:
            self._points[crf] = self._encode(crf)
        return self._points[crf]

    def rate_at(self, vmaf: float) -> float | None:
        """The kbit/s that give this VMAF; None where even the finest looks worse, or the coarsest better."""
        crf = self._begin
        is_better = self.point(crf).vmaf >= vmaf
        while True:
            following = min(self._coarsest, max(self._finest, crf + (self._step if is_better else -self._step)))
            if following == crf:
                return None
            before, crf = crf, following
            if (self.point(crf).vmaf >= vmaf) != is_better:
                return self._between(min(before, crf), max(before, crf), vmaf)

    def _between(self, finer: float, coarser: float, vmaf: float) -> float | None:
        """The rate between two CRFs whose qualities lie around the wanted one."""
        while coarser - finer > self._gap:
            middle = round((finer + coarser) / 2)
            if self.point(middle).vmaf >= vmaf:
                finer = middle
            else:
                coarser = middle
        return rate_at([self.point(finer), self.point(coarser)], vmaf)

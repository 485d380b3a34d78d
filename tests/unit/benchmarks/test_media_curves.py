"""The benchmark's arithmetic: rates between measured points, peers' caps, and the verdict on a target."""

from __future__ import annotations

import pytest

from benchmarks.media.curves import Curve, Point, rate_at
from benchmarks.media.peers import PEERS, Film
from benchmarks.media.targets import Measured, verdicts
from benchmarks.table import Line


def point(crf: float) -> Point:
    """A coder whose VMAF falls by one a step, and whose rate halves every six."""
    return Point(crf, 400 * 2 ** (-(crf - 20) / 6), 100 - (crf - 16), 90 - (crf - 16))


def test_a_rate_between_points_lies_on_the_logarithm() -> None:
    assert rate_at([point(20), point(32)], point(26).vmaf) == pytest.approx(point(26).kbit_s)


def test_no_rate_is_made_up_beyond_the_points() -> None:
    assert rate_at([point(20), point(32)], 99.0) is None
    assert rate_at([point(20)], point(20).vmaf + 1) is None
    assert rate_at([], 90.0) is None


@pytest.mark.parametrize("wanted", [68.5, 81.0, 95.0])
def test_a_curve_encodes_towards_the_quality_that_is_asked_for(wanted: float) -> None:
    made: list[float] = []

    def encode(crf: float) -> Point:
        made.append(crf)
        return point(crf)

    curve = Curve(encode, crfs=(14, 50), begin=30, step=4, gap=2)
    assert curve.rate_at(wanted) == pytest.approx(point(16 + 100 - wanted).kbit_s)
    curve.rate_at(wanted)
    assert len(made) == len(set(made)), "no quality is encoded twice"


def test_a_curve_says_so_when_a_quality_is_out_of_reach() -> None:
    curve = Curve(point, crfs=(20, 40), begin=30, step=4, gap=2)
    assert curve.rate_at(99.0) is None
    assert curve.rate_at(10.0) is None


def test_peertube_caps_by_pixels_and_by_the_source() -> None:
    options = next(peer for peer in PEERS if peer.name == "PeerTube").options
    assert options(Film(640, 360, 25, 0))["maxrate"] == 864_000
    assert options(Film(640, 360, 25, 300_000))["maxrate"] == 390_000
    assert options(Film(640, 360, 25, 20_000))["maxrate"] == 115_200


def test_a_target_is_judged_by_its_worst_measurement() -> None:
    found = [
        Measured(2, Line("easy", 0.30, "", 0.40)),
        Measured(2, Line("hard", 0.39, "", 0.40)),
        Measured(3, Line("sharp", 95, "", 85, is_floor=True)),
        Measured(3, Line("blurred", 80, "", 85, is_floor=True)),
        Measured(6, Line("lost", 0, "", 0)),
        Measured(0, Line("only told", 9, "")),
    ]
    by_target = {line.name.split()[0]: line for line in verdicts(found)}
    assert set(by_target) == {"2", "3", "6"}
    assert by_target["2"].value == 0.39
    assert by_target["3"].value == 80
    assert not by_target["3"].is_met
    assert by_target["6"].is_met

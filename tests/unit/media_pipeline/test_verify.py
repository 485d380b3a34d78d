"""The rules an output must keep."""

import pytest

from media_pipeline.encoder import gain_for
from media_pipeline.errors import EncodeFailed, VerifyFailed
from media_pipeline.verify import Decoded, Promise, check, check_source_decoded

PROMISE = Promise("h264-240", duration_s=60.0, frames=1500, max_kbps=90)


def test_a_whole_output_passes() -> None:
    check(PROMISE, Decoded(60.0, 1500), length=60 * 80_000 // 8)


@pytest.mark.parametrize(
    ("decoded", "length", "word"),
    [
        (Decoded(14.4, 1500), 100_000, "14.4 s"),
        (Decoded(75.0, 1500), 100_000, "75.0 s"),
        (Decoded(60.0, 1400), 100_000, "1400"),
        (Decoded(60.0, 1500), 60 * 100_000 // 8, "kbit/s"),
    ],
)
def test_what_differs_from_the_promise_is_named(decoded: Decoded, length: int, word: str) -> None:
    with pytest.raises(VerifyFailed) as caught:
        check(PROMISE, decoded, length)
    assert word in caught.value.zh


def test_a_short_clip_may_run_ahead_of_its_cap_by_the_buffer() -> None:
    check(Promise("h264-240", 4.0, frames=100, max_kbps=90), Decoded(4.0, 100), length=7 * 90_000 // 8)


def test_a_few_complaints_of_the_decoder_are_forgiven_and_many_are_not() -> None:
    check_source_decoded("error\n" * 5, packets=144)
    with pytest.raises(VerifyFailed):
        check_source_decoded("error\n" * 20, packets=144)


@pytest.mark.parametrize(
    ("measured", "gain_db"), [("-23.0", 7.0), ("-16.0", 0.0), ("-9.5", -6.5), ("-60.0", 24.0), ("-70.0", 0.0)]
)
def test_the_gain_brings_the_measured_loudness_to_the_target(measured: str, gain_db: float) -> None:
    summary = f"Summary:\n\n  Integrated loudness:\n    I:         {measured} LUFS\n    Threshold: -33.0 LUFS\n"
    assert gain_for(summary, -16.0) == gain_db


def test_a_measurement_that_printed_nothing_is_a_failure() -> None:
    with pytest.raises(EncodeFailed):
        gain_for("", -16.0)

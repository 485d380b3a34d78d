"""Which error a failed run of ffmpeg stands for."""

from __future__ import annotations

import pytest

from media_pipeline.errors import MediaError
from media_pipeline.supervisor import Outcome, Progress, failure


def error(status: int, stderr: str) -> MediaError:
    return failure(Outcome(status, "", stderr, Progress(), 1.0), needed_mb=70)


@pytest.mark.parametrize(
    ("status", "stderr", "code"),
    [
        (1, "av_interleaved_write_frame(): No space left on device\n", "disk-full"),
        (-25, "", "encode"),
        (1, "Error muxing a packet: File too large\n", "encode"),
        (69, "Decode error rate 0.5 exceeds maximum 0.02\n", "verify"),
        (244, "[vf#0:0] Error initializing filters: Cannot allocate memory\n", "memory"),
        (245, "[vf#0:0] pthread_create() failed: Resource temporarily unavailable\n", "memory"),
        (1, "x264 [error]: malloc of size 4147584 failed\n", "memory"),
        (-9, "", "memory"),
        (-11, "", "encode"),
        (1, "Invalid data found when processing input\n", "encode"),
    ],
)
def test_each_way_to_fail_has_its_code(status: int, stderr: str, code: str) -> None:
    assert error(status, stderr).code == code


def test_no_path_of_the_machine_is_told() -> None:
    assert "/srv" not in error(1, "Error opening file:/srv/site/var/work/x.mp4: Invalid argument\n").zh

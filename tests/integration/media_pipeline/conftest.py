"""A private room for objects, originals and work; clips made once a session."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.core.files import File

from media_pipeline import services
from media_pipeline.models import MediaSource, TranscodeJob
from tests.integration.media_pipeline.decoder_costs import clip
from tests.lecture_maker import make_lecture


@pytest.fixture
def rooms(settings, tmp_path: Path) -> Path:
    """Settings whose folders lie below a fresh one, which is returned."""
    settings.OBJECTS_DIR = tmp_path / "objects"
    settings.PUBLIC_TREE_DIR = tmp_path / "public"
    settings.WORK_DIR = tmp_path / "work"
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where clips are kept for the session."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def lecture(clips: Path) -> Path:
    """Twelve seconds: three slides, Mandarin speech, a moving inset."""
    return make_lecture(clips / "lecture.mp4", duration_s=12, slides=3).path


@pytest.fixture(scope="session")
def long_lecture(clips: Path) -> Path:
    """Forty-five seconds, so that a worker can be killed in its midst."""
    return make_lecture(clips / "long.mp4", duration_s=45, slides=10, seed=1).path


@pytest.fixture(scope="session")
def ffmpeg(clips: Path) -> Callable[..., Path]:
    """Makes a clip with ffmpeg by hand: `ffmpeg("name.mkv", "-f", "lavfi", "-i", "testsrc2=d=2", …)`."""
    return partial(clip, clips)


@pytest.fixture
def job_for(rooms: Path) -> Callable[[Path], TranscodeJob]:
    """Takes a file in like an upload, and asks for its transcode."""

    def take_in(path: Path) -> TranscodeJob:
        with path.open("rb") as reader:
            source: MediaSource = services.register_source(File(reader), name=path.name)
        return services.request_transcode(source)

    return take_in

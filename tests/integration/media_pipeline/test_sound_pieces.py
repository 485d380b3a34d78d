"""Sound in pieces: an edit encodes what it touched, joins are not heard, and a killed worker's pieces are kept."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import time
import wave
from array import array
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from media_pipeline import selectors
from media_pipeline.chunks import DatabaseShelf, MemoryShelf, Stored
from media_pipeline.encoder import Encoder
from media_pipeline.errors import EncodeFailed
from media_pipeline.jobs import configured_policy
from media_pipeline.models import EncodedChunk, MediaSource, Rendition, SourceChunk, TranscodeJob
from media_pipeline.objects import FolderStore, default_store
from media_pipeline.outputs import silent_tick
from media_pipeline.pauses import FRAME, RATE
from media_pipeline.presets import AudioRung, ladder
from media_pipeline.probe import probe
from media_pipeline.runner import run_job
from media_pipeline.sound import SoundWork, settled_gain
from media_pipeline.supervisor import ffmpeg_executable
from tests.integration.media_pipeline.stores import damage
from tests.lecture_maker import make_lecture

Take = Callable[[Path], TranscodeJob]
SECONDS = 120
OPUS = ladder().audio[0]
assert isinstance(OPUS, AudioRung)


def spoken(path: Path, samples: array[int]) -> Path:
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(samples.tobytes())
    return path


def heard(path: Path, *filters: str) -> array[int]:
    """A file's sound, one channel of 48,000 samples a second."""
    command = [ffmpeg_executable(), "-v", "error", "-i", str(path), "-ac", "1", "-ar", str(RATE)]
    chain = ["-af", ",".join(filters)] if filters else []
    done = subprocess.run([*command, *chain, "-f", "s16le", "-"], stdout=subprocess.PIPE, check=True, timeout=60)
    return array("h", done.stdout)


@pytest.fixture(scope="module")
def speech(clips: Path) -> array[int]:
    """Two minutes of Mandarin."""
    film = make_lecture(clips / "speech.mp4", duration_s=SECONDS, slides=2, seed=3).path
    return heard(film)[: SECONDS * RATE]


@pytest.fixture(scope="module")
def versions(clips: Path, speech: array[int]) -> tuple[Path, Path]:
    """The speech, and the same without seven seconds in its midst."""
    cut = speech[: 70 * RATE] + speech[77 * RATE :]
    return spoken(clips / "whole.wav", speech), spoken(clips / "cut.wav", cut)


def segments(rendition: Rendition) -> list[str]:
    index = json.loads(default_store().read(rendition.index_sha256, limit=1 << 20))
    return [sha256 for _length, _ms, sha256 in index["segments"]]


def opus(job: TranscodeJob) -> Rendition:
    return Rendition.objects.get(source=job.source, name="opus-16")


@pytest.mark.django_db
def test_seven_seconds_cut_out_of_two_minutes_encode_only_the_pieces_they_touch(
    job_for: Take, versions: tuple[Path, Path]
) -> None:
    first, second = (job_for(path) for path in versions)
    assert run_job(first.pk) == run_job(second.pk) == "published"
    for job in (first, second):
        job.refresh_from_db()
        job.source.refresh_from_db()
    made, again = first.plan["sound"], second.plan["sound"]
    assert made == {"total": made["total"], "encoded": made["total"], "reused": 0}
    assert made["total"] >= 4
    assert again["encoded"] <= 2, again
    assert again["reused"] == again["total"] - again["encoded"] > 0
    assert second.source.probe["gain_db"] == first.source.probe["gain_db"], "a revision inherits the gain"
    known = segments(opus(first))
    new = [sha256 for sha256 in segments(opus(second)) if sha256 not in set(known)]
    assert len(new) <= 12, f"{len(new)} segments of five seconds travel again"
    assert abs((opus(second).duration_s or 0) - (SECONDS - 7)) <= 0.02
    needed = {row.sha256 for row in Rendition.objects.all()}
    assert set(EncodedChunk.objects.values_list("object_sha256", flat=True)) <= needed, "pieces lie in their rungs"

    # The same once more, without anything left of it: the same bytes.
    told = opus(first).sha256
    Rendition.objects.all().delete()
    EncodedChunk.objects.all().delete()
    TranscodeJob.objects.update(state=TranscodeJob.State.RECEIVED)
    assert run_job(first.pk) == "published"
    assert opus(first).sha256 == told


def worked(path: Path, folder: Path) -> tuple[SoundWork, Path, list[float]]:
    """A file's Opus rung at its own level, and the moments of its joins."""
    folder.mkdir(exist_ok=True)
    encoder = Encoder(path, probe(path, silent_tick), folder, ladder(), 1 << 30)
    maker = SoundWork(encoder, FolderStore(folder / "objects"), MemoryShelf())
    known = maker.hear(silent_tick)
    made = maker.made(known, OPUS, 0.0, silent_tick).made.path
    return maker, made, [piece.begin * FRAME / RATE for piece in known.pieces[1:]]


def rms(samples: array[int]) -> float:
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))


def steepest(samples: array[int]) -> int:
    return max(abs(later - earlier) for earlier, later in pairwise(samples))


def error(samples: array[int], wanted: array[int]) -> float:
    return rms(array("i", (a - b for a, b in zip(samples, wanted, strict=True))))


def check_joins(path: Path, folder: Path) -> int:
    """Compare the quarter of a second from each join on with an encode in one run; returns how many there are."""
    _maker, made, joins = worked(path, folder)
    levelled = ("volume=0dB", f"alimiter=limit={10 ** (ladder().peak_dbfs / 20):.4f}:level=disabled")
    wanted, joined, whole = heard(path, *levelled), heard(made), folder / "whole.mp4"
    command = [ffmpeg_executable(), "-v", "error", "-y", "-i", str(path), "-af", ",".join(levelled), "-ac", "1"]
    options = ["-c:a", "libopus", "-b:a", "16k", "-application", "voip", "-frame_duration", "60", "-ar", str(RATE)]
    subprocess.run([*command, *options, str(whole)], check=True, timeout=60)
    in_one = heard(whole)
    assert abs(len(joined) - len(wanted)) <= FRAME
    for moment in joins:
        begin = round(moment * RATE) - FRAME // 4
        parts = [sound[begin : begin + RATE // 4] for sound in (wanted, joined, in_one)]
        assert error(parts[1], parts[0]) <= 1.5 * error(parts[2], parts[0]) + 20
        # A click is a step that neither the speaker nor the encoder made.
        assert steepest(parts[1]) <= 1.5 * max(steepest(parts[0]), steepest(parts[2])) + 20
    return len(joins)


def test_joins_of_speech_sound_like_one_encode(versions: tuple[Path, Path], tmp_path: Path) -> None:
    assert check_joins(versions[0], tmp_path / "w") >= 3


def test_joins_in_a_hum_without_any_pause_do_not_click(ffmpeg: Callable[..., Path], tmp_path: Path) -> None:
    hum = "0.2*sin(2*PI*220*t)*(1+0.3*sin(2*PI*0.7*t))+0.1*sin(2*PI*(330+40*sin(2*PI*0.3*t))*t)"
    path = ffmpeg("hum.wav", "-f", "lavfi", "-i", f"aevalsrc={hum}:d=60:s=48000", "-ac", "1")
    assert check_joins(path, tmp_path / "w") >= 1


def test_silence_from_end_to_end_is_encoded_once_for_all_its_pieces(
    ffmpeg: Callable[..., Path], tmp_path: Path
) -> None:
    path = ffmpeg("silence.wav", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "100")
    maker, made, joins = worked(path, tmp_path / "w")
    assert maker.count.encoded < maker.count.total == len(joins) + 1
    assert set(heard(made)) <= {-1, 0, 1}


def test_a_piece_that_was_damaged_fails_once_and_is_made_anew(versions: tuple[Path, Path], tmp_path: Path) -> None:
    maker, made, _joins = worked(versions[0], tmp_path / "w")
    whole = made.read_bytes()
    known = maker.hear(silent_tick)
    (bad,) = maker._keys(known, OPUS, 0.0)[1:2]
    maker.shelf.put(bad, Stored(maker.store.put_bytes(b"no sound at all"), 0, 1))
    with pytest.raises(EncodeFailed):
        maker.made(known, OPUS, 0.0, silent_tick)
    assert maker.made(known, OPUS, 0.0, silent_tick).made.path.read_bytes() == whole


def test_a_piece_that_a_disk_has_damaged_is_made_anew_at_once(versions: tuple[Path, Path], tmp_path: Path) -> None:
    maker, made, _joins = worked(versions[0], tmp_path / "w")
    whole, before = made.read_bytes(), maker.count.encoded
    known = maker.hear(silent_tick)
    (bad,) = maker._keys(known, OPUS, 0.0)[1:2]
    damage(maker.store, maker.shelf.find([bad])[bad].object_sha256)
    assert maker.made(known, OPUS, 0.0, silent_tick).made.path.read_bytes() == whole
    assert maker.count.encoded == before + 1


@pytest.mark.parametrize(("earlier", "taken"), [(None, 3.0), (3.9, 3.9), (2.0, 2.0), (4.1, 3.0), (-3.0, 3.0)])
def test_an_earlier_gain_is_taken_within_a_decibel(earlier: float | None, taken: float) -> None:
    assert settled_gain(3.0, earlier) == taken


@pytest.mark.django_db
def test_an_earlier_version_is_known_by_the_sound_it_shares(rooms: Path) -> None:
    earlier, later = (
        MediaSource.objects.create(sha256=letter * 64, storage_name=letter, length=1, probe={"gain_db": gain})
        for letter, gain in (("a", 3.0), ("b", 9.0))
    )
    assert selectors.gain_of_earlier_version(later) is None
    for source in (earlier, later):
        SourceChunk.objects.create(
            source=source, kind=SourceChunk.Kind.SOUND, number=0, start=0, frames=50, frames_sha256="cd" * 32
        )
    assert selectors.gain_of_earlier_version(later) == 3.0
    SourceChunk.objects.filter(source=later).update(kind=SourceChunk.Kind.PICTURE)
    assert selectors.gain_of_earlier_version(later) is None, "pictures tell nothing of the sound"


@pytest.mark.django_db
def test_an_earlier_versions_rung_stays_when_a_later_one_takes_all_its_pieces_over(rooms: Path) -> None:
    shelf = DatabaseShelf("me", configured_policy().lease)
    source = MediaSource.objects.create(sha256="a" * 64, storage_name="a", length=1)
    Rendition.objects.create(
        source=source, name="opus-16", kind="audio", mime="audio/mp4", sha256="ef" * 32, length=1, preset_version="1"
    )
    shelf.put("aa" * 32, Stored("ef" * 32, 0, 3))
    shelf.put("aa" * 32, Stored("cd" * 32, 0, 3))
    assert shelf.is_held("ef" * 32)


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite
def test_a_worker_killed_in_the_midst_of_the_sound_leaves_its_pieces_to_the_next(
    job_for: Take, versions: tuple[Path, Path]
) -> None:
    job = job_for(versions[0])
    # SQLite's connections must not cross a fork.
    connection.close()
    process = os.fork()
    if not process:
        os._exit(run_job(job.pk) != "published")
    while EncodedChunk.objects.count() < 2:
        time.sleep(0.02)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    kept = EncodedChunk.objects.count()
    TranscodeJob.objects.update(lease_expires_at=timezone.now())
    assert run_job(job.pk) == "published"
    job.refresh_from_db()
    told = job.plan["sound"]
    assert told["reused"] == kept
    assert told["encoded"] == told["total"] - kept > 0
    interrupted = opus(job).sha256
    Rendition.objects.all().delete()
    EncodedChunk.objects.all().delete()
    TranscodeJob.objects.update(state=TranscodeJob.State.RECEIVED, plan={}, attempts=0)
    assert run_job(job.pk) == "published"
    assert opus(job).sha256 == interrupted

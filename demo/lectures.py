"""Making the demo's lectures in the background: synthesise, upload, wait for the pipeline, review, publish, pack.

Every step looks at the database to see what is due, so it can be killed anywhere and goes on with the next start.
One process at a time works on it: it holds a file lock, which the kernel takes back from a killed process.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.errors import PersonError
from accounts.models import User
from cms.core.models import LectureMedia, PlatformDocument
from cms.lessons.models import Case, CaseTrack, Lesson, LessonTrack
from cms.review.services import review_and_publish
from demo.authoring import REVIEWERS, Desk
from demo.chime import write_chime
from demo.lecture_synthesis import Slide, SynthesisedLecture, synthesise_lecture
from demo.library import Lecture, demo_id, library
from demo.progress import State, Steps, next_steps
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from offline.packages.models import OfflinePackage
from offline.packages.services import request_build

log = logging.getLogger(__name__)
_ENDED_BADLY = (TranscodeJob.State.FAILED, TranscodeJob.State.CANCELLED)


def folder() -> Path:
    """Where the loading keeps its marks; removing it stops the loading."""
    return Path(settings.WORK_DIR) / "demo"


def _loading_mark() -> Path:
    return folder() / "loading"


def _failure_mark(slug: str) -> Path:
    return folder() / f"{slug}.failed"


def start_loading() -> None:
    """Let workers make the lectures; failures of an earlier try are forgotten."""
    folder().mkdir(parents=True, exist_ok=True)
    for mark in folder().glob("*.failed"):
        mark.unlink(missing_ok=True)
    _loading_mark().touch()


def is_loading() -> bool:
    """Whether lectures are still to be made."""
    return _loading_mark().exists()


@contextmanager
def sole_worker(name: str) -> Iterator[bool]:
    """True for one process at a time; the others get False at once and leave the work to it."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / f"{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def material(lecture: Lecture) -> Lesson | Case | None:
    """The lesson or case that the lecture belongs to."""
    model: type[Lesson] | type[Case] = Case if lecture.kind == "case" else Lesson
    return model.objects.filter(translation_key=lecture.material_id).select_related("video__media_source").first()


# -- reading the states ---------------------------------------------------------------------------------------


def _sources(page: Lesson | Case) -> list[MediaSource | None]:
    """The sources of the lecture and of its dubs."""
    dubs = page.tracks.filter(kind="audio").select_related("audio__media_source")
    media = [page.video, *(track.audio for track in dubs)]
    return [each.media_source if each is not None else None for each in media]


def _source_state(source: MediaSource | None) -> State:
    if source is None:
        return State.TRANSCODING
    job = source.jobs.order_by("-pk").first()
    if job is not None and job.state == TranscodeJob.State.PUBLISHED:
        return State.COMPLETE
    if job is not None and job.state in _ENDED_BADLY:
        return State.FAILED
    has_sound = source.renditions.filter(kind=Rendition.Kind.AUDIO).exists()
    return State.REVIEWABLE if has_sound else State.TRANSCODING


def state_of(lecture: Lecture) -> State:
    """How far a lecture is."""
    page = material(lecture)
    if page is None or _failure_mark(lecture.slug).exists():
        return State.FAILED
    if page.video is None:
        return State.MISSING
    found = {_source_state(source) for source in _sources(page)}
    for blocking in (State.FAILED, State.TRANSCODING):
        if blocking in found:
            return blocking
    if not page.live:
        return State.REVIEWABLE
    return State.COMPLETE if found == {State.COMPLETE} else State.LIVE


def states() -> dict[str, State]:
    """Every lecture's state, in the order of making."""
    return {lecture.slug: state_of(lecture) for lecture in library().lectures()}


def _package() -> OfflinePackage | None:
    return OfflinePackage.objects.filter(package_id=demo_id("package", "winter-spring")).first()


def due() -> Steps:
    """What is to be done now."""
    package = _package()
    asked_for = package is None or package.builds.exists()
    return next_steps(states(), library().package["lessons"], package_asked_for=asked_for)


# -- carrying out ---------------------------------------------------------------------------------------------


def advance() -> Steps | None:
    """Publish what can be reviewed, ask for the package, end the loading; returns what was due.

    None: another process is at it, or nothing is being loaded.
    """
    if not is_loading():
        return None
    with sole_worker("advance") as mine:
        if not mine:
            return None
        steps = due()
        for slug in steps.publish:
            _publish(slug)
        if steps.build_package:
            _build_package()
        if steps.finished:
            _loading_mark().unlink(missing_ok=True)
        return steps


def make(slug: str) -> str:
    """Synthesise and upload one lecture; returns a word for the log. Running it twice makes it once."""
    lecture = library().lecture(slug)
    with sole_worker("make") as mine:
        if not mine:
            return "another worker makes lectures"
        if state_of(lecture) is not State.MISSING:
            return "left alone"
        for left_behind in folder().glob("lecture*/"):  # by a killed process; nobody else works here now
            shutil.rmtree(left_behind, ignore_errors=True)
        try:
            _make(lecture)
        except Exception as error:
            log.exception("demo lecture %s could not be made", slug)
            _failure_mark(slug).write_text(f"{type(error).__name__}: {error}\n", encoding="utf-8")
            return "failed"
        return "made"


def is_being_made() -> bool:
    """Whether a process makes a lecture at this moment."""
    with sole_worker("make") as mine:
        return not mine


def _make(lecture: Lecture) -> None:
    author = User.objects.get(username="editor")
    folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lecture", dir=folder()) as name:
        path = Path(name) / f"{lecture.slug}.mp4"
        slides = [Slide(slide.heading, slide.lines) for slide in lecture.slides]
        seed = lecture.material_id.int % 2**31
        made = synthesise_lecture(path, title=lecture.title, slides=slides, narration=lecture.narration, seed=seed)
        video = _upload(path, lecture.title, "video", made.duration_s, author)
        dub = None
        if lecture.amdo_placeholder:
            chime = Path(name) / f"{lecture.slug}.adx.wav"
            write_chime(chime, made.duration_s)
            dub = _upload(chime, f"{lecture.title}（安多语占位提示音）", "audio", made.duration_s, author)
    _attach(lecture, made, video, dub, author)


def _upload(path: Path, title: str, kind: str, duration_s: float, author: User) -> LectureMedia:
    """Store a file as an editor's upload; the pipeline takes it in when the row is committed."""
    with path.open("rb") as content:
        media = LectureMedia(title=title, type=kind, duration=duration_s, uploaded_by_user=author)
        media.file.save(path.name, File(content), save=False)
        media.save()
    media.refresh_from_db()
    if media.media_source_id is None:
        raise RuntimeError(f"{path.name} was not taken in by the pipeline")
    return media


@transaction.atomic
def _attach(
    lecture: Lecture, made: SynthesisedLecture, video: LectureMedia, dub: LectureMedia | None, author: User
) -> None:
    """Put the lecture, its subtitles and its dub into the draft."""
    page = material(lecture)
    if page is None:
        raise RuntimeError(f"the draft of {lecture.slug} is gone")
    subtitle = PlatformDocument(title=f"{lecture.title}（汉语字幕）", uploaded_by_user=author)
    subtitle.file.save(f"{lecture.slug}.zh-hans.vtt", ContentFile(made.vtt().encode()), save=False)
    subtitle.save()
    track: Any = CaseTrack if isinstance(page, Case) else LessonTrack
    tracks = [track(kind="subtitle", language="zh-hans", subtitle=subtitle)]
    if dub is not None:
        tracks.append(track(kind="audio", language="adx", audio=dub, is_placeholder=True))
    page.video = video
    page.tracks = tracks
    page.save()
    page.save_revision(user=author)


def _publish(slug: str) -> None:
    page = material(library().lecture(slug))
    accounts = {user.username: user for user in User.objects.filter(username__in=["editor", *REVIEWERS])}
    desk = Desk.of(accounts)
    try:
        review_and_publish(page, author=desk.author, reviewers=desk.reviewers)
    except PersonError as error:
        log.warning("demo lecture %s was not published: %s", slug, error)
        _failure_mark(slug).write_text(f"{error}\n", encoding="utf-8")


def _build_package() -> None:
    package = _package()
    if package is not None:
        try:
            request_build(package)
        except PersonError as error:
            log.warning("the demo's package is not built yet: %s", error)

"""Writes what `importing` read: outlines, units and lessons as drafts; a file already imported is found by its hash."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Q

from accounts.errors import PersonError
from cms.core import sniff, uploads
from cms.core.bootstrap import ensure_site
from cms.core.models import ContentClass, LectureMedia, PlatformDocument
from cms.curriculum.models import CurriculumOutline, OutlineUnit
from cms.lessons import importing, subtitles
from cms.lessons.errors import FileTroubled, PublishedElsewhere
from cms.lessons.importing import BadRow, Row
from cms.lessons.models import ContentLanguage, Lesson, LessonTrack
from cms.lessons.resumable import PartFile
from media_pipeline.durable import write_stream
from media_pipeline.services import register_source, request_transcode

logger = logging.getLogger(__name__)

Report = Callable[[int, str, str], None]
_PIECE = 1 << 20
CREATED, UPDATED, UNCHANGED = "新建", "更新", "未变"


@dataclass
class ImportResult:
    """Counts, and every row that could not be taken."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    taken: list[Row] = field(default_factory=list)
    problems: list[BadRow] = field(default_factory=list)


def import_folder(folder: Path, *, author: Any, dry_run: bool, report: Report) -> ImportResult:
    """Import the good rows of `folder/lessons.csv`; each row is a transaction of its own.

    Raises:
        NoCsv, CsvUnreadable, CsvHeadings: nothing was read, nothing written.
    """
    table = folder / "lessons.csv"
    if not table.is_file():
        raise importing.NoCsv(folder=folder)
    with table.open("rb") as reader:
        text = importing.decode(reader.read(importing.LIMIT_BYTES + 1))
    return import_table(folder, text, author=author, dry_run=dry_run, report=report)


def import_table(folder: Path, text: str, *, author: Any, dry_run: bool, report: Report) -> ImportResult:
    """Import the good rows of a table whose files lie in `folder`.

    Raises:
        CsvUnreadable, CsvHeadings: nothing was read, nothing written.
    """
    files = {path.name for path in folder.iterdir() if path.is_file()}
    choices = {
        "genre": _spellings(Lesson.Genre.choices),
        "content_class": _content_classes(),
        "language": _spellings(ContentLanguage.choices),
    }
    rows, problems = importing.read_rows(text, files=files, choices=choices)
    result = ImportResult(problems=list(problems))
    for row in rows:
        try:
            outcome = _import_row(folder, row, author=author, dry_run=dry_run)
        except PersonError as error:
            result.problems.append(BadRow(line=row.line, reason_zh=error.zh, reason_en=error.en))
            continue
        except OSError as error:
            logger.warning("row %s could not be imported", row.line, exc_info=True)
            unreadable = FileTroubled(name=row.file, reason=error.strerror or type(error).__name__)
            result.problems.append(BadRow(line=row.line, reason_zh=unreadable.zh, reason_en=unreadable.en))
            continue
        result.created += outcome == CREATED
        result.updated += outcome == UPDATED
        result.unchanged += outcome == UNCHANGED
        result.taken.append(row)
        report(row.line, row.title, outcome)
    result.problems.sort(key=lambda problem: int(str(problem.details["line"])))
    return result


def import_recording(recording: Path, *, title: str, author: Any) -> LectureMedia:
    """Take a recording into the library, where lessons choose it; the same bytes twice are one.

    Raises:
        EmptyUpload, UploadTooLarge, NotARecording
        OSError: it could not be read or stored.
    """
    with recording.open("rb") as reader:
        uploads.check_file(File(reader, name=recording.name))
        reader.seek(0)
        is_sound = sniff.container_of(reader.read(sniff.HEAD_BYTES)) in sniff.SOUND_ONLY
    kind = "audio" if is_sound else "video"
    return _media(recording, _sha256(recording), title=title, author=author, kind=kind)


def _spellings(choices: Any) -> dict[str, str]:
    return {spelling: value for value, label in choices for spelling in (value, str(label))}


def _content_classes() -> dict[str, str]:
    terms = ContentClass.objects.all()
    return {term.code: term.code for term in terms} | {term.name: term.code for term in terms}


def _sha256(path: Path) -> str:
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()


def _import_row(folder: Path, row: Row, *, author: Any, dry_run: bool) -> str:
    recording = folder / row.file
    with recording.open("rb") as reader:
        uploads.check_file(File(reader, name=row.file))
    cues = _check_subtitle(folder, row)
    sha256 = _sha256(recording)
    lesson = Lesson.objects.filter(video__media_source__sha256=sha256).first()
    is_elsewhere = lesson is not None and _is_elsewhere(lesson, row)
    if lesson is not None and is_elsewhere and lesson.live:
        raise PublishedElsewhere(title=lesson.title, outline=row.outline, unit=row.unit)
    if dry_run:
        return CREATED if lesson is None else UPDATED if is_elsewhere else UNCHANGED
    if lesson is None:
        media = _media(recording, sha256, title=row.title, author=author)
        with transaction.atomic():
            lesson = _create(row, media, author=author)
            _apply(folder, lesson, row, cues)
            lesson.save()
            lesson.save_revision(user=author, log_action=True)
        return CREATED
    with transaction.atomic():
        if is_elsewhere:
            lesson.move(_unit(row, author), pos="last-child", user=author)
            lesson = Lesson.objects.get(pk=lesson.pk)
        draft = lesson.get_latest_revision_as_object()
        if _apply(folder, draft, row, cues):
            if not draft.live:
                draft.save()
            draft.save_revision(user=author, log_action=True)
        elif not is_elsewhere:
            return UNCHANGED
    return UPDATED


def _is_elsewhere(lesson: Lesson, row: Row) -> bool:
    """Whether the table now names another outline or unit than the one the lesson stands in."""
    unit = lesson.get_parent()
    places = ((unit, row.unit), (unit.get_parent(), row.outline))
    return any(wanted not in (page.title, page.draft_title) for page, wanted in places)


def _check_subtitle(folder: Path, row: Row) -> bytes | None:
    """The bytes of the row's subtitle file once they were read as one."""
    if not row.subtitle:
        return None
    with (folder / row.subtitle).open("rb") as reader:
        content = reader.read(subtitles.LIMIT_BYTES + 1)
    subtitles.parse(subtitles.decode(content))
    return content


def _media(recording: Path, sha256: str, *, title: str, author: Any, kind: str = "video") -> LectureMedia:
    """The media of those bytes: the one that is there, or a new one (an interrupted import leaves no second)."""
    found = LectureMedia.objects.filter(media_source__sha256=sha256).first()
    if found is not None:
        return found
    media = LectureMedia(title=title[:255], type=kind, uploaded_by_user=author)
    _store_file(media, recording)
    # Registered here and not by the receiver on commit: the lesson's first revision pins the source.
    media.media_source = register_source(media.file, name=recording.name)
    media.save()
    request_transcode(media.media_source)
    return media


def _store_file(media: LectureMedia, recording: Path) -> None:
    """Give the media a copy of the recording, whole or not at all: Django's own storage leaves half a file behind."""
    with recording.open("rb") as reader:
        try:
            incoming = Path(media.file.storage.path("incoming")) / uuid.uuid4().hex
        except NotImplementedError:
            media.file.save(recording.name, File(reader), save=False)
            return
        write_stream(incoming, File(reader).chunks(_PIECE))
    try:
        with incoming.open("rb") as whole:
            media.file.save(recording.name, PartFile(whole), save=False)
    finally:
        incoming.unlink(missing_ok=True)


def _create(row: Row, media: LectureMedia, *, author: Any) -> Lesson:
    return _unit(row, author).add_child(
        instance=Lesson(title=row.title, nominal_minutes=row.minutes, video=media, live=False, owner=author)
    )


def _unit(row: Row, author: Any) -> OutlineUnit:
    """The row's unit, in its outline."""
    outline = _child(ensure_site().courses, CurriculumOutline, row.outline, author)
    unit: OutlineUnit = _child(outline, OutlineUnit, row.unit, author)
    return unit


def _child(parent: Any, model: Any, title: str, author: Any) -> Any:
    """The outline or unit of that title, made as a draft where there is none."""
    found = model.objects.child_of(parent).filter(Q(title=title) | Q(draft_title=title)).first()
    if found is not None:
        return found
    fields = {"edition": "导入"} if model is CurriculumOutline else {}
    page = (
        type(parent)
        .objects.get(pk=parent.pk)
        .add_child(instance=model(title=title, live=False, owner=author, **fields))
    )
    page.save_revision(user=author, log_action=True)
    return page


def _apply(folder: Path, lesson: Lesson, row: Row, cues: bytes | None) -> bool:
    """Set the row's values; returns whether any was another one."""
    values = {
        "title": row.title,
        "nominal_minutes": row.minutes or lesson.nominal_minutes,
        "summary": row.summary,
        "source_note": row.source,
        "copyright_note": row.copyright,
        "genre": row.genre or lesson.genre,
        "own_language": row.language or lesson.own_language,
        "content_class": ContentClass.objects.filter(code=row.content_class).first() or lesson.content_class,
    }
    changed = [name for name, value in values.items() if getattr(lesson, name) != value]
    for name in changed:
        setattr(lesson, name, values[name])
    return _apply_subtitle(folder, lesson, row, cues) or bool(changed)


def _apply_subtitle(folder: Path, lesson: Lesson, row: Row, content: bytes | None) -> bool:
    if content is None:
        return False
    language = ContentLanguage.CHINESE.value
    tracks = [t for t in lesson.tracks.all() if t.kind == "subtitle" and t.language == language]
    sha256 = hashlib.sha256(content).hexdigest()
    if tracks and tracks[0].subtitle is not None and tracks[0].subtitle.content_sha256 == sha256:
        return False
    with (folder / row.subtitle).open("rb") as reader:
        document = PlatformDocument(title=f"{row.title}字幕"[:255])
        document.file.save(row.subtitle, File(reader), save=False)
        document.save()
    for track in tracks:
        lesson.tracks.remove(track)
    lesson.tracks.add(LessonTrack(kind="subtitle", language=language, subtitle=document))
    return True

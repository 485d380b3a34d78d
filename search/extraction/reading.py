"""The words of a file, by a child process with limits on time, memory, files and network."""

from __future__ import annotations

import codecs
import json
import re
import sys
from contextlib import suppress
from pathlib import Path

from media_pipeline.errors import MediaError
from media_pipeline.supervisor import Limits, Progress, run
from search.analysis import is_ideographic
from search.extraction.errors import CLASSES, FileBroken, FileTooCostly, NotAText, NoWords

Pages = list[tuple[int | None, str]]

MAX_FILE_BYTES = 200 << 20
MAX_PAGES = 2_000
MAX_CHARACTERS = 2_000_000
_CPU_S = 60
_WALL_S = 180.0
_MEMORY_BYTES = 1 << 30
_HEAD_BYTES = 1024
_PLAIN_PIECE = 4_000
"""Characters after which a plain text begins a new piece, so that a hit is shown near its words."""
_ENCODINGS = ("utf-8-sig", "gb18030")
_NOT_PRINTED = frozenset(range(32)) - frozenset(b"\t\n\r\f")
_CHILD = Path(__file__).with_name("child.py")
_BROKEN_LINE = re.compile(r"(.)[ \t]*\n[ \t]*(?=(.))")


def sniff(head: bytes) -> str | None:
    """The format by a file's first bytes: pdf, docx (any ZIP, and what Word locks with a password), plain, or None."""
    if b"%PDF-" in head[:_HEAD_BYTES]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "docx"
    return "plain" if head and not _NOT_PRINTED & set(head) else None


def read_pages(path: Path) -> Pages:
    """(number of the page or None, text) of each page that has words.

    Raises:
        TextError: the file cannot be read, for the reason its class names.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise FileTooCostly
    with path.open("rb") as file:
        format_name = sniff(file.read(_HEAD_BYTES))
    if format_name is None:
        raise NotAText
    if format_name == "plain":
        return _plain_pieces(path)
    report = _report(format_name, path)
    if "error" in report:
        raise CLASSES.get(str(report["error"]), FileBroken)
    return [(number, unbroken(text)) for number, text in report["pages"]]  # type: ignore[attr-defined]


def _plain_pieces(path: Path) -> Pages:
    """The words of a file that needs no decoder, which is why it is read in this process."""
    with path.open("rb") as file:
        content = file.read(4 * MAX_CHARACTERS)
    for encoding in _ENCODINGS:
        # The last character may have been cut in two.
        with suppress(UnicodeDecodeError):
            text = codecs.getincrementaldecoder(encoding)().decode(content).replace("\0", "")[:MAX_CHARACTERS]
            pieces = [text[first : first + _PLAIN_PIECE] for first in range(0, len(text), _PLAIN_PIECE)]
            if not text.strip():
                raise NoWords
            return [(None, unbroken(piece)) for piece in pieces]
    raise NotAText


def _report(format_name: str, path: Path) -> dict[str, object]:
    limits = [str(MAX_PAGES), str(MAX_CHARACTERS), str(_CPU_S - 5)]
    command = [sys.executable, "-I", str(_CHILD), format_name, *limits, str(path.resolve())]
    try:
        outcome = run(
            command,
            Limits(
                cpu_s=_CPU_S, wall_s=_WALL_S, file_bytes=0, memory_bytes=_MEMORY_BYTES, kept_bytes=8 * MAX_CHARACTERS
            ),
            _nobody_asks,
        )
    except MediaError as error:
        raise FileTooCostly from error
    try:
        report: dict[str, object] = json.loads(outcome.stdout)
    except ValueError as error:
        # It was killed, by the limit of its memory most likely.
        raise FileTooCostly from error
    return report


def _nobody_asks(_progress: Progress) -> None:
    """A file's text has no progress worth telling."""


def unbroken(text: str) -> str:
    """Lines of Chinese joined where a page merely was too narrow; a word must not end at the edge of a page."""

    def join(match: re.Match[str]) -> str:
        return match[1] if is_ideographic(match[1]) and is_ideographic(match[2]) else match[0]

    return _BROKEN_LINE.sub(join, text)

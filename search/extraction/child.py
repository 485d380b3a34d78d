"""Reads the words of a stranger's file and prints them as JSON; runs only behind `media_pipeline/sandbox.py`.

Run as `python -I child.py FORMAT MAX_PAGES MAX_CHARACTERS CPU_S PATH`, FORMAT being pdf or docx. Prints
{"pages": [[number or null, text], …]} or {"error": code of search/extraction/errors.py}. It imports nothing of the
platform, and stops by itself where it has read enough, or for so long that little more is to be hoped for.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DOCX_PIECE = 4_000
"""Characters after which a document without page marks begins a new piece."""


class _Refused(Exception):
    """The code of an error."""


def _pdf_pages(path: str) -> Iterator[tuple[int | None, str]]:
    import pypdf

    reader = pypdf.PdfReader(path, strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise _Refused("text-locked")
    for number, page in enumerate(reader.pages, start=1):
        try:
            yield number, page.extract_text() or ""
        except (MemoryError, KeyboardInterrupt):
            raise
        except Exception:  # One damaged page is no reason to lose the others; the library raises all sorts.
            yield number, ""


def _docx_pages(path: str) -> Iterator[tuple[int | None, str]]:
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        body: Any = docx.Document(path).element.body
    except (PackageNotFoundError, KeyError, ValueError) as error:
        # A password turns the package into something else altogether.
        with open(path, "rb") as file:  # noqa: PTH123
            is_locked = file.read(4) == b"\xd0\xcf\x11\xe0"
        raise _Refused("text-locked" if is_locked else "text-broken") from error
    has_marks = body.find(f".//{_W}lastRenderedPageBreak") is not None
    number, text = 1, []
    for element in body.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}p", f"{_W}lastRenderedPageBreak"):
        tag = element.tag
        if tag == f"{_W}t":
            text.append(element.text or "")
        elif tag == f"{_W}lastRenderedPageBreak" or (not has_marks and sum(map(len, text)) > _DOCX_PIECE):
            yield (number if has_marks else None), "".join(text)
            number, text = number + 1, []
        else:
            text.append("\t" if tag == f"{_W}tab" else "\n")
    yield (number if has_marks else None), "".join(text)


def _clean(text: str) -> str:
    """What can be stored: no NUL, no halves of characters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _read(format_name: str, max_pages: int, max_characters: int, cpu_s: float, path: str) -> dict[str, Any]:
    pages: list[tuple[int | None, str]] = []
    characters = 0
    for number, raw in (_pdf_pages if format_name == "pdf" else _docx_pages)(path):
        text = _clean(raw)[: max_characters - characters]
        characters += len(text)
        if text.strip():
            pages.append((number, text))
        if len(pages) >= max_pages or characters >= max_characters or time.process_time() > cpu_s:
            break
    if not pages:
        raise _Refused("text-none")
    return {"pages": pages}


def main(format_name: str, max_pages: str, max_characters: str, cpu_s: str, path: str) -> None:
    """Print the report of one file."""
    logging.disable(logging.CRITICAL)
    try:
        report = _read(format_name, int(max_pages), int(max_characters), float(cpu_s), path)
    except _Refused as refused:
        report = {"error": str(refused)}
    except MemoryError:
        report = {"error": "text-too-costly"}
    except Exception:  # Libraries that read what strangers made raise all sorts; all of it means the same.
        report = {"error": "text-broken"}
    sys.stdout.write(json.dumps(report, ensure_ascii=True))


if __name__ == "__main__":
    main(*sys.argv[1:6])

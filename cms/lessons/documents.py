"""Media types of documents that go with a lesson, told by the name's ending. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES: Mapping[str, str] = {
    ".pdf": "application/pdf",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".txt": "text/plain",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
"""None of them is run by a browser as a page or a script; each is one that objects are served as."""
UNKNOWN = "application/octet-stream"


def media_type(name: str) -> str:
    """The type of a document of that name; UNKNOWN for an ending that nobody vouches for."""
    return TYPES.get(PurePath(name).suffix.lower(), UNKNOWN)

"""An uploader that speaks tus to Django's test client, as the admin's script does."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from django.test import Client
from django.urls import reverse

TUS = {"Tus-Resumable": "1.0.0", "Accept": "application/json"}
PIECE_TYPE = "application/offset+octet-stream"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def described(**values: str) -> str:
    """An Upload-Metadata header."""
    return ",".join(f"{key} {encoded(value)}" for key, value in values.items())


def checksum(piece: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, piece).digest()).decode()}"


def announce(client: Client, length: int, *, name: str = "第一课 𠀀.mp4", kind: str = "video", **said: str) -> Any:
    headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": described(filename=name, kind=kind, **said)}
    return client.post(reverse("lessons_media:tus"), b"", content_type=PIECE_TYPE, headers=headers)


def started(client: Client, length: int, **said: str) -> str:
    """The id of a fresh upload."""
    return str(announce(client, length, **said).headers["Location"]).rstrip("/").rsplit("/", 1)[1]


def address(upload_id: str) -> str:
    return reverse("lessons_media:tus_upload", args=[upload_id])


def send(client: Client, upload_id: str, offset: int | str, piece: bytes, **headers: str) -> Any:
    """A PATCH; further headers by name with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    headers = {**TUS, "Upload-Offset": str(offset), "Upload-Checksum": checksum(piece), **named}
    return client.patch(address(upload_id), piece, content_type=PIECE_TYPE, headers=headers)


def ask(client: Client, upload_id: str) -> Any:
    return client.head(address(upload_id), headers=TUS)


def give_up(client: Client, upload_id: str) -> Any:
    return client.delete(address(upload_id), headers=TUS)


def finish(client: Client, upload_id: str, content: bytes) -> Any:
    body = json.dumps({"sha256": hashlib.sha256(content).hexdigest()})
    url = reverse("lessons_media:upload_finish", args=[upload_id])
    return client.post(url, body, content_type="application/json", headers={"Accept": "application/json"})

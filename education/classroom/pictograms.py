"""The pictograms that quizzes may use: the inline SVGs in the web application's templates."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = "pictograms"


@cache
def available() -> tuple[str, ...]:
    """Names of all pictograms, sorted."""
    engines: list[dict[str, Any]] = settings.TEMPLATES
    folders = [Path(folder) / FOLDER for engine in engines for folder in engine["DIRS"]]
    return tuple(sorted({path.stem for folder in folders for path in folder.glob("*.svg")}))

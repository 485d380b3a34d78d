"""The pictograms that quizzes may use: the inline SVGs in the web application's templates."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

FOLDER = "pictograms"


@cache
def available() -> tuple[str, ...]:
    """Names of all pictograms, sorted."""
    folders = [Path(folder) / FOLDER for template in settings.TEMPLATES for folder in template["DIRS"]]
    return tuple(sorted({path.stem for folder in folders for path in folder.glob("*.svg")}))

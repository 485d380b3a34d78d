"""The upload form of lectures and sound tracks."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from wagtailmedia.forms import BaseMediaForm

from accounts.errors import PersonError
from cms.core import uploads


class LectureMediaForm(BaseMediaForm):
    """Refuses obviously wrong files while the person is still there."""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and "file" in self.changed_data:
            try:
                uploads.check_file(file)
            except PersonError as error:
                raise ValidationError(f"{error.zh} {error.en}", code=error.code) from error
        return file

"""`{% pictogram name %}`: a pictogram whose name is data; nothing when there is no such picture."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from education.classroom.pictograms import FOLDER, available

register = template.Library()


@register.simple_tag
def pictogram(name: str) -> SafeString | str:
    """The inline SVG of `name`."""
    return render_to_string(f"{FOLDER}/{name}.svg") if name in available() else ""

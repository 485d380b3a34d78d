"""What a person reads of an error: in the page's language where there is a draft, else in Chinese; and in English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext, override

from accounts.errors import PersonError

CHINESE = "zh-Hans"
TIBETAN = "bo"


@dataclass(frozen=True, slots=True)
class Wording:
    """The two sentences of an error; `language` is the one that `text` is in, as HTML's `lang` says it."""

    text: str
    language: str
    english: str


def wording(error: PersonError) -> Wording:
    """The error in the language that is active. Translated first, filled in then: catalogues hold the blanks."""
    said = gettext(error.message_zh)
    language = CHINESE if said == error.message_zh else get_language() or CHINESE
    return Wording(said.format(**error.details), language, error.en)


def as_json(error: PersonError) -> dict[str, Any]:
    """The error as programs get it; with `message_bo` where there is a draft, for the phone of a Tibetan reader."""
    answer: dict[str, Any] = error.as_dict()
    with override(TIBETAN):
        said = wording(error)
    if said.language == TIBETAN:
        answer["error"]["message_bo"] = said.text
    return answer

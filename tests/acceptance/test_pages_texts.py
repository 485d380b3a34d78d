"""The Tibetan of the pages: complete where it is promised, with the same blanks to fill, and marked as a draft."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings

WEB = Path(settings.BASE_DIR) / "web"
CATALOGUE = Path(settings.BASE_DIR) / "locale" / "bo" / "LC_MESSAGES" / "django.po"
PROMISED = [WEB / "templates", Path(settings.BASE_DIR) / "offline" / "sync" / "templates"]
"""Every page of people who learn, of their branch and of its phones."""
SAID_BY = [
    "accounts/forms.py", "education/members/forms.py", "education/members/rules.py",
    "education/members/branch_views.py", "education/classroom/session_views.py", "offline/sync/views.py",
]  # fmt: skip
"""Forms and views whose labels, complaints and answers stand on those pages."""

TRANSLATE = re.compile(r'{%\s*translate\s+"((?:[^"\\]|\\.)*)"')
BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*(?:plural|endblocktranslate)", re.S)
CHINESE_LITERAL = re.compile(r"'([^'\n]*[\u4e00-\u9fff][^'\n]*)'")
BLANK = re.compile(r"%\(\w+\)s|{\w+}")
SAID = re.compile(r'\b_\(\s*"((?:[^"\\]|\\.)*)"')
KEY = re.compile(r'as s %}"((?:[^"\\]|\\.)*)"')


def messages() -> dict[str, Message]:
    with CATALOGUE.open("rb") as file:
        return {
            message.id if isinstance(message.id, str) else message.id[0]: message
            for message in read_po(file)
            if message.id
        }


def promised_templates() -> list[Path]:
    return [path for root in PROMISED for path in sorted(root.rglob("*.html"))]


def texts_of(template: str) -> set[str]:
    blocks = (re.sub(r"{{ (\w+) }}", r"%(\1)s", text) for text in BLOCK.findall(template))
    return {*TRANSLATE.findall(template), *blocks}


@pytest.mark.parametrize("path", promised_templates(), ids=lambda path: "/".join(path.parts[-2:]))
def test_every_promised_text_has_a_tibetan_draft(path: Path) -> None:
    missing = texts_of(path.read_text("utf-8")) - set(messages())
    assert missing == set()


@pytest.mark.parametrize("path", SAID_BY)
def test_every_answer_of_a_form_has_a_tibetan_draft(path: str) -> None:
    said = set(SAID.findall((Path(settings.BASE_DIR) / path).read_text("utf-8")))
    assert said
    assert said - set(messages()) == set()


def test_every_draft_keeps_the_blanks_of_its_text() -> None:
    for text, message in messages().items():
        said = message.string if isinstance(message.string, str) else message.string[0]
        assert sorted(BLANK.findall(said)) == sorted(BLANK.findall(text)), text
        assert re.search(r"[\u0f00-\u0fff]", said) or said == "{now} / {all}", text


def test_the_page_brings_every_word_that_the_player_says() -> None:
    brought = set(KEY.findall((WEB / "templates" / "player" / "strings.html").read_text("utf-8")))
    said = {
        text
        for path in sorted((WEB / "src" / "player").glob("*.js"))
        for text in CHINESE_LITERAL.findall(path.read_text("utf-8"))
    }
    assert said <= brought
    assert brought <= said


def test_the_catalogue_says_that_it_is_a_draft() -> None:
    assert "DRAFT FOR A NATIVE READER" in CATALOGUE.read_text("utf-8")[:400]

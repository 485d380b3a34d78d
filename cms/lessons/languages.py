"""Guesses the language of a track from its file's name and, for subtitles, its letters. Pure; a person confirms."""

from __future__ import annotations

import re

NAMES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("adx", ("adx", "amdo"), ("安多",)),
    ("khg", ("khg", "kham"), ("康巴", "康方言", "藏语康", "康藏")),
    ("mn", ("mn-cyrl", "cyrl"), ("西里尔",)),
    ("mn-Mong", ("mn", "mn-mong", "mong", "mongol", "mongolian", "mvf"), ("蒙",)),
    ("bo", ("bo", "tib", "tibetan", "bod"), ("卫藏", "藏")),
    (
        "zh-hans",
        ("zh", "zh-cn", "zh-hans", "chs", "chi", "zho", "cn", "sc", "cmn", "chinese"),
        ("汉", "中文", "普通话", "国语"),
    ),
)
"""Language, its marks between separators, its Chinese marks anywhere; the more particular ones first."""
LETTERS = (
    ("bo", re.compile(r"[\u0f40-\u0fbc]")),
    ("mn-Mong", re.compile(r"[\u1820-\u18aa]")),
    ("mn", re.compile(r"[\u0400-\u04ff]")),
    ("zh-hans", re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")),
)


def guess(name: str, text: str = "") -> str:
    """The content language (domain.md §5) that a file's name says, else the one most of its text is in, else ""."""
    return _by_name(name.rsplit("/", 1)[-1]) or _by_letters(text)


def _by_name(name: str) -> str:
    stem = name.rsplit(".", 1)[0].lower()
    words = set(re.split(r"[^0-9a-z-]+", stem)) | set(re.split(r"[^0-9a-z]+", stem))
    for language, marks, chinese in NAMES:
        if words & set(marks) or any(mark in stem for mark in chinese):
            return language
    return ""


def _by_letters(text: str) -> str:
    counts = [(len(letters.findall(text)), language) for language, letters in LETTERS]
    most, language = max(counts, key=lambda counted: counted[0])
    return language if most else ""

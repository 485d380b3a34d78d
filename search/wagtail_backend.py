"""Wagtail's own search of the admin, on SQLite and PostgreSQL, made to read Chinese, Tibetan and Mongolian.

Wagtail's tables and code stay; only the words differ. What goes in is cut by our analysis into characters, pairs and
words, and each is written in plain letters and digits, so that no tokenizer of a database can drop a Tibetan vowel or
take a Chinese sentence for one word. What is typed is cut alike; quotes, NUL and a thousand terms are harmless.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from django.db import connection
from modelsearch.backends.base import BaseSearchBackend
from wagtail.search.index import AutocompleteField, RelatedFields, SearchField
from wagtail.search.query import Phrase, PlainText

from search.analysis import bigram_stream, character_stream, has_lone_character, units
from search.query import clean

MAX_TERMS = 32
_NOTHING = "u0none"
"""Stands for what has no letter: no text has it."""


def spelt(term: str) -> str:
    """A term in letters and digits; what begins alike is spelt alike, so that the beginning of a word finds it."""
    if term.isascii() and term.isalnum():
        return term
    return "".join(f"u{ord(character):05x}" for character in term)


def indexed(text: str) -> str:
    """What the database indexes of a text."""
    analysed = units(text)
    terms = [*bigram_stream(analysed), *character_stream(analysed)]
    return " ".join(map(spelt, terms))


def asked(text: str) -> str:
    """What is looked for: every part between spaces by its pairs, a lone character by itself."""
    terms: list[str] = []
    for piece in clean(text).split():
        analysed = units(piece)
        terms += character_stream(analysed) if has_lone_character(analysed) else bigram_stream(analysed)
    return " ".join(map(spelt, terms[:MAX_TERMS])) or _NOTHING


def _flat(value: Any) -> str:
    """A field's value as text, lists and dictionaries joined."""
    if isinstance(value, dict):
        return " ".join(map(_flat, value.values()))
    if isinstance(value, list | tuple):
        return " ".join(map(_flat, value))
    return str(value)


def _analysed_field(field: Any) -> Any:
    """The field, giving its value as the database indexes it."""
    wrapped = copy.copy(field)
    if isinstance(field, RelatedFields):
        wrapped.fields = [_analysed_field(each) for each in field.fields]
        wrapped.get_value = lambda row: field.get_value(getattr(row, "row", row))
    elif isinstance(field, SearchField | AutocompleteField):
        wrapped.get_value = lambda row: indexed(_flat(field.get_value(getattr(row, "row", row))))
    return wrapped


class _Analysed:
    """A row as Wagtail's indexer reads it."""

    def __init__(self, row: Any) -> None:
        self.row = row
        self.pk = row.pk

    def get_search_fields(self) -> list[Any]:
        return [_analysed_field(field) for field in self.row.get_search_fields()]


class _AnalysedIndex:
    """Mixin of an index: rows go in analysed."""

    def add_items(self, model: Any, objs: Iterable[Any]) -> None:
        super().add_items(model, [_Analysed(each) for each in objs])  # type: ignore[misc]


def _analysed_query(query: Any) -> Any:
    """The query with its words cut as they are indexed; what joins queries is left as it is."""
    if isinstance(query, PlainText):
        return PlainText(asked(query.query_string), operator=query.operator)
    return PlainText(asked(query.query_string), operator="and") if isinstance(query, Phrase) else query


class _AnalysedSQLiteQuery:
    """Mixin of a query compiler: words come in analysed."""

    def build_search_query_content(self, query: Any, *args: Any, **options: Any) -> Any:
        return super().build_search_query_content(_analysed_query(query), *args, **options)  # type: ignore[misc]

    def build_tsrank(self, vector: Any, query: Any, *args: Any, **options: Any) -> Any:
        return super().build_tsrank(vector, _analysed_query(query), *args, **options)  # type: ignore[misc]


class _AnalysedPostgresQuery:
    """Mixin of a query compiler, whose rank is made of the same content."""

    def build_tsquery_content(self, query: Any, *args: Any, **options: Any) -> Any:
        return super().build_tsquery_content(_analysed_query(query), *args, **options)  # type: ignore[misc]


def _made(base: Any, query: type) -> type[BaseSearchBackend]:
    """The backend of this database with our words."""

    def mixed(mixin: type, of: type) -> type:
        return type(f"Analysed{of.__name__}", (mixin, of), {})

    return type(
        f"Analysed{base.__name__}",
        (base,),
        {
            "index_class": mixed(_AnalysedIndex, base.index_class),
            "query_compiler_class": mixed(query, base.query_compiler_class),
            "autocomplete_query_compiler_class": mixed(query, base.autocomplete_query_compiler_class),
        },
    )


def SearchBackend(params: dict[str, Any]) -> BaseSearchBackend:
    """The backend of the database that this process uses."""
    if connection.vendor == "postgresql":
        from modelsearch.backends.database.postgres.postgres import PostgresSearchBackend

        return _made(PostgresSearchBackend, _AnalysedPostgresQuery)({"SEARCH_CONFIG": "simple", **params})
    from modelsearch.backends.database.sqlite.sqlite import SQLiteSearchBackend

    return _made(SQLiteSearchBackend, _AnalysedSQLiteQuery)(params)

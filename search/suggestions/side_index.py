"""What suggestions are looked up in: tables beside the embedded engine's, written in the same step.

An FTS5 table holds titles that everybody may read, and no others: their pinyin, their initials, and their characters.
Both engines use it, since the embedded one is always there. Beside it all pairs of characters that any document has:
whether one of thousands is there is asked twenty times faster than of FTS5's own vocabulary. A pair stays when its
document goes; what is built of pairs is looked up before it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise

from search.analysis import character_stream, units
from search.backends import fts
from search.backends.base import IndexEntry
from search.backends.stores import Store
from search.registry import PUBLIC
from search.suggestions import sounds

TABLE = "search_fts_suggest"
SCHEMA = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5(keys, letters, {fts.TOKENIZER}, prefix='2 4')",
    "CREATE TABLE IF NOT EXISTS search_fts_pair (term TEXT PRIMARY KEY) WITHOUT ROWID",
)


def is_there(store: Store) -> bool:
    """Whether the table was made before."""
    return bool(store.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [TABLE]))


def put(store: Store, entry: IndexEntry) -> None:
    """Take in a document's title, if everybody may read it; an older one must be removed before."""
    if PUBLIC in entry.access_tokens:
        row = [entry.document_id, " ".join(sounds.keys(entry.title)), " ".join(character_stream(units(entry.title)))]
        store.execute(f"INSERT INTO {TABLE} (rowid, keys, letters) VALUES (?, ?, ?)", row)  # noqa: S608 - a constant


def put_pairs(store: Store, streams: Iterable[Sequence[str]]) -> None:
    """Take in the pairs of characters in a document's bigram streams."""
    pairs = {term for stream in streams for term in stream if len(term) == 2}
    store.execute(
        "INSERT OR IGNORE INTO search_fts_pair (term) SELECT value FROM json_each(?)",
        [json.dumps(sorted(pairs), ensure_ascii=False)],
    )


def remove(store: Store, document_id: int) -> None:
    """Forget a document's title; an unknown id is no error."""
    store.execute(f"DELETE FROM {TABLE} WHERE rowid = ?", [document_id])  # noqa: S608 - a constant


def clear(store: Store) -> None:
    """Forget everything."""
    store.execute(f"DELETE FROM {TABLE}")  # noqa: S608 - a constant
    store.execute("DELETE FROM search_fts_pair")


def by_pinyin(store: Store, typed: str, limit: int) -> list[int]:
    """Documents in whose title something is typed by these letters, the newest first."""
    return _matching(store, f"keys : {fts.quoted(typed)} *", limit)


def by_letters(store: Store, terms: Sequence[str], limit: int) -> list[int]:
    """Documents in whose title these terms stand one after another; the last one may go on."""
    phrase = " + ".join(fts.quoted(term) for term in terms)
    return _matching(store, f"letters : {phrase} *", limit)


def _matching(store: Store, match: str, limit: int) -> list[int]:
    rows = store.execute(
        f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH ? ORDER BY rowid DESC LIMIT {int(limit)}",  # noqa: S608
        [match],
    )
    return [row[0] for row in rows]


def known_pairs(store: Store, pairs: Iterable[str]) -> set[str]:
    """Which of the pairs of characters stand anywhere in the index, whoever may read that."""
    rows = store.execute(
        "SELECT term FROM search_fts_pair WHERE term IN (SELECT value FROM json_each(?))",
        [json.dumps(list(pairs), ensure_ascii=False)],
    )
    return {row[0] for row in rows}


def count(store: Store, characters: Sequence[str], tokens: Sequence[str], *, columns: str, limit: int) -> int:
    """How many documents that the tokens open have the characters in a row in bigram columns, at most `limit`."""
    pairs = [one + other for one, other in pairwise(characters)]
    phrase = " + ".join(fts.quoted(pair) for pair in pairs)
    rows = store.execute(
        "SELECT count(*) FROM (SELECT rowid FROM search_fts_document "  # noqa: S608 - a number
        f"WHERE search_fts_document MATCH ? LIMIT {int(limit)})",
        [f"({{{columns}}} : ({phrase})) AND {fts.access(tokens)}"],
    )
    return int(rows[0][0])

"""The tables of the embedded engine: SQLite FTS5 over text that `search.analysis` has already cut into terms.

Two tables of full text: documents, whose columns hold title, summary, body, teachers and the whole transcript,
each as bigrams and as characters; and segments, which only tell where in a lecture a hit lies. FTS5's own
tokenizer merely splits at spaces: `categories` must name the marks (M*), or Tibetan vowel signs are lost.
Beside them two plain tables: what else is known of a document, and the values of its facets.
"""

from __future__ import annotations

from collections.abc import Sequence

from search.backends.fields import TEXT_FIELDS
from search.query import Part

TOKENIZER = "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co M*'\""
BIGRAM_COLUMNS = " ".join(f"{field}_b" for field in TEXT_FIELDS)
CHARACTER_COLUMNS = " ".join(f"{field}_c" for field in TEXT_FIELDS)
CHARACTER_LIST = CHARACTER_COLUMNS.replace(" ", ", ")
TEXT_COLUMNS = f"{BIGRAM_COLUMNS.replace(' ', ', ')}, {CHARACTER_LIST}"
SCHEMA = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS search_fts_document USING fts5(access, {TEXT_COLUMNS}, {TOKENIZER})",
    f"CREATE VIRTUAL TABLE IF NOT EXISTS search_fts_segment USING fts5(text_b, text_c, {TOKENIZER})",
    "CREATE TABLE IF NOT EXISTS search_fts_place (segment_id INTEGER PRIMARY KEY, document_id INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS search_fts_place_document ON search_fts_place (document_id)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_fts_vocabulary USING fts5vocab(search_fts_document, row)",
    "CREATE TABLE IF NOT EXISTS search_fts_about (document_id INTEGER PRIMARY KEY, version INTEGER NOT NULL, "
    "material TEXT NOT NULL, language TEXT NOT NULL, published_s INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS search_fts_facet (facet TEXT NOT NULL, value TEXT NOT NULL, "
    "document_id INTEGER NOT NULL, PRIMARY KEY (facet, value, document_id)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS search_fts_facet_document ON search_fts_facet (document_id)",
    # What an earlier layout kept; without its versions, `reconcile` takes every document in anew.
    "DROP TABLE IF EXISTS search_fts_state",
)
TABLES_OF_A_DOCUMENT = ("search_fts_place", "search_fts_about", "search_fts_facet")


def quoted(term: str) -> str:
    """A term as FTS5 takes it literally, whatever it holds."""
    return '"' + term.replace('"', '""').replace("\0", "") + '"'


def phrase(part: Part, bigrams: str, characters: str) -> str:
    """A match of one part of a query, or of one of its alternatives, as a phrase, in the columns named."""
    phrases = [_phrase(each, bigrams, characters) for each in part.phrases]
    return phrases[0] if len(phrases) == 1 else f"({' OR '.join(phrases)})"


def _phrase(part: Part, bigrams: str, characters: str) -> str:
    columns = characters if part.by_characters else bigrams
    return f"{{{columns}}} : ({' + '.join(quoted(term) for term in part.terms)})"


def access_term(token: str) -> str:
    """A token as one term, whatever characters it has: org-63 must not be opened by org."""
    return f"t{token.encode().hex()}"


def access(tokens: Sequence[str]) -> str:
    """A match of what one of the tokens opens."""
    return f"{{access}} : ({' OR '.join(quoted(access_term(token)) for token in tokens)})"

"""What a person is about to type, from the titles that everybody may read."""

from __future__ import annotations

from collections import Counter

from search.access import visible_documents
from search.analysis import character_stream, units
from search.backends.stores import Store
from search.models import SearchDocument
from search.normalise import normalise
from search.query import clean
from search.registry import PUBLIC
from search.suggestions import side_index, sounds

LIMIT = 8
MAX_TYPED = 40
MAX_SHOWN = 40
"""Characters of a suggestion: more is no word but a text."""
_LOOKED_AT = 60
_SKIPPED = str.maketrans("", "", " '’-·")


def complete(store: Store, typed: str, limit: int = LIMIT) -> list[str]:
    """At most `limit` ways to go on, best first: by characters, by pinyin or by initials (czjs → 长征精神)."""
    text = clean(typed)[:MAX_TYPED]
    letters = normalise(text).translate(_SKIPPED)
    if letters.isascii() and letters.isalnum():
        found = side_index.by_pinyin(store, letters[: sounds.FULL_LETTERS], _LOOKED_AT)
        return _best(_by_pinyin(_titles(found), letters[: sounds.FULL_LETTERS]), limit)
    terms = character_stream(units(text))
    if not terms:
        return []
    return _best(_by_letters(_titles(side_index.by_letters(store, terms, _LOOKED_AT)), terms), limit)


def _titles(document_ids: list[int]) -> list[str]:
    """Their titles, as far as everybody may read them at this moment."""
    documents = SearchDocument.objects.filter(pk__in=document_ids, is_draft=False).defer("summary", "body", "facets")
    public = [each for each in documents if PUBLIC in each.access_tokens]
    return [each.title for each in visible_documents(public)]


def _by_pinyin(titles: list[str], letters: str) -> Counter[tuple[bool, str]]:
    found: Counter[tuple[bool, str]] = Counter()
    for title in titles:
        hits = [p for p in sounds.phrases(title) if p.full.startswith(letters) or p.initials.startswith(letters)]
        if hits:
            found[hits[0].is_whole, hits[0].text] += 1
    return found


def _by_letters(titles: list[str], terms: list[str]) -> Counter[tuple[bool, str]]:
    found: Counter[tuple[bool, str]] = Counter()
    for title in titles:
        analysed = units(title)
        own = character_stream(analysed)
        for start in range(len(own) - len(terms) + 1):
            last = start + len(terms) - 1
            if own[start:last] == terms[:-1] and own[last].startswith(terms[-1]):
                end = next((n for n in range(last + 1, len(own)) if analysed[n].gap and analysed[n].ideographic), None)
                text = title[analysed[start].start : analysed[end - 1 if end else -1].end]
                found[start == 0 or analysed[start].gap, text] += 1
                break
    return found


def _best(found: Counter[tuple[bool, str]], limit: int) -> list[str]:
    """Beginnings first, then what several titles have, then the shorter; each once."""
    ordered = sorted(found, key=lambda each: (not each[0], -found[each], len(each[1]), each[1]))
    return list(dict.fromkeys(text for _whole, text in ordered if len(text) <= MAX_SHOWN))[:limit]

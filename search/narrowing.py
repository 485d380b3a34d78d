"""Narrowing as a person sees it: which filters an address asks for, and what the counted values are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.cache import cache
from django.db.models import Value
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from cms.core.models import ContentClass, FacetTerm, MemberGroup, SocialField
from cms.lessons.models import ContentLanguage
from search.backends.base import FACETS
from search.facets import LENGTH_BANDS
from search.query import clean
from search.registry import kind_label, sources

MAX_VALUES = 8
"""Values of one facet that are looked at: whoever sends a thousand has not chosen them by hand."""
MAX_VALUE_CHARACTERS = 60
SHOWN_VALUES = 12
"""Values of one facet that are offered, the most frequent first."""
TERMS_KEPT_S = 60
NAMES: Mapping[str, Any] = {
    "kind": _("种类"),
    "field": _("领域"),
    "group": _("群体"),
    "content_class": _("内容分类"),
    "language": _("语言"),
    "level": _("层级"),
    "length": _("时长"),
    "year": _("年份"),
    "place": _("地点"),
}
_TAXONOMIES: Mapping[str, type[FacetTerm]] = {
    "field": SocialField,
    "group": MemberGroup,
    "content_class": ContentClass,
}
Filters = Mapping[str, tuple[str, ...]]


class Parameters(Protocol):
    """What an address carries: Django's QueryDict, or anything that gives lists by name."""

    def getlist(self, key: str) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that may be chosen or is; `count` is how many materials it would leave."""

    facet: str
    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FacetView:
    """A facet with its choices, in the order in which a person looks for them."""

    facet: str
    name: str
    choices: tuple[Choice, ...]


def read(parameters: Parameters) -> dict[str, tuple[str, ...]]:
    """The filters that an address asks for; names we don't know, empty and endless values are passed over."""
    found: dict[str, tuple[str, ...]] = {}
    for facet in FACETS:
        typed = (str(each) for each in parameters.getlist(facet)[: 4 * MAX_VALUES])
        values = dict.fromkeys(clean(each) for each in typed if len(each) <= MAX_VALUE_CHARACTERS)
        if kept := tuple(each for each in values if each)[:MAX_VALUES]:
            found[facet] = kept
    return found


def _terms() -> dict[str, dict[str, str]]:
    """Facet → code → name of the taxonomies that editors change, in the editors' order; one query."""
    own = [
        model._default_manager.order_by().values_list(Value(facet), "position", "code", "name")
        for facet, model in _TAXONOMIES.items()
    ]
    found: dict[str, dict[str, str]] = {facet: {} for facet in _TAXONOMIES}
    for facet, _position, code, name in sorted(own[0].union(*own[1:], all=True)):
        found[facet][code] = name
    return found


def _labels() -> dict[str, dict[str, str]]:
    """Facet → value → label for all facets whose values are codes."""
    kept: dict[str, dict[str, str]] = cache.get_or_set("search.facet-terms", _terms, TERMS_KEPT_S) or {}
    return {
        **kept,
        "kind": {kind: kind_label(kind) for source in sources() for kind in source.kinds},
        "language": {value: str(label) for value, label in ContentLanguage.choices},
        "level": {value: str(label) for value, label in Organisation.Level.choices},
        "length": {code: str(name) for code, _longest, name in LENGTH_BANDS},
    }


def _label(labels: Mapping[str, Mapping[str, str]], facet: str, value: str) -> str:
    if facet == "year":
        return gettext("{year} 年").format(year=value)
    return labels.get(facet, {}).get(value, value)


def label_of(facet: str, value: str) -> str:
    """A value's name for people; the value itself where nobody has named it."""
    return _label(_labels(), facet, value)


def views(
    counts: Mapping[str, Mapping[str, int]], chosen: Filters, *, all_of_them: bool = False
) -> tuple[FacetView, ...]:
    """The facets that divide the hits, or that already narrow them; a single value that all hits have is no choice.

    `all_of_them`: those too that offer no choice.
    """
    labels = _labels()
    found = []
    for facet in FACETS:
        counted = counts.get(facet, {})
        wanted = chosen.get(facet, ())
        if len(counted) < (1 if all_of_them else 2) and not wanted:
            continue
        values = _ordered(facet, counted, wanted, labels.get(facet, {}))
        choices = (Choice(facet, v, _label(labels, facet, v), counted.get(v, 0), v in wanted) for v in values)
        found.append(FacetView(facet, str(NAMES[facet]), tuple(choices)))
    return tuple(found)


def _ordered(facet: str, counted: Mapping[str, int], wanted: Iterable[str], known: Mapping[str, str]) -> list[str]:
    """The most frequent values and the chosen ones: years downwards, known codes in their order, else by count."""
    frequent = sorted(counted, key=lambda value: (-counted[value], value))[:SHOWN_VALUES]
    values = list(dict.fromkeys([*frequent, *wanted]))
    if facet == "year":
        return sorted(values, reverse=True)
    if known and facet != "kind":
        places = {code: place for place, code in enumerate(known)}
        return sorted(values, key=lambda value: places.get(value, len(places)))
    return values

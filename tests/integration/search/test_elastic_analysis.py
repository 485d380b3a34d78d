"""The test node analyses as a stock Elasticsearch does: the examples of its reference (8.19, "Text analysis")."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from elasticsearch import BadRequestError, Elasticsearch

QUICK = "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone."
TOKYO = "東京都は、日本の首都であり"
HAN_BIGRAMS = {
    "type": "cjk_bigram",
    "ignored_scripts": ["hiragana", "katakana", "hangul"],
    "output_unigrams": True,
}

# (title of the reference's page, request without its text, text, tokens between bars)
REFERENCE: list[tuple[str, dict[str, Any], str, str]] = [
    ("standard tokenizer", {"tokenizer": "standard"}, QUICK, "The|2|QUICK|Brown|Foxes|jumped|over|the|lazy|dog's|bone"),
    (
        "standard tokenizer, max_token_length",
        {"tokenizer": {"type": "standard", "max_token_length": 5}},
        QUICK,
        "The|2|QUICK|Brown|Foxes|jumpe|d|over|the|lazy|dog's|bone",
    ),
    (
        "whitespace tokenizer",
        {"tokenizer": "whitespace"},
        QUICK,
        "The|2|QUICK|Brown-Foxes|jumped|over|the|lazy|dog's|bone.",
    ),
    (
        "whitespace tokenizer, max_token_length: longer tokens are split",
        {"tokenizer": {"type": "whitespace", "max_token_length": 4}},
        "quick fox",
        "quic|k|fox",
    ),
    ("whitespace analyzer", {"analyzer": "whitespace"}, "a b-c", "a|b-c"),
    ("keyword tokenizer", {"tokenizer": "keyword"}, "New York", "New York"),
    (
        "keyword tokenizer with token filters",
        {"tokenizer": "keyword", "filter": ["lowercase"]},
        "john.SMITH@example.COM",
        "john.smith@example.com",
    ),
    (
        "lowercase token filter",
        {"tokenizer": "standard", "filter": ["lowercase"]},
        "THE Quick FoX JUMPs",
        "the|quick|fox|jumps",
    ),
    (
        "CJK width token filter",
        {"tokenizer": "standard", "filter": ["cjk_width"]},
        "ｼｰｻｲﾄﾞﾗｲﾅｰ",
        "シーサイドライナー",
    ),
    (
        "CJK bigram token filter",
        {"tokenizer": "standard", "filter": ["cjk_bigram"]},
        TOKYO,
        "東京|京都|都は|日本|本の|の首|首都|都で|であ|あり",
    ),
    (
        "CJK bigram token filter, customized: ignored_scripts and output_unigrams",
        {"tokenizer": "standard", "filter": [HAN_BIGRAMS]},
        TOKYO,
        "東|東京|京|京都|都|は|日|日本|本|の|首|首都|都|で|あ|り",
    ),
    (
        "CJK bigram token filter: a character without a neighbour comes out alone, others pass",
        {"tokenizer": "standard", "filter": [{"type": "cjk_bigram"}]},
        "羊 wifi 草场",
        "羊|wifi|草场",
    ),
    (
        "edge n-gram token filter by its bare name: one character",
        {"tokenizer": "standard", "filter": ["edge_ngram"]},
        "the quick brown fox jumps",
        "t|q|b|f|j",
    ),
    (
        "edge n-gram token filter, min_gram and max_gram default to 1 and 2",
        {"tokenizer": "standard", "filter": [{"type": "edge_ngram"}]},
        "the quick brown fox jumps",
        "t|th|q|qu|b|br|f|fo|j|ju",
    ),
    (
        "edge n-gram token filter, customized: 3 to 5 characters",
        {"tokenizer": "whitespace", "filter": [{"type": "edge_ngram", "min_gram": 3, "max_gram": 5}]},
        "to the quickest",
        "the|qui|quic|quick",
    ),
    (
        "edge n-gram token filter, preserve_original",
        {"tokenizer": "keyword", "filter": [{"type": "edge_ngram", "max_gram": 2, "preserve_original": True}]},
        "apple",
        "a|ap|apple",
    ),
]


@pytest.fixture(scope="module")
def client(elasticsearch_url: str) -> Elasticsearch:
    return Elasticsearch(elasticsearch_url)


@pytest.mark.parametrize(
    ("request_", "text", "tokens"), [case[1:] for case in REFERENCE], ids=[c[0] for c in REFERENCE]
)
def test_the_node_gives_the_tokens_of_the_reference(
    client: Elasticsearch, request_: dict[str, Any], text: str, tokens: str
) -> None:
    given = [each["token"] for each in client.indices.analyze(**request_, text=text)["tokens"]]
    assert "|".join(given) == tokens


def test_characters_and_pairs_share_their_positions(client: Elasticsearch) -> None:
    answer = client.indices.analyze(
        tokenizer="standard", filter=[{"type": "cjk_bigram", "output_unigrams": True}], text="乡村振"
    )
    places = [(each["token"], each["position"], each.get("positionLength", 1)) for each in answer["tokens"]]
    assert places == [("乡", 0, 1), ("乡村", 0, 2), ("村", 1, 1), ("村振", 1, 2), ("振", 2, 1)]


def test_a_word_beyond_255_characters_is_split_as_the_reference_says(client: Elasticsearch) -> None:
    answer = client.indices.analyze(tokenizer="whitespace", text="a" * 300)
    assert [len(each["token"]) for each in answer["tokens"]] == [255, 45]


@pytest.mark.parametrize("name", ["ik_smart", "smartcn_tokenizer", "icu_tokenizer", "pinyin"])
def test_what_only_a_plugin_has_is_refused(client: Elasticsearch, name: str) -> None:
    with pytest.raises(BadRequestError):
        client.indices.analyze(tokenizer=name, text="乡村振兴")


def test_the_node_is_the_version_that_production_runs(client: Elasticsearch) -> None:
    (node,) = client.nodes.info()["nodes"].values()
    assert node["version"].startswith("8.19.")
    assert {module["name"] for module in node["modules"]} == {"stock-analysis", "transport-netty4"}
    assert node["plugins"] == []


def test_production_runs_the_version_that_the_tests_run() -> None:
    image = re.search(
        r"docker\.elastic\.co/elasticsearch/elasticsearch:(\S+)",
        (settings.BASE_DIR / "deploy" / "compose.yaml").read_text(),
    )
    pinned = re.search(
        r"<elasticsearch\.version>(.+?)<", (settings.BASE_DIR / "deploy" / "elasticsearch" / "pom.xml").read_text()
    )
    assert image[1] == pinned[1]

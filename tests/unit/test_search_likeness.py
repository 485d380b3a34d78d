"""What is like a question: pure ranking that every engine shares."""

import random

from hypothesis import given
from hypothesis import strategies as st

from search.analysis import bigram_stream, character_stream, units
from search.likeness import RAREST, Candidate, question, ranked, rarest
from search.query import Part, Query, parse


def candidate(document_id: int, body: str = "", *, title: str = "", transcript: str = "") -> Candidate:
    streams = tuple(" ".join(character_stream(units(text))) for text in (title, "", body, "", transcript))
    return Candidate(document_id, streams)


def order(asked: str, *texts: str, **more: str) -> list[int]:
    """The places of the texts, best first, with frequencies out of the texts themselves."""
    terms = [set(character_stream(units(text)) + bigram_stream(units(text))) for text in texts]
    wanted = question(parse(asked))
    frequencies = {term: sum(term in each for each in terms) for term in wanted.terms}
    return list(ranked(wanted, frequencies, len(texts), [candidate(n, text) for n, text in enumerate(texts)]))


def test_words_that_only_ask_are_not_looked_for() -> None:
    asked = question(parse("谁写了什么？"))
    assert asked.singles == ("写", "了")
    assert "什么" not in asked.terms
    assert "写了" in asked.pairs


def test_a_query_that_only_asks_is_looked_for_as_it_is() -> None:
    assert question(parse("什么")).singles == ("什", "么")


def test_words_that_stand_together_come_before_the_same_words_far_apart() -> None:
    between = "今天天气很好我们去草场看一看" * 8
    assert order("接羔保育如何防寒", f"接羔{between}保育{between}防寒", f"{between}接羔保育要防寒{between}") == [1, 0]


def test_rare_words_count_more_than_common_ones() -> None:
    assert order("三江源的水塔", *["这里说三江源"] * 6, "这里说水塔")[0] == 6


def test_a_title_counts_more_than_a_body() -> None:
    asked = question(parse("牧区怎样防火"))
    frequencies = dict.fromkeys(asked.terms, 2)
    found = [candidate(1, "牧区防火"), candidate(2, title="牧区防火")]
    assert ranked(asked, frequencies, 9, found) == (2, 1)


def test_one_common_word_of_a_long_name_makes_nothing_like_it() -> None:
    assert order("卫星导航状态", "牧区状态") == []


def test_the_candidates_are_found_by_the_rarest_terms_that_are_there() -> None:
    asked = question(parse("".join(map(chr, range(0x4E00, 0x4E00 + 60)))))
    frequencies = {term: place for place, term in enumerate(asked.terms)}
    found = rarest(asked, frequencies)
    assert len(found) == RAREST
    assert asked.terms[0] not in found
    assert found == asked.terms[1 : RAREST + 1]


def test_what_means_the_same_as_a_part_is_looked_for_as_well() -> None:
    part = Part(("接羔",), False, ("接", "羔"), (Part(("产羔",), False, ("产", "羔")),))
    assert set(question(Query("接羔", (part,))).terms) == {"接", "羔", "产", "接羔", "产羔"}


def test_equal_candidates_stay_in_the_order_of_their_ids() -> None:
    assert order("接羔防寒", *["接羔防寒"] * 5) == [0, 1, 2, 3, 4]


@given(st.text(max_size=250), st.lists(st.text(max_size=80), max_size=5))
def test_whatever_is_asked_some_of_the_candidates_come_back_once_each(asked: str, texts: list[str]) -> None:
    found = order(asked, *texts)
    assert len(set(found)) == len(found)
    assert set(found) <= set(range(len(texts)))


def test_more_documents_with_a_term_than_documents_do_no_harm() -> None:
    """Kept numbers may be a little old (`search.backends.frequencies`)."""
    asked = question(parse("接羔防寒"))
    assert ranked(asked, dict.fromkeys(asked.terms, 12), 10, [candidate(1, "接羔防寒")]) == (1,)


def test_the_order_does_not_depend_on_that_of_the_candidates() -> None:
    asked = question(parse("冬季给母羊接羔"))
    found = [candidate(n, "冬季接羔" + "母羊" * n) for n in range(8)]
    mixed = random.Random(1).sample(found, 8)
    frequencies = dict.fromkeys(asked.terms, 3)
    assert ranked(asked, frequencies, 8, mixed) == ranked(asked, frequencies, 8, found)

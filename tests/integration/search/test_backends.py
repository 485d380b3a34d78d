"""What every engine does (the port in search/backends/base.py)."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest

from search.backends.base import Hits, Request, SearchBackend
from search.query import parse
from tests.integration.search.conftest import entry

ALPHABET = (
    "高原先锋党课冬春训练牧民草场羊羔接生防火雪灾救助民族团结三江源水塔乡村振兴书记支部学习精神长征青海玉树州县镇"
)


def ids(engine: SearchBackend, text: str) -> list[int]:
    """What a visitor finds."""
    return list(engine.search(Request(parse(text), ("public",))).document_ids)


def exact(engine: SearchBackend, text: str) -> set[int]:
    hits = engine.search(Request(parse(text), ("public",)))
    return set() if hits.relaxed else set(hits.document_ids)


def test_every_keyword_of_two_to_four_characters_is_found_and_nothing_else(engine: SearchBackend) -> None:
    chance = random.Random(7)
    texts = {n: "".join(chance.choices(ALPHABET, k=60)) for n in range(1, 151)}
    engine.put_all(entry(n, text[:20], summary=text) for n, text in texts.items())
    for _round in range(300):
        text = texts[chance.randint(1, 150)]
        start = chance.randint(0, 50)
        word = text[start : start + chance.randint(2, 4)]
        assert exact(engine, word) == {n for n, each in texts.items() if word in each}, word


def test_a_single_character_is_found(engine: SearchBackend) -> None:
    engine.put(entry(1, "羊"))
    engine.put(entry(2, "接羔"))
    assert exact(engine, "羊") == {1}
    assert exact(engine, "羔") == {2}


def test_a_word_inside_a_longer_word_is_found(engine: SearchBackend) -> None:
    engine.put(entry(1, "待处理的事项"))
    assert exact(engine, "处理") == {1}


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("長征精神代代傳", "长征精神"),
        ("长征精神代代传", "長征精神"),
        ("ＷＩＦＩ上网", "wifi"),
        ("5G网络到牧区", "5g网络"),
        ("第3个支部", "第3个"),
        ("བོད་ཡིག་སློབ་ཚན", "བོད་ཡིག"),
        ("དགའ་བའི་གསར་འགྱུར", "དགའ་བ"),
        ("རྩ་ཐང", "རྩ"),
        ("ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ ᠬᠡᠯᠡ", "ᠮᠣᠩᠭᠣᠯ"),
        ("монгол хэл", "МОНГОЛ"),
        ("在𠮷野家学习", "𠮷野"),
        ("用字\U0002ebf0\U00030000", "\U0002ebf0\U00030000"),
    ],
)
def test_spellings_of_the_same_word_are_one(engine: SearchBackend, written: str, typed: str) -> None:
    engine.put(entry(1, written))
    engine.put(entry(2, "别的题目"))
    assert exact(engine, typed) == {1}


def test_tibetan_vowels_are_told_apart(engine: SearchBackend) -> None:
    engine.put(entry(1, "ཁ"))
    engine.put(entry(2, "ཁི"))
    assert exact(engine, "ཁི") == {2}


def test_every_part_is_required(engine: SearchBackend) -> None:
    engine.put(entry(1, "牧区防火", summary="草场"))
    engine.put(entry(2, "牧区接羔", said=["冬天的草场要留心"]))
    engine.put(entry(3, "牧区"))
    assert exact(engine, "牧区 草场") == {1, 2}


def test_a_part_is_there_where_one_of_its_alternatives_is(engine: SearchBackend) -> None:
    engine.put(entry(1, "冬季接羔", teachers="才仁"))
    engine.put(entry(2, "冬季羊产羔", teachers="才仁"))
    engine.put(entry(3, "冬季防火", teachers="才仁", said=["羊产羔"]))
    engine.put(entry(4, "冬季防火", teachers="才仁"))
    asked = parse("才仁 接羔")
    one, two = asked.parts
    asked = replace(asked, parts=(one, replace(two, alternatives=parse("产羔 产犊").parts)))
    hits = engine.search(Request(asked, ("public",)))
    assert not hits.relaxed
    assert set(hits.document_ids) == {1, 2, 3}
    assert engine.segments(asked, hits.document_ids) == {3: [3000]}


def test_without_a_document_that_has_all_some_of_the_words_are_enough(engine: SearchBackend) -> None:
    engine.put(entry(1, "冬季接羔保育"))
    engine.put(entry(2, "草原防火"))
    hits = engine.search(Request(parse("冬季怎样给母羊接羔"), ("public",)))
    assert hits.relaxed
    assert hits.document_ids[0] == 1
    assert 2 not in hits.document_ids


def test_function_words_alone_make_no_document_similar(engine: SearchBackend) -> None:
    engine.put_all(entry(n, f"草原上存在的水源第{n}讲") for n in range(1, 6))
    assert ids(engine, "不存在的词汇啊") == []


def test_a_word_that_the_library_lacks_does_not_hide_the_subject_of_the_question(engine: SearchBackend) -> None:
    engine.put_all(entry(n, f"接羔第{n}讲") for n in range(1, 15))
    engine.put(entry(20, "草原防火"))
    found = ids(engine, "怎样给母羊接羔最好")
    assert set(found) == set(range(1, 15))


def test_one_word_of_a_long_name_is_not_enough(engine: SearchBackend) -> None:
    engine.put(entry(1, "牧区状态"))
    assert ids(engine, "卫星导航状态") == []


def test_a_word_that_stands_nowhere_finds_titles_with_its_characters(engine: SearchBackend) -> None:
    engine.put(entry(1, "母羊接羔"))
    engine.put(entry(2, "羊毛", said=["羔皮也在这里讲"]))
    hits = engine.search(Request(parse("羊羔"), ("public",)))
    assert hits.relaxed
    assert hits.document_ids == (1,)


def test_a_long_question_is_answered_by_its_rarest_words(engine: SearchBackend) -> None:
    engine.put_all(entry(n, "今天我们大家一起来学习和讨论") for n in range(1, 40))
    engine.put(entry(50, "雪灾保畜"))
    question = "今天我们大家一起来学习和讨论一下遇到雪灾的时候怎么办"
    assert ids(engine, question)[0] == 50


def test_a_question_is_answered_first_where_its_words_stand_together(engine: SearchBackend) -> None:
    between = "今天天气很好我们去草场看一看" * 8
    engine.put(entry(1, "讲课", body=f"接羔{between}保育{between}防寒"))
    engine.put(entry(2, "讲课", body=f"{between}接羔保育要防寒{between}"))
    engine.put_all(entry(n, "讲课", body=between) for n in range(3, 9))
    hits = engine.search(Request(parse("接羔保育如何防寒？"), ("public",)))
    assert hits.relaxed
    assert hits.document_ids == (2, 1)


def test_what_is_like_a_question_is_narrowed_and_counted(engine: SearchBackend) -> None:
    engine.put(entry(1, "冬季接羔保育", material="m", facets={"kind": ("lesson",)}))
    engine.put(entry(2, "接羔保育", material="m", language="bo", facets={"kind": ("lesson",)}))
    engine.put(entry(3, "母羊接羔", facets={"kind": ("case",)}))
    engine.put(entry(4, "冬季母羊接羔", access_tokens=("org-1",), facets={"kind": ("secret",)}))
    question = "冬季怎样给母羊接羔保育"
    every = asked(engine, question, count=("kind",))
    assert (every.relaxed, every.facets) == (True, {"kind": {"lesson": 1, "case": 1}})
    assert set(every.document_ids) == {1, 3}
    narrowed = asked(engine, question, filters={"kind": ("lesson",)}, count=("kind",), language="bo")
    assert narrowed == Hits((2,), relaxed=True, facets={"kind": {"lesson": 1, "case": 1}})
    assert asked(engine, question, filters={"kind": ("place",)}).document_ids == ()


def test_what_was_published_lately_counts_a_little_more(engine: SearchBackend) -> None:
    now = int(time.time())
    engine.put(entry(1, "接羔", published_s=now - 10 * 365 * 86_400))
    engine.put(entry(2, "接羔", published_s=now))
    engine.put(entry(3, "接羔"))
    assert ids(engine, "接羔")[0] == 2
    engine.put(entry(4, "防火接羔", summary="接羔" * 3, published_s=1))
    engine.put(entry(5, "防火", summary="接羔", published_s=now))
    assert ids(engine, "接羔").index(4) < ids(engine, "接羔").index(5)


def test_a_title_counts_more_than_a_transcript(engine: SearchBackend) -> None:
    engine.put(entry(1, "草原防火", said=["今天讲接羔"]))
    engine.put(entry(2, "接羔"))
    assert ids(engine, "接羔") == [2, 1]


def test_a_long_lecture_on_a_subject_stands_above_a_short_mention_of_it(engine: SearchBackend) -> None:
    engine.put(entry(1, "牧业技术", summary="接羔、防火"))
    engine.put(entry(2, "冬季接羔保育", said=["圈要扫干净铺上干草墙缝堵住不让贼风进来" * 20] * 10))
    assert ids(engine, "接羔") == [2, 1]


def test_only_what_a_token_opens_is_found(engine: SearchBackend) -> None:
    engine.put(entry(1, "内部材料", access_tokens=("org-632601",)))
    engine.put(entry(2, "内部通知", access_tokens=("public", "org-632601")))
    query = parse("内部")
    assert engine.search(Request(query, ("public",))).document_ids == (2,)
    assert set(engine.search(Request(query, ("org-632601",))).document_ids) == {1, 2}
    assert engine.search(Request(query, ("org",))).document_ids == ()
    assert engine.search(Request(query, ())).document_ids == ()


def test_an_access_token_is_no_search_term(engine: SearchBackend) -> None:
    engine.put(entry(1, "公开课"))
    assert ids(engine, "public") == []


def test_the_segment_that_has_the_phrase_is_named(engine: SearchBackend) -> None:
    engine.put(entry(1, "接羔", said=["开场白", "羊羔先擦干口鼻", "再喂初乳"]))
    engine.put(entry(2, "防火", said=["先擦干口鼻"]))
    assert engine.segments(parse("擦干口鼻"), [1]) == {1: [1001]}
    assert engine.segments(parse("擦干口鼻"), [1, 2]) == {1: [1001], 2: [2000]}
    assert engine.segments(parse("擦干口鼻"), []) == {}


def test_at_most_three_segments_of_a_document_are_named(engine: SearchBackend) -> None:
    engine.put(entry(1, "接羔", said=["接羔"] * 50))
    engine.put(entry(2, "也说接羔", said=["说一次接羔的事情"]))
    found = engine.segments(parse("接羔"), [1, 2])
    assert len(found[1]) == 3
    assert found[2] == [2000]


def test_putting_again_replaces(engine: SearchBackend) -> None:
    engine.put(entry(1, "旧题目", said=["羊羔怕冷"]))
    engine.put(entry(1, "新题目", said=["草场轮牧"], version=2))
    assert exact(engine, "旧题") == set()
    assert exact(engine, "新题") == {1}
    assert engine.segments(parse("羊羔怕冷"), [1]) == {}
    assert engine.versions() == {1: 2}


def test_what_is_removed_is_not_found(engine: SearchBackend) -> None:
    engine.put(entry(1, "接羔", said=["接羔"]))
    engine.remove([1, 99])
    assert ids(engine, "接羔") == []
    assert engine.segments(parse("接羔"), [1]) == {}
    assert engine.versions() == {}


def test_a_thousand_hits_are_the_most(engine: SearchBackend) -> None:
    engine.put_all(entry(n, "接羔") for n in range(1, 1102))
    assert len(ids(engine, "接羔")) == 1000


def asked(engine: SearchBackend, text: str, **more: object) -> Hits:
    return engine.search(Request(parse(text), ("public",), **more))  # type: ignore[arg-type]


def test_a_filter_lets_through_what_has_one_of_its_values_in_every_facet(engine: SearchBackend) -> None:
    engine.put(entry(1, "接羔", facets={"kind": ("lesson",), "field": ("village", "school")}))
    engine.put(entry(2, "接羔", facets={"kind": ("case",), "field": ("village",)}))
    engine.put(entry(3, "接羔"))
    assert set(asked(engine, "接羔", filters={"field": ("village", "city")}).document_ids) == {1, 2}
    assert asked(engine, "接羔", filters={"field": ("village",), "kind": ("lesson",)}).document_ids == (1,)
    assert asked(engine, "接羔", filters={"field": ()}).document_ids == ()
    assert asked(engine, "接羔", filters={"no such facet": ("village",)}).document_ids == ()


def test_a_facet_is_counted_under_all_filters_but_its_own(engine: SearchBackend) -> None:
    engine.put(entry(1, "接羔", facets={"kind": ("lesson",), "place": ("630000",)}))
    engine.put(entry(2, "接羔", facets={"kind": ("case",), "place": ("630000",)}))
    engine.put(entry(3, "接羔", facets={"kind": ("case",), "place": ("632600",)}))
    engine.put(entry(4, "接羔", access_tokens=("org-1",), facets={"kind": ("secret",)}))
    hits = asked(engine, "接羔", filters={"kind": ("lesson",)}, count=("kind", "place", "year"))
    assert hits.document_ids == (1,)
    assert hits.facets == {"kind": {"lesson": 1, "case": 2}, "place": {"630000": 1}, "year": {}}


def test_counts_tell_where_to_go_when_a_filter_leaves_nothing(engine: SearchBackend) -> None:
    engine.put(entry(1, "接羔", facets={"kind": ("lesson",)}))
    hits = asked(engine, "接羔", filters={"kind": ("case",)}, count=("kind",))
    assert hits == Hits((), facets={"kind": {"lesson": 1}})


def test_of_a_material_in_several_languages_the_readers_own_is_shown(engine: SearchBackend) -> None:
    engine.put(entry(1, "WiFi 羊", material="m", language="zh-hans", facets={"kind": ("lesson",)}))
    engine.put(entry(2, "WiFi ལུག", material="m", language="bo", facets={"kind": ("lesson",)}))
    engine.put(entry(3, "WiFi", material="n", language="bo"))
    hits = asked(engine, "wifi", language="bo", count=("kind",))
    assert set(hits.document_ids) == {2, 3}
    assert hits.facets == {"kind": {"lesson": 1}}
    assert set(asked(engine, "wifi", language="zh-hans").document_ids) == {1, 3}
    assert asked(engine, "羊", language="bo").document_ids == (1,)


def test_the_schema_is_made_once_and_kept(engine: SearchBackend) -> None:
    engine.put(entry(1, "接羔"))
    engine.prepare()
    assert exact(engine, "接羔") == {1}

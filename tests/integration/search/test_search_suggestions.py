"""Suggestions while typing, and what was perhaps meant: right, and never telling what is not public."""

from __future__ import annotations

import random

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from search.engine import current_backend, side_store
from search.query import parse
from search.suggestions import sounds
from search.suggestions.complete import complete
from search.suggestions.correct import did_you_mean
from tests.factories import cms as make
from tests.integration.search.conftest import entry

# A replica takes nothing over inside a transaction, and these tests stay inside one.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
WORDS = [
    "长征精神",
    "乡村振兴",
    "民族团结",
    "原子城",
    "可可西里",
    "三江源",
    "中华水塔",
    "党章党规",
    "革命传统",
    "形势政策",
    "草原防火",
    "接羔保育",
    "转场放牧",
    "雪灾救助",
    "支部书记",
    "组织生活",
    "主题党日",
    "三会一课",
    "红色资源",
    "纪念馆",
    "生态保护",
    "流动党员",
    "柴达木",
    "两弹一星",
    "将军楼",
    "西路军",
    "虫草采挖",
    "包虫病",
    "网格管理",
    "矛盾调解",
    "电子商务",
    "合作社",
    "集体经济",
    "人居环境",
    "应急处置",
    "急救常识",
    "反诈宣传",
    "冬春训",
    "示范基地",
]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("czjs", "长征精神永放光芒"),
        ("changzhengjingshen", "长征精神永放光芒"),
        ("chang zheng", "长征精神永放光芒"),
        ("长征", "长征精神永放光芒"),
        ("長征", "长征精神永放光芒"),
        ("CZJ", "长征精神永放光芒"),
        ("chongqing", "重庆谈判"),
        ("cqtp", "重庆谈判"),
        ("xian", "西安事变"),
        ("xi'an", "西安事变"),
        ("ལུ", "ལུ་གུ"),
    ],
)
def test_typing_is_completed_by_characters_pinyin_and_initials(typed: str, offered: str) -> None:
    for title in ("弘扬长征精神永放光芒", "重庆谈判", "西安事变", "ལུ་གུ་"):
        make.make_teacher(name=title)
    assert complete(side_store(), typed)[:1] == [offered]


def test_a_polyphone_is_read_as_its_word_is() -> None:
    assert sounds.syllables("重庆的重要性") == ("chong", "qing", "de", "zhong", "yao", "xing")


def test_nothing_is_offered_that_not_everybody_may_read() -> None:
    make.make_lesson(title="长征草稿")
    lesson = make.make_lesson(title="长征内部", published=True)
    assert complete(side_store(), "cz") == ["长征内部"]
    PageViewRestriction.objects.create(page=lesson, restriction_type=PageViewRestriction.LOGIN)
    assert complete(side_store(), "cz") == []
    lesson.refresh_from_db()
    lesson.unpublish()
    assert complete(side_store(), "长征") == []


def test_a_correction_is_only_offered_to_who_may_find_it() -> None:
    current_backend().put(entry(900_001, "长征精神", access_tokens=("below-7",)))
    assert did_you_mean(side_store(), parse("长征经神"), ("public",)) == []
    assert did_you_mean(side_store(), parse("长征经神"), ("public", "below-7")) == ["长征精神"]


def test_homophones_are_corrected_at_the_first_try_from_three_characters_on() -> None:
    for number, word in enumerate(WORDS):
        current_backend().put(entry(800_000 + number, f"第{number}讲", body=f"我们来讲{word}的事情"))
    chance, right, asked = random.Random(5), 0, 0
    for word in WORDS * 3:
        typed = "".join(chance.choice(sounds.sounding_like(one)) for one in word)
        if typed != word:
            asked += 1
            right += did_you_mean(side_store(), parse(typed), ("public",))[:1] == [word]
    assert asked > 80
    assert right >= 0.95 * asked


def test_one_wrong_character_is_corrected() -> None:
    for number, word in enumerate(WORDS):
        current_backend().put(entry(800_000 + number, word))
    right = 0
    for word in WORDS:
        place = len(word) // 2
        typed = word[:place] + "龙" + word[place + 1 :]
        right += did_you_mean(side_store(), parse(typed), ("public",))[:1] == [word]
    assert right >= 0.95 * len(WORDS)


def test_the_page_offers_what_was_meant_and_the_rest_of_the_query_stays() -> None:
    make.make_lesson(title="草原上的长征精神", published=True)
    visitor = Client()
    response = visitor.get("/search/", {"q": "草原 长征经神"})
    assert response.context["suggestions"] == [
        ("草原 长征精神", "?q=%E8%8D%89%E5%8E%9F+%E9%95%BF%E5%BE%81%E7%B2%BE%E7%A5%9E")
    ]
    assert "草原 长征精神" in response.content.decode()
    assert visitor.get("/search/", {"q": "czjs"}).context["suggestions"][0][0] == "长征精神"
    assert visitor.get("/search/", {"q": "长征精神"}).context["suggestions"] == []


def test_the_endpoint_answers_with_what_was_typed_and_how_it_may_go_on() -> None:
    make.make_teacher(name="<b>长征</b>")
    visitor = Client(raise_request_exception=False)
    answer = visitor.get("/search/suggest/", {"q": "cz"})
    assert answer.json()["suggestions"] == ["长征"]
    assert answer["Cache-Control"] == "no-store"
    assert visitor.get("/search/suggest/").json() == {"query": "", "suggestions": []}

"""Reading a package's documents strictly (docs/spec/offline-package.md §2), bad input first."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline.canonical import canonical_json
from offline.packages import manifest
from offline.packages.errors import ManifestMalformed, ManifestTooLarge, ManifestTooNew, PackageError

PACKAGE = manifest.PackageManifest(
    package=UUID(int=1),
    version=3,
    title="曲麻莱冬春训 𠀀 བོད",
    campaign="2026冬春训",
    organisation="qumalai",
    published="2026-11-23T08:00:00+00:00",
    minutes=20,
    lessons=(manifest.ObjectReference(UUID(int=2), "a" * 64, 900),),
    quizzes=(manifest.ObjectReference(UUID(int=3), "b" * 64, 800),),
    recalled=(UUID(int=9),),
)
ITEM = manifest.Item("audio", "adx", "安多藏语", "opus-16", "audio/mp4", "c" * 64, 10, "d" * 64, 5, True, 720_000)
LESSON = manifest.LessonManifest(UUID(int=2), "e" * 64, "题", "简介", 12, "lecture", "教师", (ITEM,))
QUIZ = {
    "v": 1,
    "quiz": str(UUID(int=3)),
    "title": "看图答题",
    "questions": [
        {
            "id": str(UUID(int=4)),
            "text": {"zh-hans": "?"},
            "pictogram": "lamb",
            "answers": [{"key": "a", "text": {}, "pictogram": "x"}, {"key": "b", "text": {}, "pictogram": "y"}],
            "correct": "a",
        }
    ],
}


def altered(document: bytes, **changes) -> bytes:
    return canonical_json({**json.loads(document), **changes})


class TestRefusals:
    @pytest.mark.parametrize("parse", [manifest.parse_package, manifest.parse_lesson, manifest.parse_quiz])
    def test_a_newer_major_version_asks_to_update_the_app(self, parse):
        with pytest.raises(ManifestTooNew) as refusal:
            parse(b'{"v":2}')
        assert refusal.value.code == "update-the-app"
        assert "更新应用" in refusal.value.zh

    @pytest.mark.parametrize("parse", [manifest.parse_package, manifest.parse_lesson, manifest.parse_quiz])
    @pytest.mark.parametrize(
        "text", [b"", b"[]", b"null", b"\xff", b'{"v":"1"}', b'{"v":true}', b'{"v":0}', b"[" * 9999]
    )
    def test_what_is_no_document_is_refused(self, parse, text):
        with pytest.raises(ManifestMalformed):
            parse(text)

    def test_a_document_above_its_size_is_refused_before_it_is_parsed(self):
        with pytest.raises(ManifestTooLarge):
            manifest.parse_package(b" " * (manifest.MAX_PACKAGE_BYTES + 1))

    def test_too_many_lessons_are_refused(self):
        many = [{"material": str(UUID(int=n)), "sha256": "a" * 64, "length": 1} for n in range(501)]
        with pytest.raises(ManifestTooLarge):
            manifest.parse_package(altered(PACKAGE.as_bytes(), lessons=many))

    def test_a_lesson_manifest_that_claims_a_gigabyte_is_refused(self):
        huge = [{"material": str(UUID(int=2)), "sha256": "a" * 64, "length": 1 << 30}]
        with pytest.raises(ManifestTooLarge):
            manifest.parse_package(altered(PACKAGE.as_bytes(), lessons=huge))

    def test_a_material_named_twice_is_refused(self):
        twice = [lesson.as_dict() for lesson in PACKAGE.lessons * 2]
        with pytest.raises(ManifestMalformed):
            manifest.parse_package(altered(PACKAGE.as_bytes(), lessons=twice))

    @pytest.mark.parametrize("name", ["package", "version", "title", "organisation", "minutes", "lessons", "quizzes"])
    @pytest.mark.parametrize("value", [None, -1, "x" * 400, ["x"], {"x": 1}, 1e9])
    def test_a_package_field_of_the_wrong_kind_is_refused(self, name, value):
        with pytest.raises(PackageError):
            manifest.parse_package(altered(PACKAGE.as_bytes(), **{name: value}))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("sha256", "../../etc/passwd"),
            ("sha256", "A" * 64),
            ("length", -1),
            ("length", 4 * 1024**3),
            ("index", "x"),
            ("placeholder", 1),
            ("duration_ms", 1.5),
            ("label", "\ud800"),
        ],
    )
    def test_an_item_field_out_of_range_is_refused(self, name, value):
        document = json.loads(LESSON.as_bytes())
        document["items"][0][name] = value
        with pytest.raises(ManifestMalformed):
            manifest.parse_lesson(json.dumps(document).encode())

    def test_a_quiz_whose_right_answer_does_not_exist_is_refused(self):
        wrong = {**QUIZ, "questions": [{**QUIZ["questions"][0], "correct": "z"}]}
        with pytest.raises(ManifestMalformed):
            manifest.parse_quiz(canonical_json(wrong))

    @given(st.binary(max_size=200))
    def test_random_bytes_never_raise_anything_but_a_package_error(self, data):
        for parse in (manifest.parse_package, manifest.parse_lesson, manifest.parse_quiz):
            with pytest.raises(PackageError):
                parse(data)


def test_what_is_written_is_read_back():
    assert manifest.parse_package(PACKAGE.as_bytes()) == PACKAGE
    assert manifest.parse_lesson(LESSON.as_bytes()) == LESSON
    assert manifest.parse_quiz(canonical_json(QUIZ)) == QUIZ


def test_an_empty_recall_list_and_a_missing_card_are_left_out():
    document = json.loads(replace(PACKAGE, recalled=()).as_bytes())
    assert "recalled" not in document
    assert "card" not in document


def test_fields_and_kinds_of_a_later_minor_version_are_ignored():
    document = json.loads(LESSON.as_bytes())
    document["items"].append({**document["items"][0], "kind": "hologram"})
    document["mood"] = "cheerful"
    assert manifest.parse_lesson(canonical_json(document)) == LESSON


def test_a_package_of_version_1_opens_for_ever():
    """These bytes were written by version 1.0 of the specification and are never to be changed."""
    frozen = (
        '{"campaign":"冬春训","lessons":[{"length":900,"material":"00000000-0000-0000-0000-000000000002","sha256":"'
        + "a" * 64
        + '"}],"minutes":20,"organisation":"qumalai","package":"00000000-0000-0000-0000-000000000001","published":'
        '"2026-11-23T08:00:00+00:00","quizzes":[],"title":"第一包","v":1,"version":1}'
    ).encode()
    package = manifest.parse_package(frozen)
    assert package.lessons[0].length == 900
    assert package.as_bytes() == frozen

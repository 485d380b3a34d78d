"""Errors speak the language of the page: Tibetan drafts for all that members meet, else Chinese; English always."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from accounts.errors import CodeExpired, PersonError
from accounts.models import ActivationCode
from accounts.services import issue_code, use_code
from accounts.wording import as_json, wording
from config.errors import ServerError, plain_page
from tests.factories.people import member, secretary, user

BASE = Path(settings.BASE_DIR)
ROOMS = ["accounts", "cms", "config", "education", "offline", "search"]

STAFF_MODULES = (
    "cms.", "education.records.errors", "search.api.", "search.evaluation", "search.extraction.",
)  # fmt: skip
"""The admin's desks, the reviewers' queue, programs and the command line: Chinese and English only."""
STAFF_CLASSES = {
    "accounts.errors": {"LevelOrder", "OwnDescendant", "AccountOutOfReach", "RoleOutOfReach", "LogIsPermanent"},
    "education.classroom.errors": {"QuizEmpty", "QuizQuestionUnclear"},
    "education.hours.errors": {"LedgerIsAppendOnly", "InvalidRuleNumbers"},
    "offline.packages.errors": {
        "PackageError", "ManifestTooLarge", "ManifestMalformed", "ManifestTooNew", "NothingToPack",
        "PackageNotReviewed", "LessonNotPublished", "QuizNotPublished", "RenditionsMissing", "SubtitleUnreadable",
        "BuildInterrupted", "ContentChanged", "DiskFull", "SigningKeyMissing", "TreeDamaged",
    },
}  # fmt: skip
"""What only editors, builders of packages and administrators meet, in rooms that members enter too."""


def error_classes() -> Iterator[type[PersonError]]:
    """Every error of the product that a person can cause."""
    for path in sorted(path for room in ROOMS for path in (BASE / room).rglob("*.py")):
        if "message_zh = " not in path.read_text("utf-8"):
            continue
        module = importlib.import_module(".".join(path.relative_to(BASE).with_suffix("").parts))
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, PersonError) and thing.__module__ == module.__name__:
                yield thing


def is_for_staff(kind: type[PersonError]) -> bool:
    return kind.__module__.startswith(STAFF_MODULES) or kind.__name__ in STAFF_CLASSES.get(kind.__module__, ())


def test_every_error_that_a_member_can_meet_has_a_tibetan_draft() -> None:
    with (BASE / "locale" / "bo" / "LC_MESSAGES" / "django.po").open("rb") as file:
        drafts = {message.id for message in read_po(file) if message.string}
    met = [kind for kind in error_classes() if not is_for_staff(kind)]
    assert len(met) > 40
    assert [kind.__name__ for kind in met if kind.message_zh not in drafts] == []


def test_the_errors_named_as_the_staffs_are_there() -> None:
    known = {(kind.__module__, kind.__name__) for kind in error_classes()}
    assert {(module, name) for module, names in STAFF_CLASSES.items() for name in names} <= known


def test_blanks_are_filled_after_the_sentence_was_translated() -> None:
    error = CodeExpired(days=30)
    with translation.override("bo"):
        said = wording(error)
    assert said.language == "bo"
    assert "ཉིན་ 30 རིང་" in said.text
    assert wording(error).text == error.zh
    assert wording(error).language == "zh-Hans"


def test_an_error_without_a_draft_stays_chinese_and_says_so() -> None:
    class Undrafted(PersonError):
        message_zh = "没有译文。"

    with translation.override("bo"):
        assert (wording(Undrafted()).text, wording(Undrafted()).language) == ("没有译文。", "zh-Hans")
    assert "message_bo" not in as_json(Undrafted())["error"]


def test_a_program_gets_the_draft_beside_the_chinese() -> None:
    said = as_json(CodeExpired(days=30))["error"]
    assert said["message"] == CodeExpired(days=30).zh
    assert "ཉིན་ 30 རིང་" in said["message_bo"]


def test_the_page_of_a_broken_server_speaks_the_language_of_its_reader() -> None:
    with translation.override("bo"):
        page = plain_page(ServerError())
    assert '<html lang="bo">' in page
    assert "ཁྱེད་ཀྱི་གཞི་གྲངས་བོར་མེད།" in page
    assert "藏文为草稿，待审校。" in page
    assert '<p lang="en">The server had a problem' in page


@pytest.mark.django_db
class TestSigningIn:
    def test_a_card_that_was_used_says_so_in_the_language_of_the_page(self) -> None:
        code = issue_code(user=member(signed_in=False).user, created_by=user()).printed
        use_code(code)
        chinese, tibetan = (Client().post(f"{prefix}/join/", {"code": code}) for prefix in ("", "/bo"))
        assert (chinese.status_code, tibetan.status_code) == (409, 409)
        assert '<p lang="zh-Hans">这个激活码已经用过了' in chinese.content.decode()
        assert '<p lang="bo">སྐུལ་སློང་ཨང་འདི་སྤྱད་ཟིན།' in tibetan.content.decode()
        assert "这个激活码已经用过了" not in tibetan.content.decode()
        for answer in (chinese, tibetan):
            assert '<p class="meta" lang="en">This code has been used' in answer.content.decode()

    def test_a_card_that_expired_says_so_at_the_address_of_its_picture(self) -> None:
        code = issue_code(user=member(signed_in=False).user, created_by=user()).printed
        ActivationCode.objects.update(expires_at=timezone.now())
        page = Client().get(f"/bo/join/{code}/").content.decode()
        assert '<p lang="bo">སྐུལ་སློང་ཨང་འདི་དུས་ལས་ཡོལ།' in page
        assert "{days}" not in page

    def test_a_wrong_password_is_told_in_two_languages(self) -> None:
        for prefix, said in (("", '<p lang="zh-Hans">账号或密码不对'), ("/bo", '<p lang="bo">རྩིས་ཐོའམ་གསང་ཨང་ནོར་འདུག')):
            page = Client().post(f"{prefix}/login/", {"username": "nobody", "password": "x"}).content.decode()
            assert said in page
            assert '<p class="meta" lang="en">Wrong account or password' in page


@pytest.mark.django_db
def test_the_secretarys_form_is_refused_in_the_language_of_the_page() -> None:
    person, browser = member(name="卓玛"), Client()
    browser.force_login(secretary(person.branch))
    form = {"member_id": str(uuid.uuid4()), "name": "卓玛", "duty": "member"}
    page = browser.post(f"/bo/branch/{person.branch.code}/members/new/", form).content.decode()
    assert '<p lang="bo">ཏང་ཙུའུ་འདིར་“卓玛”ཡོད་ཟིན།' in page
    assert '<p class="meta" lang="en">The branch already has 卓玛.' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/bo/me/export.json", "སྔོན་ལ་ཐོ་འཇུག་བྱེད་རོགས།"),
        ("/bo/packages/00000000-0000-4000-8000-000000000000/", "ཐོན་ཁུངས་ཁུག་མ་འདི་མ་རྙེད།"),
        ("/bo/quiz/00000000-0000-4000-8000-000000000000/", "དྲི་བ་འདི་མེད།"),
    ],
)
def test_what_is_not_there_or_not_yet_allowed_is_told_in_tibetan(address: str, said: str) -> None:
    page = Client().get(address).content.decode()
    assert f'<span lang="bo">{said}' in page
    assert "藏文为草稿，待审校。" in page

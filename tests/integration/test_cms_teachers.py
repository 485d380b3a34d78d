"""Teachers: what is public, and that a telephone number never is."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from wagtail.models import Revision

from accounts.models import User
from cms.core.signals import material_published
from cms.teachers import selectors
from cms.teachers.errors import ColumnKeyDamaged
from cms.teachers.models import TeacherContact, TeacherLecture, TeacherMentee, TeacherProfile
from cms.teachers.secrets import KEY_FILE
from tests.factories import cms as make

pytestmark = pytest.mark.django_db

PHONE = "13997001234"


@pytest.fixture(autouse=True)
def own_keys(settings, tmp_path) -> None:
    """A key that a test loses is nobody else's."""
    settings.KEYS_DIR = tmp_path / "keys"


def stored_phone() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_phone FROM teachers_teachercontact")
        (stored,) = cursor.fetchone()
    return str(stored)


@pytest.fixture
def teacher() -> TeacherProfile:
    profile = make.make_teacher(
        published=False,
        name="才仁𠀀",
        unit="海北州委党校",
        languages=["zh-hans", "adx"],
        dialect="安多牧区话",
        months_free=[12, 1, 2],
        highest_altitude_m=4500,
    )
    profile.lectures.add(TeacherLecture(held_on="2026-01-05", topic="草原防火", place="曲麻莱", listeners=40))
    profile.mentees.add(TeacherMentee(name="被帮带的人", unit="某村"))
    profile.save()
    TeacherContact.objects.create(teacher=profile, private_phone=PHONE)
    return make.publish(profile)


def test_public_pages_show_the_profile_and_neither_phone_nor_mentees(teacher, client) -> None:
    for address in (reverse("teachers:list"), teacher.get_absolute_url()):
        page = client.get(address).content.decode()
        assert "才仁𠀀" in page
        assert PHONE not in page
        assert "被帮带的人" not in page
    assert "草原防火" in client.get(teacher.get_absolute_url()).content.decode()


def test_the_phone_is_in_no_view_no_revision_and_no_plain_column(teacher) -> None:
    assert PHONE not in repr(selectors.public_view(teacher))
    assert all(PHONE not in str(revision.content) for revision in Revision.objects.all())
    assert PHONE not in str(teacher.serializable_data())
    assert PHONE not in stored_phone()
    assert TeacherContact.objects.get().private_phone == PHONE


def test_the_key_is_readable_by_its_owner_alone(teacher, settings) -> None:
    assert (settings.KEYS_DIR / KEY_FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "key",
    [None, b"", b"not a key\n", Fernet.generate_key() + b"\n"],
    ids=["no file", "empty file", "no key", "another key"],
)
def test_a_phone_whose_key_is_gone_is_called_unreadable_and_survives_every_save(key, teacher, client, settings) -> None:
    path = settings.KEYS_DIR / KEY_FILE
    right_key, stored = path.read_bytes(), stored_phone()
    path.unlink() if key is None else path.write_bytes(key)
    contact = TeacherContact.objects.get()
    assert "读不出" in contact.private_phone
    contact.save()
    assert stored_phone() == stored
    assert path.exists() == (key is not None)
    clerk = make.make_editor()
    clerk.user_permissions.add(Permission.objects.get(codename="change_teachercontact"))
    client.force_login(User.objects.get(pk=clerk.pk))
    address = reverse("wagtailsnippets_teachers_teachercontact:edit", args=[contact.pk])
    came_from = {"Referer": f"http://testserver{address}"}
    assert client.get(address, headers=came_from).url == reverse("wagtailadmin_home")  # not to itself for ever
    for visit in (client.get, client.post):
        visit(address, {"teacher": teacher.pk, "private_phone": ""}, headers=came_from)
        told = client.get(reverse("wagtailadmin_home")).content.decode()
        assert "恢复密钥文件" in told
        assert "restore the key file" in told
    assert stored_phone() == stored
    path.write_bytes(right_key)
    assert TeacherContact.objects.get().private_phone == PHONE


def test_a_number_is_not_saved_under_a_damaged_key(teacher, settings) -> None:
    contact, stored = TeacherContact.objects.get(), stored_phone()
    (settings.KEYS_DIR / KEY_FILE).write_bytes(b"")
    contact.private_phone = "13800000000"
    with pytest.raises(ColumnKeyDamaged), transaction.atomic():
        contact.save()
    assert stored_phone() == stored


def test_two_processes_that_make_the_key_at_once_end_with_one(settings, monkeypatch) -> None:
    field = TeacherContact._meta.get_field("private_phone")
    written, real_key = [], Fernet.generate_key

    def another_process_comes_between() -> bytes:
        if not written:
            written.append("")
            written[0] = field.get_prep_value("the other's")
        return real_key()

    monkeypatch.setattr(Fernet, "generate_key", another_process_comes_between)
    own = field.get_prep_value("ours")
    assert [field.from_db_value(text, None, None) for text in (own, written[0])] == ["ours", "the other's"]
    assert [path.name for path in settings.KEYS_DIR.iterdir()] == [KEY_FILE]


def test_the_layers_above_are_not_told_the_phone() -> None:
    told = []
    material_published.connect(receiver := lambda sender, instance, **kwargs: told.append(instance))
    profile = make.make_teacher(published=False, name="卓玛")
    TeacherContact.objects.create(teacher=profile, private_phone=PHONE)
    make.publish(profile)
    material_published.disconnect(receiver)
    assert [instance.material_id for instance in told] == [profile.material_id]
    assert not hasattr(told[0], "private_phone")


@pytest.mark.parametrize("group", ["editors", "reviewers"])
def test_staff_without_the_right_do_not_get_to_the_contacts(group, teacher, client) -> None:
    client.force_login(make.make_user(group))
    contact = teacher.contact
    for name, args in (("list", []), ("edit", [contact.pk])):
        answer = client.get(reverse(f"wagtailsnippets_teachers_teachercontact:{name}", args=args), follow=True)
        assert PHONE not in answer.content.decode()
        assert answer.redirect_chain
    editing = client.get(reverse("wagtailsnippets_teachers_teacherprofile:edit", args=[teacher.pk]))
    assert PHONE not in editing.content.decode()


def test_staff_with_the_right_see_it(teacher, client) -> None:
    clerk = make.make_editor()
    clerk.user_permissions.add(Permission.objects.get(codename="change_teachercontact"))
    client.force_login(User.objects.get(pk=clerk.pk))
    page = client.get(reverse("wagtailsnippets_teachers_teachercontact:edit", args=[teacher.contact.pk]))
    assert PHONE in page.content.decode()


def test_a_draft_profile_is_not_public(client) -> None:
    profile = make.make_teacher(published=False, name="草稿教师")
    assert client.get(profile.get_absolute_url()).status_code == 404
    assert "草稿教师" not in client.get(reverse("teachers:list")).content.decode()


def test_the_pool_is_a_query(teacher) -> None:
    make.make_teacher(name="李明", category="party_school", languages=["zh-hans"], months_free=[7])
    assert [view.name for view in selectors.pool(language="adx")] == ["才仁𠀀"]
    assert [view.name for view in selectors.pool(month=7)] == ["李明"]
    assert [view.name for view in selectors.pool(category="party_school")] == ["李明"]
    assert len(selectors.pool()) == 2


@pytest.mark.parametrize("query", ["month=13", "month=²", "month=x", "language=xx", "category=none", "month="])
def test_odd_filters_do_not_break_the_page(query, teacher, client) -> None:
    assert client.get(f"{reverse('teachers:list')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "fields",
    [{"months_free": [0]}, {"months_free": [1, 1]}, {"languages": ["xx"]}, {"highest_altitude_m": 9999}],
)
def test_impossible_values_are_refused(fields) -> None:
    with pytest.raises(ValidationError):
        TeacherProfile(name="某", category="guide", **fields).full_clean()


def test_a_term_cannot_end_before_it_begins() -> None:
    from datetime import date

    with pytest.raises(ValidationError):
        TeacherProfile(
            name="某", category="guide", term_from=date(2026, 2, 1), term_until=date(2026, 1, 1)
        ).full_clean()

"""The repository's commands, and what keeps it fresh in a running product."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from media_pipeline.signals import swept
from offline.packages import services, signing, upkeep
from offline.packages.models import PackageBuild
from offline.packages.repository import default_publisher, refresh_timestamp
from tests.factories import offline as factory

pytestmark = pytest.mark.django_db


def test_tuf_init_makes_keys_and_repository_once(settings, capsys):
    call_command("tuf_init")
    root = default_publisher().trusted_root()
    call_command("tuf_init")
    assert "没有改动" in capsys.readouterr().out
    assert default_publisher().trusted_root() == root
    assert len(list(Path(settings.KEYS_DIR).glob("*.pem"))) == 4


def test_the_root_is_renewed_by_a_person(settings, capsys):
    call_command("tuf_init")
    call_command("tuf_init", "--renew-root")
    assert "root version 2" in capsys.readouterr().out
    (Path(settings.KEYS_DIR) / "root.1.pem").unlink()
    with pytest.raises(CommandError, match="签名密钥"):
        call_command("tuf_init", "--renew-root")


def test_tuf_refresh_says_whether_anything_was_due(capsys):
    call_command("tuf_refresh")
    assert "已更新" in capsys.readouterr().out
    call_command("tuf_refresh")
    assert "尚不需要" in capsys.readouterr().out
    call_command("tuf_refresh", "--force")
    assert "已更新" in capsys.readouterr().out
    assert not refresh_timestamp()


def test_a_lost_key_folder_is_said_in_words(settings):
    call_command("tuf_init")
    (Path(settings.KEYS_DIR) / "timestamp.1.pem").unlink()
    with pytest.raises(CommandError, match=r"manage\.py tuf_init"):
        call_command("tuf_refresh", "--force")


def test_a_worker_makes_the_repository_and_hands_lost_builds_out_again_by_itself(monkeypatch):
    """The product's receiver of a worker's sweep, with its chores due now."""
    build = services.request_build(factory.package(factory.lesson()), dispatch=lambda build_id: None)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    PackageBuild.objects.update(created_at=long_ago)
    handed_out: list[int] = []
    monkeypatch.setattr(services.sweep_builds, "__kwdefaults__", {
        **services.sweep_builds.__kwdefaults__, "dispatch": handed_out.append
    })  # fmt: skip
    for chore in upkeep._upkeep.chores:
        chore.due_at = 0.0
    swept.send(sender=None)
    assert handed_out == [build.pk]
    assert default_publisher().state() is not None


def test_the_root_is_warned_of_in_time(caplog):
    publisher = default_publisher()
    publisher.initialise()
    upkeep.warn_of_root()
    assert "renew-root" not in caplog.text
    short = {**publisher.policy, "root": signing.RolePolicy(1, 1, timedelta(days=30))}
    root = signing.initial_root(short, publisher._key_ring(publisher.state()) | {
        role: publisher.keys.load(role) for role in signing.TOP_LEVEL_ROLES
    }, datetime.now(UTC))  # fmt: skip
    (publisher.metadata_dir / "1.root.json").write_bytes(root.to_bytes())
    upkeep.warn_of_root()
    assert "renew-root" in caplog.text


def test_editors_alone_compose_and_reviewers_open_what_they_judge():
    names = {"add_offlinepackage", "change_offlinepackage", "view_offlinepackage"}
    rights = Permission.objects.filter(codename__in=names)
    held = {
        group.name: set(group.permissions.filter(codename__in=names).values_list("codename", flat=True))
        for group in Group.objects.filter(permissions__in=rights)
    }
    assert held == {"editors": names, "reviewers": {"change_offlinepackage"}}


def test_verify_package_needs_a_beginning_of_trust(tmp_path):
    with pytest.raises(CommandError, match="--root"):
        call_command("verify_package", "--dir", str(tmp_path))

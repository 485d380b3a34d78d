"""The public tree in a bucket: settled as the folder is, by several machines, and caches are told of take-downs."""

from __future__ import annotations

import hashlib
import http.server
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from django.conf import settings as configured

from media_pipeline import publication
from media_pipeline.management.commands.prepare_bucket import prepare
from media_pipeline.objects_s3 import object_key
from media_pipeline.publication import FolderTree, PublicTree
from media_pipeline.publication_s3 import S3Tree
from tests.integration.media_pipeline.stores import bucket_store, fresh_bucket, raw_client
from tests.services.postgres import Postgres
from tests.services.s3 import S3

CONTENT = b"a lesson" * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()


class Names:
    """A holder that a test tells what to want."""

    def __init__(self) -> None:
        self.wanted: set[str] = set()

    def named(self, shas: Collection[str] | None = None) -> set[str]:
        return self.wanted if shas is None else self.wanted & set(shas)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    holder = Names()
    monkeypatch.setattr(publication, "_holders", {"test": holder})
    return holder


@pytest.fixture
def own(s3: S3, rooms: Path, settings) -> S3:
    """An installation whose objects lie in a bucket of their own."""
    bucket = fresh_bucket(s3)
    storage = {"BACKEND": "media_pipeline.s3_storage.ClassedS3Storage", "OPTIONS": bucket.options()}
    settings.STORAGES = {**settings.STORAGES, "objects": storage}
    return bucket


class Cache(http.server.BaseHTTPRequestHandler):
    """Notes what it is told to drop."""

    def do_PURGE(self) -> None:
        self.server.told.append((self.path, self.headers.get("X-Key")))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def cache(settings) -> Iterator[http.server.HTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cache)
    server.told, server.answer = [], 200
    settings.PURGE_URLS = [f"http://127.0.0.1:{server.server_port}/purge{{path}}"]
    settings.PURGE_HEADERS = {"X-Key": "secret"}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=["folder", "s3"])
def tree(request: pytest.FixtureRequest, rooms: Path) -> PublicTree:
    if request.param == "s3":
        request.getfixturevalue("own")
    tree = publication.default_tree()
    assert isinstance(tree, S3Tree if request.param == "s3" else FolderTree)
    return tree


@pytest.mark.django_db
def test_an_object_is_public_exactly_while_somebody_names_it(tree: PublicTree, names: Names) -> None:
    shas = [tree.store.put_bytes(bytes([number])) for number in range(4)]
    names.wanted = set(shas[:2])
    assert publication.settle(shas) == publication.Settled(shown=2, withdrawn=0)
    names.wanted = set(shas[1:3])
    assert publication.reconcile() == publication.Settled(shown=1, withdrawn=1)
    assert set(tree.hashes()) == names.wanted == tree.published(shas)
    assert all(tree.store.exists(sha256) for sha256 in shas)


def test_publishing_twice_changes_nothing_and_one_missing_object_publishes_none(tree: PublicTree) -> None:
    tree.store.put_bytes(CONTENT)
    with pytest.raises(FileNotFoundError):
        tree.publish([SHA, "0" * 64])
    assert not tree.is_published(SHA)
    tree.publish([SHA, SHA])
    tree.publish([SHA])
    assert list(tree.hashes()) == [SHA]
    tree.withdraw([SHA])
    tree.withdraw([SHA])
    assert not tree.is_published(SHA)
    with pytest.raises(ValueError):
        tree.is_published("../secret")


@pytest.mark.django_db
def test_caches_are_told_of_a_take_down_and_told_again_until_they_listen(
    tree: PublicTree, names: Names, cache: http.server.HTTPServer
) -> None:
    tree.store.put_bytes(CONTENT)
    names.wanted = {SHA}
    publication.settle([SHA])
    assert cache.told == []
    names.wanted, cache.answer = set(), 500
    assert publication.settle([SHA]).withdrawn == 1
    asked = (f"/purge/b/{SHA[:2]}/{SHA}", "secret")
    assert cache.told == [asked]
    assert tree.unpurged() == [SHA]
    cache.answer = 404
    publication.reconcile()
    assert cache.told == [asked, asked]
    assert tree.unpurged() == []
    publication.reconcile()
    assert len(cache.told) == 2


@pytest.mark.django_db
def test_only_what_is_published_can_be_fetched_from_the_bucket_by_anybody(own: S3, names: Names) -> None:
    tree = publication.default_tree()
    prepare(tree.store.bucket, ["https://classroom.example.cn"])
    prepare(tree.store.bucket, ["https://classroom.example.cn"])
    tree.store.put_bytes(CONTENT)
    base = f"{own.endpoint}/{own.bucket}"

    def status(path: str) -> int:
        try:
            with urllib.request.urlopen(f"{base}/{path}", timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    public, private = object_key(SHA, "public/b"), object_key(SHA)
    assert status(public) in {403, 404}
    assert (status(private), status("")) == (403, 403)
    names.wanted = {SHA}
    publication.settle([SHA])
    assert (status(public), status(private), status("")) == (200, 403, 403)
    with urllib.request.urlopen(f"{base}/{public}", timeout=10) as answer:
        assert answer.read() == CONTENT
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Type"] == "application/octet-stream"
    names.wanted = set()
    publication.settle([SHA])
    assert status(public) in {403, 404}


MACHINE = """
import random, sys
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = "machines"
from media_pipeline import publication
from tests.integration.media_pipeline.stores import bucket_store
from tests.services.s3 import S3
from pathlib import Path
seed, endpoint, key, secret, bucket, folder, *shas = sys.argv[1:]
store = bucket_store(S3(endpoint, key, secret, bucket), Path(folder))
from media_pipeline.publication_s3 import S3Tree
publication.default_tree = lambda: S3Tree(store)

class Rows:
    def named(self, shas=None):
        with connection.cursor() as cursor:
            cursor.execute("SELECT sha256 FROM wanted")
            found = {row[0] for row in cursor.fetchall()}
        return found if shas is None else found & set(shas)

publication._holders = {"rows": Rows()}
choice = random.Random(int(seed))
for _round in range(12):
    changed = choice.sample(shas, 3)
    with connection.cursor() as cursor:
        for sha256 in changed:
            cursor.execute("DELETE FROM wanted WHERE sha256 = %s AND machine = %s", [sha256, seed])
            if choice.random() < 0.5:
                cursor.execute("INSERT INTO wanted VALUES (%s, %s)", [sha256, seed])
    publication.settle(changed)
"""


def test_whatever_several_machines_publish_and_withdraw_at_once_the_tree_ends_as_it_is_named(
    s3: S3, postgres_cluster: Postgres, tmp_path: Path
) -> None:
    import psycopg

    own = fresh_bucket(s3)
    store = bucket_store(own, tmp_path)
    shas = [store.put_bytes(bytes([number])) for number in range(6)]
    admin = f"host={postgres_cluster.socket_folder} port={postgres_cluster.port} user=postgres"
    with psycopg.connect(f"{admin} dbname=postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE machines")
    with psycopg.connect(f"{admin} dbname=machines", autocommit=True) as connection:
        connection.execute("CREATE TABLE wanted (sha256 text, machine text)")
        environment = {
            **os.environ, **postgres_cluster.environment(),
            "DJANGO_SETTINGS_MODULE": "config.settings.test_postgres",
        }  # fmt: skip
        machines = [
            subprocess.Popen(
                [sys.executable, "-c", MACHINE, seed, own.endpoint, own.access_key, own.secret_key, own.bucket,
                 str(tmp_path / seed), *shas],
                cwd=configured.BASE_DIR, env=environment,
            )
            for seed in ("1", "2")
        ]  # fmt: skip
        assert [machine.wait(120) for machine in machines] == [0, 0]
        wanted = {row[0] for row in connection.execute("SELECT sha256 FROM wanted")}
    assert {entry["Key"].rpartition("/")[2] for entry in _listed(own)} == wanted


def _listed(s3: S3) -> list[dict]:
    return raw_client(s3).list_objects_v2(Bucket=s3.bucket, Prefix="public/b/").get("Contents", [])

"""The production settings, whole: PostgreSQL, Redis, an S3 store, a worker of the queue, the web process.

Everything runs in processes of its own, as on the machines of deploy/compose.yaml.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from search.backends.elastic_client import connect
from search.backends.elastic_indices import Indices
from tests.services.postgres import Postgres
from tests.services.processes import accepts, free_port, running
from tests.services.s3 import S3

Environment = dict[str, str]

REGISTER = """
from django.core.files import File
from media_pipeline.services import register_source, request_transcode
with open(%r, "rb") as upload:
    job = request_transcode(register_source(File(upload), name="lecture.mp4"))
print("job", job.pk, job.state)
"""
REPORT = """
from media_pipeline.models import TranscodeJob
job = TranscodeJob.objects.get()
print("report", job.state, job.error_code, sorted(r.name for r in job.source.renditions.all()))
print("encoded", job.plan["chunks"]["encoded"])
"""
SHOW = """
from media_pipeline import publication
from media_pipeline.models import Rendition
names = ("opus-16", "h264-240", "muxed-240")
shown = {name: Rendition.objects.get(name=name).sha256 for name in names}
class Everything:
    def named(self, shas=None):
        return set(shown.values())
publication._holders["test"] = Everything()
print(publication.settle(shown.values()))
print("objects", *shown.values())
"""


@pytest.fixture(scope="module")
def database(postgres_cluster: Postgres) -> Iterator[str]:
    name = f"production_{uuid.uuid4().hex[:8]}"
    admin = f"host={postgres_cluster.socket_folder} port={postgres_cluster.port} user=postgres dbname=postgres"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield name


@pytest.fixture(scope="module")
def production(
    postgres_cluster: Postgres, database: str, redis_url: str, s3: S3, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """The environment variables of a production machine, its database migrated."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TEST_STATE", "PYTEST"))},
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "STATE_DIR": str(tmp_path_factory.mktemp("state")),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_NAME": database,
        "DATABASE_USER": postgres_cluster.user,
        "DATABASE_PASSWORD": "unused-on-a-socket",
        "DATABASE_HOST": postgres_cluster.socket_folder,
        "DATABASE_PORT": str(postgres_cluster.port),
        "REDIS_URL": redis_url,
        "S3_BUCKET": s3.bucket,
        "S3_ENDPOINT": s3.endpoint,
        "S3_ACCESS_KEY": s3.access_key,
        "S3_SECRET_KEY": s3.secret_key,
    }
    manage(environment, "migrate", "--noinput", "-v", "0")
    assert s3.bucket in manage(environment, "prepare_bucket")
    return environment


def manage(environment: Environment, *arguments: str) -> str:
    """What the command printed; fails with its errors."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of a small moving picture and a tone."""
    from imageio_ffmpeg import get_ffmpeg_exe

    path = tmp_path_factory.mktemp("recording") / "lecture.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc=size=256x144:rate=10:duration=6"]
    sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=6"]
    encoding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([get_ffmpeg_exe(), "-v", "error", *picture, *sound, *encoding, str(path)], check=True)
    return path


def test_the_deployment_checks_are_clean(production: Environment) -> None:
    assert "no issues" in manage(production, "check", "--deploy", "--fail-level", "WARNING")


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_PASSWORD", "REDIS_URL", "S3_SECRET_KEY"])
def test_a_missing_variable_is_named(production: Environment, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR, env={**production, name: ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert f"Set the environment variable {name}." in done.stderr


def test_a_lecture_goes_through_the_store_the_queue_and_the_worker(
    production: Environment, recording: Path, s3: S3
) -> None:
    assert "job" in manage(production, "shell", "--no-imports", "-c", REGISTER % str(recording))
    manage(production, "rqworker", "default", "transcode", "--burst", "--job-class", "django_tasks_rq.Job")
    report = manage(production, "shell", "--no-imports", "-c", REPORT)
    assert "report published" in report, report
    for name in ("aac-24", "opus-16", "poster", "h264-240", "av1-360", "muxed-240", "sprite"):
        assert f"'{name}'" in report, report
    assert "encoded 2" in report, "a chunk of either picture"
    shown = manage(production, "shell", "--no-imports", "-c", SHOW)
    objects = shown.rpartition("objects ")[2].split()
    assert len(objects) == 3
    for sha256 in objects:
        address = f"{s3.endpoint}/{s3.bucket}/public/b/{sha256[:2]}/{sha256}"
        request = urllib.request.Request(address, headers={"Range": "bytes=4-7"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert (answer.status, answer.read()) == (206, b"ftyp")
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert hashlib.sha256(answer.read()).hexdigest() == sha256, "what was joined from chunks arrives whole"
    state = Path(production["STATE_DIR"])
    assert not [path for room in ("objects", "public/b") for path in (state / room).rglob("*") if path.is_file()]


def test_the_web_process_serves_and_says_that_it_is_well(production: Environment, tmp_path: Path) -> None:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "config.asgi:application",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    with running(command, ready=lambda: accepts(port), log=tmp_path / "log", env=production, within_s=60):
        headers = {"X-Forwarded-Proto": "https", "Accept": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/health/", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            checks = json.load(answer)["checks"]
        home = urllib.request.Request(f"http://127.0.0.1:{port}/", headers=headers)
        with urllib.request.urlopen(home, timeout=30) as answer:
            assert answer.status == 200
            assert answer.headers["Strict-Transport-Security"]
            assert "public" in answer.headers["Cache-Control"]
    vital = {"database", "migrations", "storage", "free_space", "tasks", "ffmpeg", "search_index"}
    assert {name for name in vital if not checks[name]["ok"]} == set()


FIND = """
from uuid import uuid4
from search import outbox
from search.models import SearchDocument
row = SearchDocument.objects.create(
    material_id=uuid4(), kind="lesson", title="冬季接羔", url="/", access_tokens=["public"]
)
outbox.announce([row.pk])
from search.backends.base import Request
from search.engine import current_backend, elastic_backend
from search.backends.elastic_chores import make_first_index, send
from search.query import parse
make_first_index()
send()
print("sent", outbox.lag().unsent)
elastic_backend()._client.indices.refresh(index=f"{elastic_backend().indices.prefix}-*")
print("hits", current_backend().search(Request(parse("接羔"), ("public",))) )
"""


def test_what_is_saved_is_found_by_elasticsearch_and_its_index_can_be_made_anew(
    production: Environment, elasticsearch_url: str
) -> None:
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    environment = {**production, "ELASTICSEARCH_URL": elasticsearch_url, "ELASTICSEARCH_PREFIX": prefix}
    shown = manage(environment, "shell", "-v", "0", "-c", FIND)
    assert "sent 0" in shown
    assert "degraded=False" in shown
    manage(environment, "search", "rebuild", "--index-only")
    # Fails when an engine does not hold what the database holds.
    manage(environment, "search", "status", "--json")
    Indices(connect([elasticsearch_url]), prefix).remove_all()

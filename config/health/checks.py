"""What the health page looks at. Each check is a function that returns a finding and never raises."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.health import probes
from media_pipeline.collecting import TOO_MUCH

logger = logging.getLogger(__name__)

LEAST_FREE_BYTES = 512 * 1024 * 1024
OLDEST_WAITING_TASK = timedelta(minutes=10)
WORKER_SILENCE = timedelta(seconds=90)
OLDEST_COLLECTION = timedelta(days=3)
TIMESTAMP_WARNING = timedelta(hours=6)
"""The signed timestamp is renewed well before it expires; less left than this means the renewal has stopped."""


@dataclass(frozen=True)
class Finding:
    """One check's result. `detail` is for staff only; `is_vital`: without it the site can't serve."""

    name: str
    label: str
    ok: bool
    detail: str
    is_vital: bool = False

    @property
    def detail_zh(self) -> str:
        """What people read; a check that says something says it in Chinese, then in English."""
        return self.detail.partition(" / ")[0]

    @property
    def detail_en(self) -> str:
        """The same in English; empty where there is but one wording."""
        return self.detail.partition(" / ")[2]


def database() -> str:
    """Asks the database something."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return connection.vendor


def migrations() -> str:
    """Every migration of the code is applied."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        names = ", ".join(f"{m.app_label}.{m.name}" for m, _ in missing[:5])
        raise probes.NotWorking(f"缺少 {names} / missing {names}")
    return "齐全 / complete"


def storage() -> str:
    """Writes, reads and deletes a file where uploads go."""
    name = default_storage.save(f"health/{uuid.uuid4().hex}", ContentFile(b"health"))
    try:
        with default_storage.open(name) as file:
            if file.read() != b"health":
                raise probes.NotWorking("读回的内容不一样 / read back something else")
    finally:
        default_storage.delete(name)
    return type(default_storage._wrapped).__name__ if hasattr(default_storage, "_wrapped") else "ok"


def free_space() -> str:
    """The state folder's file system has room."""
    free = shutil.disk_usage(settings.STATE_DIR).free
    if free < LEAST_FREE_BYTES:
        raise probes.NotWorking(f"只剩 {free // 10**6} MB / {free // 10**6} MB free")
    return f"剩余 {free / 1e9:.1f} GB / {free / 1e9:.1f} GB free"


def worker() -> str:
    """A worker has given a sign of life lately."""
    seen = probes.worker_seen_at()
    if seen is None:
        raise probes.NotWorking("从未启动过 / no worker has ever reported")
    silence = datetime.now(UTC) - seen
    seconds = int(silence.total_seconds())
    if silence > WORKER_SILENCE:
        raise probes.NotWorking(f"已 {seconds} 秒没有消息 / silent for {seconds} s")
    return f"{seconds} 秒前有消息 / seen {seconds} s ago"


def tasks() -> str:
    """The queue is being worked off."""
    waiting, oldest = probes.waiting_tasks()
    if oldest is not None and datetime.now(UTC) - oldest > OLDEST_WAITING_TASK and not probes.is_worker_busy():
        raise probes.NotWorking(
            f"{waiting} 个在等，最早的从 {oldest:%Y-%m-%d %H:%M} UTC 起 / "
            f"{waiting} waiting, the oldest since {oldest:%Y-%m-%d %H:%M} UTC"
        )
    return f"{waiting} 个在等 / {waiting} waiting"


def ffmpeg() -> str:
    """The transcoder starts."""
    from imageio_ffmpeg import get_ffmpeg_exe

    done = subprocess.run([get_ffmpeg_exe(), "-version"], capture_output=True, timeout=10, check=True)
    return done.stdout.decode().splitlines()[0][:60]


def search_index() -> str:
    """The search answers."""
    return probes.search_state()


def signed_timestamp() -> str:
    """The package repository's timestamp is not about to expire."""
    path = Path(settings.PUBLIC_TREE_DIR) / "tuf" / "metadata" / "timestamp.json"
    if not path.exists():
        return "还没有发布资源包 / no package published yet"
    expires = datetime.fromisoformat(json.loads(path.read_text())["signed"]["expires"].replace("Z", "+00:00"))
    left = expires - datetime.now(UTC)
    if left < TIMESTAMP_WARNING:
        raise probes.NotWorking(f"{expires:%Y-%m-%d %H:%M} UTC 到期 / expires {expires:%Y-%m-%d %H:%M} UTC")
    days = left.total_seconds() / 86400
    return f"还有 {days:.1f} 天 / good for {days:.1f} days"


def collection() -> str:
    """Objects that nobody refers to are being collected."""
    note = probes.last_collection()
    if note is None:
        return "还没有运行过，工作进程启动后自动开始 / not yet run; a worker begins by itself"
    last = datetime.fromtimestamp(note.ended_at, UTC)
    if note.error == TOO_MUCH:
        raise probes.NotWorking(
            "多数对象无人引用，可能连错了数据库，已停下等人确认：manage.py collect_objects / "
            "most objects are without a reference; is it the right database? waiting for a person: collect_objects"
        )
    if note.error and datetime.now(UTC).timestamp() - note.succeeded_at > OLDEST_COLLECTION.total_seconds():
        raise probes.NotWorking(f"{last:%Y-%m-%d %H:%M} UTC 没有成功：{note.error} / failed {last:%Y-%m-%d %H:%M} UTC")
    if datetime.now(UTC) - last > OLDEST_COLLECTION:
        raise probes.NotWorking(f"{last:%Y-%m-%d %H:%M} UTC 之后没有再运行 / not run since {last:%Y-%m-%d %H:%M} UTC")
    return (
        f"{last:%Y-%m-%d %H:%M} UTC：移入待删 {note.laid_aside}，删除 {note.deleted}，恢复 {note.restored} / "
        f"{last:%Y-%m-%d %H:%M} UTC: {note.laid_aside} laid aside, {note.deleted} deleted, {note.restored} brought back"
    )


CHECKS: tuple[tuple[str, str, Callable[[], str], bool], ...] = (
    ("database", "数据库", database, True),
    ("migrations", "数据库结构", migrations, True),
    ("storage", "文件存储", storage, True),
    ("free_space", "磁盘空间", free_space, True),
    ("worker", "后台工作进程", worker, False),
    ("tasks", "任务队列", tasks, False),
    ("ffmpeg", "转码器", ffmpeg, False),
    ("search_index", "检索", search_index, False),
    ("signed_timestamp", "资源包签名", signed_timestamp, False),
    ("collection", "对象清理", collection, False),
)


def examine() -> list[Finding]:
    """Every finding, in order."""
    return [_finding(name, label, check, is_vital) for name, label, check, is_vital in CHECKS]


def _finding(name: str, label: str, check: Callable[[], str], is_vital: bool) -> Finding:
    try:
        return Finding(name, label, ok=True, detail=check(), is_vital=is_vital)
    except Exception as error:
        # A health page reports whatever is wrong; that is its whole work.
        logger.warning("health: %s: %s", name, error)
        # What a check said itself is for people; anything else is named for whoever repairs it.
        said = str(error) if isinstance(error, probes.NotWorking) else f"{type(error).__name__}: {error}"
        return Finding(name, label, ok=False, detail=said[:300], is_vital=is_vital)

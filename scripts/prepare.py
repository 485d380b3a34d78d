"""Bring the embedded environment's state up to date before it is served. Fast when nothing changed.

Migrates, collects static files and loads the demo once; one process, because starting Django is what takes time.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

PREPARED_STAMP = "prepared"
DEMO_STAMP = "demo-loaded"
STATIC_STAMP = "static-collected"
OLD_UPLOAD_S = 24 * 3600


def wants_demo() -> bool:
    """Whether the demo is to be there (`DEMO=0` says no)."""
    return os.environ.get("DEMO", "1") != "0"


def fingerprint() -> str:
    """What the state depends on: the code's migrations, its requirements and the built assets."""
    digest = hashlib.sha256(_static_inputs().encode())
    for path in sorted(ROOT.glob("*/**/migrations/*.py")):
        if not {".venv", "node_modules"} & set(path.parts):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def is_prepared(state_dir: Path) -> bool:
    """Whether there is nothing to do; looks at files only, so that a later start need not load Django twice."""
    stamp = state_dir / PREPARED_STAMP
    has_demo = (state_dir / DEMO_STAMP).exists() or not wants_demo()
    return has_demo and (state_dir / "db.sqlite3").exists() and stamp.exists() and stamp.read_text() == fingerprint()


def main() -> None:
    """Run every step that is due."""
    import django

    django.setup()
    from django.conf import settings

    migrate()
    collect_static(settings.STATE_DIR)
    remove_abandoned_uploads(Path(settings.FILE_UPLOAD_TEMP_DIR))
    if wants_demo():
        load_demo(settings.STATE_DIR)
    _write(settings.STATE_DIR / PREPARED_STAMP, fingerprint())


def migrate() -> None:
    """Apply migrations that are not applied yet."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        _say("更新数据库 / migrating the database")
        call_command("migrate", interactive=False, verbosity=0)


def collect_static(state_dir: Path) -> None:
    """Collect static files when a built asset or a requirement has changed."""
    from django.core.management import call_command

    stamp = state_dir / STATIC_STAMP
    present = _static_inputs()
    if stamp.exists() and stamp.read_text() == present:
        return
    _say("收集静态文件 / collecting static files")
    call_command("collectstatic", interactive=False, verbosity=0)
    _write(stamp, present)


def _static_inputs() -> str:
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted((ROOT / "web" / "dist").rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def remove_abandoned_uploads(folder: Path) -> None:
    """Delete what interrupted uploads left behind more than a day ago."""
    for path in folder.iterdir():
        if path.is_file() and time.time() - path.stat().st_mtime > OLD_UPLOAD_S:
            path.unlink(missing_ok=True)


def load_demo(state_dir: Path) -> None:
    """Load the demo once; what it prints is shown when the site is up (`load_demo --accounts`)."""
    from django.core.management import call_command

    stamp = state_dir / DEMO_STAMP
    if not stamp.exists():
        _say("载入示例内容 / loading the demo")
        call_command("load_demo", stdout=io.StringIO())
        _write(stamp, "loaded\n")


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()

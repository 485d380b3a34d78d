"""A stage for the lesson player: one real lecture, transcoded by the pipeline, and pages that hold only a player."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route

from config.public_files import public_tree, static_files
from tests.lecture_maker import make_lecture
from tests.services.web_server import WebServer, serve

ROOT = Path(settings.BASE_DIR)
SECONDS = 40
SUBTITLES = (
    "WEBVTT\n\n00:00.500 --> 00:06.000\n同志们好，今天我们一起学习。\n\n00:20.000 --> 00:26.000\n原子城在海晏。\n"
)
PAGE = """<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>player</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="stylesheet" href="/static/web/site.css">
<body><main><h1>原子城里的首课</h1><lesson-player><script type="application/json" class="lesson-data">{data}</script>
<video controls preload="none" src="{muxed}"></video></lesson-player></main>
<script>window.heard = [];
for (const name of ['lesson-progress', 'lesson-completed'])
  document.addEventListener(name, (event) => heard.push([name, event.detail]));
window.trouble = [];
addEventListener('error', (event) => trouble.push(event.message));
addEventListener('unhandledrejection', (event) => trouble.push(String(event.reason)));
document.addEventListener('waiting', (event) => (window.waits ??= []).push(event.target.currentTime), true);
document.addEventListener('playing', (event) => (window.firstFrame ??= performance.now()), true);
</script><script type="module" src="/static/web/player.js"></script></body></html>"""


@dataclass(frozen=True)
class Stage:
    """What a test of the player needs to know.

    Attributes:
        data: the player's JSON for the lecture, with absolute paths.
    """

    server: WebServer
    data: dict[str, Any]


def build_assets() -> None:
    """Bundle the browser code as `make run` does; the sources may be newer than what lies in `web/dist`."""
    bundled = Path(sys.executable).parent / "node"
    node = str(bundled) if bundled.exists() else "node"
    subprocess.run([node, "build.mjs"], cwd=ROOT / "web", check=True, capture_output=True, timeout=120)


def transcode_lecture(folder: Path, seconds: float = SECONDS) -> dict[str, Path]:
    """A spoken lecture through the real pipeline: file name → file."""
    lecture, out = folder / "lecture.mp4", folder / "out"
    make_lecture(lecture, duration_s=seconds, slides=5)
    command = [sys.executable, "manage.py", "transcode", str(lecture), "--out", str(out), "--json"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    return {path.name: path for path in out.iterdir()}


def publish(files: dict[str, Path], public: Path) -> dict[str, Any]:
    """Lay the objects into a public tree and describe them as `cms.lessons.selectors.player_data` does."""

    def put(name: str) -> str:
        sha256 = hashlib.sha256(files[name].read_bytes()).hexdigest()
        target = public / "b" / sha256[:2] / sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(files[name], target)
        return f"/b/{sha256[:2]}/{sha256}"

    def source(rung: str, kind: str, mime: str) -> dict[str, Any]:
        path = files[f"{rung}.mp4"]
        index = json.loads(files[f"{rung}.index.json"].read_text())
        return {
            "name": rung,
            "url": f"{put(path.name)}?type={kind}%2Fmp4",
            "index_url": f"{put(f'{rung}.index.json')}?type=application%2Fjson",
            "mime": index["mime"] or mime,
            "length": path.stat().st_size,
        }

    sounds = [source("opus-16", "audio", ""), source("aac-24", "audio", "")]
    return {
        "material": "0191c0de-0000-7000-8000-000000000001",
        "revision": "ab" * 32,
        "title": "原子城里的首课",
        "minutes": 1,
        "poster": f"{put('poster.webp')}?type=image%2Fwebp",
        "muxed": {"url": f"{put('muxed-240.mp4')}?type=video%2Fmp4", "length": files["muxed-240.mp4"].stat().st_size},
        "video": [
            {**source("h264-240", "video", ""), "height": 240},
            {**source("h264-360", "video", ""), "height": 360},
        ],
        "audio": [
            {"language": "zh-hans", "label": "汉语", "placeholder": False, "sources": sounds},
            {"language": "adx", "label": "藏语（安多）", "placeholder": True, "sources": sounds[1:]},
        ],
        "subtitles": [{"language": "zh-hans", "label": "汉语", "url": "/zh.vtt"}],
        "start_s": 0,
    }


@contextmanager
def player_stage(folder: Path, *, seconds: float = SECONDS) -> Iterator[Stage]:
    """Serve `/` (a page with the player), its assets and its objects until the block ends."""
    build_assets()
    public = folder / "public"
    data = publish(transcode_lecture(folder, seconds), public)

    async def page(request: Request) -> HTMLResponse:
        shown = {**data, **json.loads(request.query_params.get("data", "{}"))}
        text = json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c")
        return HTMLResponse(_page(text, data))

    async def subtitles(_request: Request) -> PlainTextResponse:
        return PlainTextResponse(SUBTITLES, media_type="text/vtt")

    assets = folder / "assets"
    shutil.copytree(ROOT / "web" / "dist", assets / "web")
    application = Starlette(
        routes=[
            Route("/", page),
            Route("/zh.vtt", subtitles),
            Mount("/static", static_files("/static/", assets)),
            Mount("/", public_tree(public)),
        ]
    )
    with serve(application) as server:
        yield Stage(server, data)


def _page(text: str, data: dict[str, Any]) -> str:
    return PAGE.replace("{data}", text).replace("{muxed}", data["muxed"]["url"])

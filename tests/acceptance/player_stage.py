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
from urllib.parse import quote

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route

from config.public_files import public_tree, static_files
from tests.acceptance import extra_rungs
from tests.acceptance.browser import media_until
from tests.lecture_maker import make_lecture
from tests.services.web_server import WebServer, serve

ROOT = Path(settings.BASE_DIR)
SECONDS = 40
TIBETAN_SUBTITLES = "WEBVTT\n\n00:00.500 --> 00:12.000\nབློ་མཐུན་རྣམས་བདེ་མོ།\n"
SUBTITLES = (
    "WEBVTT\n\n00:00.500 --> 00:06.000\n同志们好，今天我们一起学习。\n\n00:20.000 --> 00:26.000\n原子城在海晏。\n"
)
PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>player</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="stylesheet" href="/static/web/site.css">
<body><main id="content"><h1>原子城里的首课</h1>
<lesson-player><script type="application/json" class="lesson-data">{data}</script>
<video controls preload="none" src="{muxed}"></video></lesson-player></main>
<script>window.heard = [];
for (const name of ['lesson-progress', 'lesson-completed'])
  document.addEventListener(name, (event) => heard.push([name, event.detail]));
window.trouble = [];
addEventListener('error', (event) => trouble.push(event.message));
addEventListener('unhandledrejection', (event) => trouble.push(String(event.reason)));
document.addEventListener('waiting', (event) => (window.waits ??= []).push(event.target.currentTime), true);
document.addEventListener('playing', (event) => (window.firstFrame ??= performance.now()), true);
</script>{strings}<script type="module" src="/static/web/player.js"></script></body></html>"""


@dataclass(frozen=True)
class Stage:
    """What a test of the player needs to know.

    Attributes:
        data: the player's JSON for the lecture, with absolute paths.
        public: the tree that objects are served from.
    """

    server: WebServer
    data: dict[str, Any]
    public: Path

    def read(self, url: str) -> bytes:
        """The object behind an address of `data`."""
        return (self.public / url.split("?")[0].lstrip("/")).read_bytes()

    def lay(self, content: bytes, mime: str) -> str:
        """Serve one more object, for instance a spoilt one; its address."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.public / "b" / sha256[:2] / sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return f"/b/{sha256[:2]}/{sha256}?type={quote(mime, safe='')}"


def build_assets() -> None:
    """Bundle the browser code as `make run` does; the sources may be newer than what lies in `web/dist`."""
    bundled = Path(sys.executable).parent / "node"
    node = str(bundled) if bundled.exists() else "node"
    subprocess.run([node, "build.mjs"], cwd=ROOT / "web", check=True, capture_output=True, timeout=120)


def transcode_lecture(folder: Path, seconds: float = SECONDS) -> dict[str, Path]:
    """A spoken lecture through the real pipeline: file name → file."""
    lecture, out = folder / "lecture.mp4", folder / "out"
    make_lecture(lecture, duration_s=seconds, slides=max(5, round(seconds / 12)))
    command = [sys.executable, "manage.py", "transcode", str(lecture), "--out", str(out), "--json"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    for name, height in (("av1-360", 360), ("av1-480", 480)):
        if not (out / f"{name}.mp4").exists():
            picture = extra_rungs.av1(lecture, out / f"{name}.mp4", height=height)
            (out / f"{name}.index.json").write_text(json.dumps(extra_rungs.index_of(picture, extra_rungs.AV1_MIME)))
    extra_rungs.deck(out, list(range(0, round(seconds), 8)))
    return {path.name: path for path in out.iterdir()}


def publish(files: dict[str, Path], public: Path, seconds: float = SECONDS) -> dict[str, Any]:
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

    deck = files["hand-deck.webp"]
    slides = {
        "name": "deck",
        "url": f"{put(deck.name)}?type=image%2Fwebp",
        "index_url": f"{put('hand-deck.index.json')}?type=application%2Fjson",
        "length": deck.stat().st_size,
    }
    sprite = files["sprite.webp"]
    tiles = {
        "name": "sprite",
        "url": f"{put(sprite.name)}?type=image%2Fwebp",
        "index_url": f"{put('sprite.vtt')}?type=text%2Fvtt",
        "length": sprite.stat().st_size,
    }
    sounds = [source("opus-16", "audio", ""), source("aac-24", "audio", "")]
    return {
        "material": "0191c0de-0000-7000-8000-000000000001",
        "revision": "ab" * 32,
        "title": "原子城里的首课",
        "minutes": 1,
        "duration_s": seconds,
        "poster": f"{put('poster.webp')}?type=image%2Fwebp",
        "muxed": {"url": f"{put('muxed-240.mp4')}?type=video%2Fmp4", "length": files["muxed-240.mp4"].stat().st_size},
        "deck": slides,
        "sprite": tiles,
        "video": [
            {**source(rung, "video", ""), "height": int(rung[-3:])}
            for rung in ("h264-240", "h264-360", "av1-360", "av1-480")
            if f"{rung}.mp4" in files
        ],
        "audio": [
            {"language": "zh-hans", "label": "汉语", "placeholder": False, "sources": sounds},
            {"language": "adx", "label": "藏语（安多）", "placeholder": True, "sources": sounds[1:]},
        ],
        "subtitles": [
            {"language": "zh-hans", "label": "汉语", "url": "/zh.vtt"},
            {"language": "bo", "label": "藏语", "url": "/bo.vtt"},
        ],
        "start_s": 0,
    }


@contextmanager
def player_stage(folder: Path, *, seconds: float = SECONDS) -> Iterator[Stage]:
    """Serve `/` (a page with the player), its assets and its objects until the block ends."""
    build_assets()
    public = folder / "public"
    files = transcode_lecture(folder, seconds)
    data = publish(files, public, seconds)

    async def page(request: Request) -> HTMLResponse:
        shown = {**data, **json.loads(request.query_params.get("data", "{}"))}
        text = json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c")
        return HTMLResponse(_page(text, data, request.query_params.get("lang", "zh-Hans")))

    async def subtitles(request: Request) -> PlainTextResponse:
        said = SUBTITLES if request.url.path == "/zh.vtt" else TIBETAN_SUBTITLES
        return PlainTextResponse(said, media_type="text/vtt")

    assets = folder / "assets"
    shutil.copytree(ROOT / "web" / "dist", assets / "web")
    application = Starlette(
        routes=[
            Route("/", page),
            Route("/zh.vtt", subtitles),
            Route("/bo.vtt", subtitles),
            Mount("/static", static_files("/static/", assets)),
            Mount("/", public_tree(public)),
        ]
    )
    with serve(application) as server:
        yield Stage(server, data, public)


def _page(text: str, data: dict[str, Any], lang: str) -> str:
    with translation.override("bo" if lang == "bo" else "zh-hans"):
        strings = render_to_string("player/strings.html")
    page = PAGE.replace("{data}", text).replace("{muxed}", data["muxed"]["url"])
    return page.replace("{lang}", lang).replace("{strings}", strings)


PLAYS = "m.currentTime > 1 && !m.paused"
SHOWS = "m.videoWidth > 0 && m.webkitDecodedFrameCount > 5 && m.webkitAudioDecodedByteCount > 0"
LISTEN, SLIDES, WATCH = "听声音", "看幻灯片", "看画面"
DECK = "document.querySelector('lesson-player').deck"


def opened(page: Page, address: str, query: str = "", **data: Any) -> None:
    """Open the player's page; `data` replaces members of the player's data."""
    changed = f"data={quote(json.dumps(data))}" if data else ""
    page.goto(f"{address}/?{changed}&{query}")
    expect(page.get_by_role("button", name=LISTEN if data.get("audio", True) else WATCH)).to_be_visible()


WAYS = ("start", "video", "audio", "slides")
"""Before anything was tapped, and each way of taking a lesson."""


@contextmanager
def shown(
    browser: Browser, stage: Stage, way: str, *, lang: str, width: int, height: int, **options: Any
) -> Iterator[Page]:
    """A page on which the player is taking the lesson in that way; `options` are a browser context's."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    page.goto(f"{stage.server.url}/?lang={lang}")
    page.wait_for_selector(".player__start button")
    if way != "start":
        page.evaluate(f"document.querySelector('lesson-player').begin('{way}', 0) && 0")
        media_until(page, "video" if way == "video" else "audio", "m.currentTime > 1")
        page.wait_for_selector(".player__tools button")
    yield page
    context.close()

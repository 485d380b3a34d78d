"""A small site for the browser tests of offline packages: real objects, real signatures, real pages, failing on demand.

The tree is made by the product's own builder and publisher, the pages are the product's templates, and bundles of
records are checked by the product's protocol. Only the server is the test's: it breaks connections, flips bits, plays
a captive portal, and keeps a ledger of every byte range that it sent.
"""

from __future__ import annotations

import json
import mimetypes
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe

from accounts.errors import PersonError
from accounts.wording import as_json
from config.security import STRICT, policy
from media_pipeline.objects import FolderStore
from media_pipeline.publication import FolderTree
from offline.packages import manifest, rules
from offline.packages.builder import BuildPlan, BuildResult, PackageBuilder, QuizContent
from offline.packages.contents import LessonRow, QuizRow
from offline.packages.keys import KeyFolder
from offline.packages.repository import Publisher
from offline.packages.selectors import PublishedPackage
from offline.sync import protocol
from tests.acceptance import extra_rungs
from tests.lecture_maker import make_lecture

ORGANISATION = "qumalai"
PAGE_POLICY = policy(STRICT, [])
"""The product's own: what it forbids must not be needed."""
MEMBER = UUID("7d1f6a52-90c3-4d57-8f0b-52f4b2a9f0ce")
_OBJECT = re.compile(r"/b/[0-9a-f]{2}/([0-9a-f]{64})")
_PIECE = 4096
SLIDES_FROM_S = (0, 8, 16)
"""When the slides of each lecture come; they are made by hand, since so short a one gets no deck from the pipeline."""


def transcode(folder: Path, *, seed: int, duration_s: float) -> list[dict[str, Any]]:
    """Renditions of a synthesised lecture, by the product's pipeline; kept in `folder` for later runs."""
    report = folder / "report.json"
    if not report.exists():
        folder.mkdir(parents=True, exist_ok=True)
        make_lecture(folder / "lecture.mp4", duration_s=duration_s, slides=4, seed=seed)
        command = [
            sys.executable,
            "manage.py",
            "transcode",
            str(folder / "lecture.mp4"),
            "--out",
            str(folder),
            "--json",
        ]
        said = subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True).stdout
        report.write_text(json.dumps(json.loads(said.splitlines()[-1])["rungs"]))
    return json.loads(report.read_text())


def lesson_manifest(
    store: FolderStore, folder: Path, rows: list[dict[str, Any]], *, title: str
) -> manifest.LessonManifest:
    """The lesson manifest of one transcoded lecture, its objects put into the store."""
    items = [_subtitles(store), _text(store), _deck(store, folder)]
    for row in rows:
        kind = row["kind"]
        if kind not in ("audio", "video", "poster"):
            continue
        sha256 = store.put_file(Path(row["path"]))
        index = folder / f"{row['name']}.index.json"
        index_sha = store.put_file(index) if index.exists() else None
        items.append(
            manifest.Item(
                kind=kind,
                language="zh-hans" if kind == "audio" else None,
                label="普通话" if kind == "audio" else row["name"],
                profile=row["name"],
                mime=row["mime"],
                sha256=sha256,
                length=row["bytes"],
                index=index_sha,
                index_length=index.stat().st_size if index_sha else None,
                duration_ms=int(row["duration_s"] * 1000) if row["duration_s"] else None,
            )
        )
    return manifest.LessonManifest(
        material=uuid4(),
        revision=secrets.token_hex(32),
        title=title,
        summary="这节课讲的是草原上的事。",
        minutes=12,
        genre="lesson",
        teacher="党校教师",
        items=rules.packed_items(items),
    )


def _subtitles(store: FolderStore) -> manifest.Item:
    text = "WEBVTT\n\n00:00.000 --> 00:18.000\n同志们好\n".encode()
    sha256 = store.put_bytes(text)
    return manifest.Item("subtitle", "zh-hans", "中文", "vtt", "text/vtt", sha256, len(text))


def _deck(store: FolderStore, folder: Path) -> manifest.Item:
    pictures, index = extra_rungs.deck(folder, SLIDES_FROM_S)
    sha256, index_sha = store.put_file(pictures), store.put_file(index)
    length, index_length = pictures.stat().st_size, index.stat().st_size
    return manifest.Item("deck", None, "幻灯片", "deck", "image/webp", sha256, length, index_sha, index_length)


def _text(store: FolderStore) -> manifest.Item:
    text = "春季产羔，先备干草和热水。\n夜里勤看圈。".encode()
    sha256 = store.put_bytes(text)
    return manifest.Item("text", "zh-hans", "正文", "text", "text/plain; charset=utf-8", sha256, len(text))


def picture_quiz() -> dict[str, Any]:
    """Three picture questions."""

    def answer(key: str, text: str, pictogram: str) -> dict[str, Any]:
        return {"key": key, "text": {"zh-hans": text, "bo": "ལན།"}, "pictogram": pictogram}

    questions = [
        ("产羔时先做什么？", "lamb", [answer("a", "擦干羊羔", "sheep"), answer("b", "放回雪地", "snow")]),
        ("草原上起火怎么办？", "fire", [answer("a", "打电话报警", "phone"), answer("b", "不管它", "wind")]),
        ("大雪封山前准备什么？", "snow", [answer("a", "草料", "hay"), answer("b", "什么都不做", "cross")]),
    ]
    return {
        "v": 1,
        "quiz": str(uuid4()),
        "title": "冬季放牧看图答题",
        "questions": [
            {
                "id": str(uuid4()),
                "text": {"zh-hans": text, "bo": "དྲི་བ།"},
                "pictogram": picture,
                "answers": answers,
                "correct": "a",
            }
            for text, picture, answers in questions
        ],
    }


@dataclass
class Request:
    """One answer that the server gave. `sent` counts bytes of the body; `end` is exclusive."""

    path: str
    start: int
    end: int | None
    status: int = 0
    sent: int = 0


@dataclass
class Fault:
    """What to do wrong: `kind` is cut, flip, whole (200 for 206), portal or missing; `at` is a byte of the body."""

    pattern: str
    kind: str
    at: int = 0
    times: int = 1

    def applies(self, path: str) -> bool:
        """Whether it hits this request; counts itself down."""
        if self.times <= 0 or not re.search(self.pattern, path):
            return False
        self.times -= 1
        return True


@dataclass
class OfflineSite:
    """A package, its pages and a server for them that can be switched off and on at the same address."""

    folder: Path
    faults: list[Fault] = field(default_factory=list)
    log: list[Request] = field(default_factory=list)
    bundles: list[bytes] = field(default_factory=list)
    lines: dict[tuple[UUID, UUID, int], bytes] = field(default_factory=dict)
    devices: dict[str, bytes] = field(default_factory=dict)
    signed_in: bool = False
    lose_answers: int = 0
    refusal: PersonError | None = None
    in_review: int = 0
    bytes_per_second: int = 0
    signing_clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        self.store = FolderStore(self.folder / "objects")
        self.tree = FolderTree(self.folder / "public", self.store)
        self.publisher = Publisher(self.folder / "public", KeyFolder(self.folder / "keys"), clock=self.signing_clock)
        self.quiz = picture_quiz()
        self.package_id = uuid4()
        self.lock = threading.Lock()
        self.lessons: tuple[manifest.LessonManifest, ...] = ()
        self.pages: dict[str, bytes] = {}
        self.port = 0
        self._server: ThreadingHTTPServer | None = None
        self._challenge = ""

    @property
    def address(self) -> str:
        """Where the site is served."""
        return f"http://127.0.0.1:{self.port}"

    def add_lessons(self, *lessons: manifest.LessonManifest) -> None:
        """Make these the package's lessons; `publish` signs them."""
        self.lessons = lessons

    def publish(self, *, version: int = 1) -> BuildResult:
        """Sign the package as it is and render its pages."""
        plan = BuildPlan(
            package=self.package_id,
            organisation=ORGANISATION,
            version=version,
            title="曲麻莱冬春训",
            campaign="2026 年冬春训",
            published=datetime.now(UTC),
            lessons=self.lessons,
            quizzes=(QuizContent(UUID(self.quiz["quiz"]), json.dumps(self.quiz, ensure_ascii=False).encode()),),
        )
        built = PackageBuilder(
            store=self.store, announce=lambda _package, objects: self.tree.publish(objects), publisher=self.publisher
        ).build(plan)
        self._render(built)
        return built

    def sizes(self) -> dict[str, int]:
        """Bytes of the choices, each object once."""
        return rules.sizes(self.lessons)

    def _render(self, built: BuildResult) -> None:
        package = PublishedPackage(
            package_id=self.package_id,
            title="曲麻莱冬春训",
            campaign="2026 年冬春训",
            organisation=ORGANISATION,
            organisation_name="曲麻莱县委",
            target=built.target.path,
            version=built.manifest.version,
            length=self.sizes()["small"],
            sizes=self.sizes(),
            minutes=built.manifest.minutes,
            lessons=len(self.lessons),
            published=datetime.fromisoformat(built.manifest.published),
            materials=tuple(lesson.material for lesson in self.lessons),
        )
        rows = [
            LessonRow(
                lesson.material, lesson.title, lesson.summary, lesson.minutes, lesson.genre, "专题课", lesson.teacher,
                f"/courses/{lesson.material}/", "", (), None,
            )
            for lesson in self.lessons
        ]  # fmt: skip
        quizzes = [QuizRow(UUID(self.quiz["quiz"]), self.quiz["title"], len(self.quiz["questions"]))]
        root = mark_safe(self.publisher.trusted_root().decode())
        data = {
            **package.as_dict(),
            "lessons": [{"material": str(row.material), "title": row.title, "minutes": row.minutes} for row in rows],
            "quizzes": [{"material": str(row.material), "title": row.title} for row in quizzes],
        }
        shown = {"trusted_root": root, "package": package.as_dict(), "package_data": data}
        for language in ("zh-hans", "bo"):
            with translation.override(language):
                self._page("packages:shell", "shell", trusted_root=root)
                self._page("packages:list", "list", trusted_root=root, packages=[package.as_dict()])
                identity = self.package_id
                self._page("packages:package", "package", identity, **shown, lessons=rows, quizzes=quizzes)
                for row in rows:
                    self._page(
                        "packages:lesson", "lesson", identity, row.material, **shown, lesson=row, player_data=None
                    )
                self._page("packages:quiz", "quiz", identity, self.quiz["quiz"], **shown, quiz=self.quiz)

    def _page(self, name: str, template: str, *arguments: Any, **context: Any) -> None:
        path = reverse(name, args=arguments)
        html = render_to_string(f"packages/{template}.html", context, RequestFactory().get(path))
        self.pages[path] = html.encode()

    def start(self) -> None:
        """Serve; after `stop` again at the same port."""
        site = self

        class Handler(_Handler):
            pass

        Handler.site = site
        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """The network is gone: nobody listens any more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @contextmanager
    def running(self) -> Iterator[OfflineSite]:
        """Served for the length of a block."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def requests_for(self, sha256: str) -> list[Request]:
        """What was asked of one object."""
        return [request for request in self.log if request.path.endswith(sha256)]

    def challenge(self) -> str:
        """A new challenge for the signed-in member."""
        self._challenge = secrets.token_hex(16)
        return self._challenge

    def register(self, document: dict[str, str]) -> dict[str, str]:
        """Take a device's key, once its proof holds."""
        key = bytes.fromhex(document["public_key"])
        proof = bytes.fromhex(document["proof"])
        assert protocol.verify_signature(key, proof, protocol.device_proof_message(self._challenge))
        known = next((device for device, other in self.devices.items() if other == key), None)
        device = known or str(uuid4())
        self.devices[device] = key
        return {"device_id": device, "member_pseudonym": str(MEMBER)}

    def take_bundle(self, body: bytes) -> dict[str, Any]:
        """Check a bundle as the product does and acknowledge it."""
        bundle = protocol.parse_bundle(body)
        header = bundle.header
        protocol.verify_bundle(bundle, self.devices[str(header.device)])
        with self.lock:
            self.bundles.append(body)
            duplicates = 0
            for number, line in enumerate(bundle.lines, header.first):
                key = (header.device, header.epoch, number)
                duplicates += key in self.lines
                assert self.lines.setdefault(key, line) == line
        return {
            "device": str(header.device), "epoch": str(header.epoch), "contiguous": header.last, "head": header.head,
            "gaps": [], "server_time": datetime.now(UTC).isoformat(), "accepted": header.count - duplicates,
            "duplicate": duplicates, "quarantined": 0, "in_review": self.in_review,
        }  # fmt: skip

    def statements(self) -> list[dict[str, Any]]:
        """The records that arrived, in order."""
        return [json.loads(self.lines[key]) for key in sorted(self.lines, key=lambda key: (str(key[1]), key[2]))]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: OfflineSite

    def log_message(self, *arguments: Any) -> None:
        """Quiet: `site.log` keeps what matters."""

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        routes: dict[str, Callable[[], None]] = {
            "/sw.js": lambda: self._file(settings.BASE_DIR / "web/dist/sw.js", "text/javascript"),
            "/api/v1/devices/challenge/": self._challenge,
        }
        if path in routes:
            routes[path]()
        elif path in self.site.pages:
            if self._cut_off(path):
                return
            self._answer(
                200, self.site.pages[path], "text/html; charset=utf-8", {"Content-Security-Policy": PAGE_POLICY}
            )
        elif path.startswith("/static/web/"):
            name = path.removeprefix("/static/web/")
            self._file(settings.BASE_DIR / "web/dist" / name, mimetypes.guess_type(name)[0] or "text/plain")
        elif path.startswith(("/b/", "/tuf/", "/pkg/")):
            self._tree(path)
        else:
            self._answer(404, b"", "text/plain")

    def _cut_off(self, path: str) -> bool:
        """Whether a fault breaks the connection before a page comes."""
        with self.site.lock:
            fault = next((fault for fault in self.site.faults if fault.kind == "cut" and fault.applies(path)), None)
        if fault is None:
            return False
        self.close_connection = True
        self.connection.close()
        return True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/api/v1/devices/":
            assert self.headers["X-CSRFToken"] == "test-token"
            self._json(200, self.site.register(json.loads(body)))
        elif self.path == "/api/v1/records/" and self.site.refusal:
            self._json(self.site.refusal.http_status, as_json(self.site.refusal))
        elif self.path == "/api/v1/records/":
            acknowledgement = self.site.take_bundle(body)
            if self.site.lose_answers > 0:
                self.site.lose_answers -= 1
                self.close_connection = True
                return
            self._json(200, acknowledgement)
        else:
            self._json(404, {})

    def _challenge(self) -> None:
        if not self.site.signed_in:
            self._json(401, {"error": {"code": "sign-in-first", "message": "请先登录"}})
            return
        document = {"challenge": self.site.challenge(), "expires_in": 600, "member_pseudonym": str(MEMBER)}
        self._json(200, document, {"Set-Cookie": "csrftoken=test-token; Path=/"})

    def _json(self, status: int, document: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._answer(status, json.dumps(document).encode(), "application/json", headers)

    def _file(self, path: Path, mime: str) -> None:
        self._answer(200, path.read_bytes(), mime, {"Cache-Control": "no-cache"})

    def _answer(self, status: int, body: bytes, mime: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": mime, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _tree(self, path: str) -> None:
        file = self.site.folder / "public" / path.lstrip("/")
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not file.is_file():
            self._answer(404, b"", "text/plain")
            return
        data = file.read_bytes()
        start = int(match[1]) if match else 0
        end = min(len(data), int(match[2]) + 1) if match and match[2] else len(data)
        request = Request(path, start, end, 206 if match else 200)
        with self.site.lock:
            self.site.log.append(request)
            fault = next((fault for fault in self.site.faults if fault.applies(path)), None)
        if fault is None:
            self._send(request, data[start:end], len(data))
        else:
            self._fail(fault, request, data)

    def _fail(self, fault: Fault, request: Request, data: bytes) -> None:
        assert request.end is not None
        wanted = data[request.start : request.end]
        if fault.kind == "portal":
            self._answer(200, b"<html><title>WiFi</title>log in</html>", "text/html")
        elif fault.kind == "missing":
            self._answer(404, b"", "text/plain")
        elif fault.kind == "whole":
            request.status = 200
            self._send(request, data, len(data))
        elif fault.kind == "flip":
            at = min(fault.at, len(wanted) - 1)
            self._send(request, wanted[:at] + bytes([wanted[at] ^ 1]) + wanted[at + 1 :], len(data))
        elif fault.kind == "cut":
            self._send(request, wanted, len(data), cut=fault.at)
        else:
            raise AssertionError(fault.kind)

    def _send(self, request: Request, body: bytes, total: int, cut: int | None = None) -> None:
        self.send_response(request.status)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        if request.status == 206:
            self.send_header("Content-Range", f"bytes {request.start}-{request.start + len(body) - 1}/{total}")
        self.end_headers()
        limit = len(body) if cut is None else min(cut, len(body))
        for at in range(0, limit, _PIECE):
            piece = body[at : min(at + _PIECE, limit)]
            try:
                self.wfile.write(piece)
            except (BrokenPipeError, ConnectionResetError):
                return
            request.sent += len(piece)
            if self.site.bytes_per_second:
                threading.Event().wait(len(piece) / self.site.bytes_per_second)
        if cut is not None and cut < len(body):
            self.close_connection = True
            self.connection.close()

"""Check a published tree as a stranger would: an ordinary TUF client, then every object's hash (§5.3).

The tree is a folder or a web address; nothing but the trusted root is taken from elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3
from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.ngclient import Updater
from tuf.ngclient.fetcher import FetcherInterface

from offline.packages import manifest, signing
from offline.packages.errors import PackageError, TreeDamaged

PIECE = 128 * 1024
HTTP_TIMEOUT_S = 30.0
MAX_INDEX_BYTES = 32 * 1024 * 1024
_SCHEME = "tree://folder/"


@dataclass(frozen=True, slots=True)
class VerifiedPackage:
    """A package of which every byte was reached from a signature."""

    target: str
    manifest: manifest.PackageManifest
    objects: int
    length: int


class FolderFetcher(FetcherInterface):
    """Serves a folder to the TUF client as if it were a web server; remembers the last name asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.last = ""

    def _fetch(self, url: str) -> Iterator[bytes]:
        self.last = _name_of(url)
        path = self.root / self.last
        if ".." in Path(self.last).parts or not path.is_file():
            raise DownloadHTTPError(f"{self.last} is not there", 404)
        with path.open("rb") as reader:
            while piece := reader.read(PIECE):
                yield piece


class WebFetcher(FetcherInterface):
    """Fetches over HTTP in pieces; remembers the last name asked for."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.last = ""
        self._pool = urllib3.PoolManager(retries=urllib3.Retry(2, redirect=0), timeout=HTTP_TIMEOUT_S)

    def _fetch(self, url: str) -> Iterator[bytes]:
        self.last = _name_of(url).removeprefix(_name_of(self.base)).lstrip("/")
        try:
            response = self._pool.request("GET", url, preload_content=False)
            if response.status != 200:
                raise DownloadHTTPError(f"{self.last} answered {response.status}", response.status)
            yield from response.stream(PIECE)
        except urllib3.exceptions.HTTPError as error:
            raise DownloadError(f"{self.last}: {error}") from error


class TreeVerifier:
    """Walks a tree from its root to the last object.

    `trusted_root` is `1.root.json` as the client has it; `on_object` hears every object's name and length in bytes.
    """

    def __init__(
        self,
        *,
        trusted_root: bytes,
        folder: Path | None = None,
        url: str | None = None,
        view: str = signing.ONLINE_VIEW,
        on_object: Callable[[str, int], None] = lambda name, length: None,
    ) -> None:
        if (folder is None) == (url is None):
            raise ValueError("either a folder or an address")
        self._base = _SCHEME if folder is not None else str(url).rstrip("/") + "/"
        self._fetcher: FolderFetcher | WebFetcher = (
            FolderFetcher(folder) if folder is not None else WebFetcher(self._base)
        )
        self._trusted_root = trusted_root
        self._view = view
        self._on_object = on_object
        self._checked: dict[str, int] = {}

    def verify(self) -> list[VerifiedPackage]:
        """Every package that the tree signs.

        Raises TreeDamaged with the name of the first wrong file and the reason, or ManifestTooNew.
        """
        with tempfile.TemporaryDirectory(prefix="verify-") as scratch:
            try:
                return self._verify(Path(scratch))
            except (RepositoryError, DownloadError) as error:
                raise TreeDamaged(name=self._fetcher.last or "1.root.json", reason=str(error)[:200]) from error

    def _verify(self, scratch: Path) -> list[VerifiedPackage]:
        targets_dir = scratch / "targets"
        targets_dir.mkdir()
        updater = Updater(
            str(scratch / "metadata"),
            self._base + signing.METADATA_ROOT[self._view] + "/",
            str(targets_dir),
            self._base,
            fetcher=self._fetcher,
            bootstrap=self._trusted_root,
        )
        updater.refresh()
        packages = []
        for path in list(self._signed_paths(updater, scratch / "metadata")):
            info = updater.get_targetinfo(path)
            if info is None:
                raise TreeDamaged(name=path, reason="not reachable by delegation")
            data = Path(updater.download_target(info)).read_bytes()
            packages.append(self._verify_package(path, data))
        return packages

    @staticmethod
    def _signed_paths(updater: Updater, metadata_dir: Path) -> Iterator[str]:
        """Every target path of every organisation; the client keeps what it has verified in `metadata_dir`."""
        targets = json.loads((metadata_dir / "targets.json").read_bytes())
        for role in targets["signed"].get("delegations", {}).get("roles", []):
            for pattern in role["paths"]:
                updater.get_targetinfo(pattern.replace("*", "-"))
            delegated = json.loads((metadata_dir / f"{role['name']}.json").read_bytes())
            yield from delegated["signed"]["targets"]

    def _verify_package(self, target: str, data: bytes) -> VerifiedPackage:
        package = self._parse(target, manifest.parse_package, data)
        seen: dict[str, int] = {}
        for quiz in package.quizzes:
            name = object_name(quiz.sha256)
            self._parse(name, manifest.parse_quiz, self._small(quiz.sha256, quiz.length))
            seen[quiz.sha256] = quiz.length
        for reference in package.lessons:
            raw = self._small(reference.sha256, reference.length)
            lesson = self._parse(object_name(reference.sha256), manifest.parse_lesson, raw)
            seen[reference.sha256] = reference.length
            for item in lesson.items:
                self._check_item(item)
            seen.update(lesson.objects())
        return VerifiedPackage(target, package, len(seen), sum(seen.values()))

    def _check_item(self, item: manifest.Item) -> None:
        self._check_object(item.sha256, item.length)
        if item.index is not None and item.index not in self._checked:
            described = _described_by(json.loads(self._small(item.index, item.index_length or 0)), item.kind)
            if described != (item.sha256, item.length):
                raise TreeDamaged(name=object_name(item.index), reason="index of another object")

    @staticmethod
    def _parse(name: str, parse: Callable, data: bytes):  # noqa: ANN205
        try:
            return parse(data)
        except PackageError as error:
            if error.code == "update-the-app":
                raise
            raise TreeDamaged(name=name, reason=str(error)) from error

    def _small(self, sha256: str, length: int) -> bytes:
        if length > MAX_INDEX_BYTES:
            raise TreeDamaged(name=object_name(sha256), reason=f"longer than {MAX_INDEX_BYTES} bytes")
        pieces: list[bytes] = []
        self._check_object(sha256, length, keep=pieces)
        return b"".join(pieces)

    def _check_object(self, sha256: str, length: int, keep: list[bytes] | None = None) -> None:
        """Hash one object, reading at most one piece more than its signed length."""
        if sha256 in self._checked and keep is None:
            return
        name = object_name(sha256)
        digest, total = hashlib.sha256(), 0
        for piece in self._fetcher.fetch(self._base + name):
            total += len(piece)
            if total > length:
                break
            digest.update(piece)
            if keep is not None:
                keep.append(piece)
        if total != length:
            raise TreeDamaged(name=name, reason=f"{'at least ' if total > length else ''}{total} of {length} bytes")
        if digest.hexdigest() != sha256:
            raise TreeDamaged(name=name, reason="SHA-256")
        if sha256 not in self._checked:
            self._checked[sha256] = length
            self._on_object(name, length)


def _described_by(index: Any, kind: str) -> tuple[str, int] | None:
    """Hash and length of the object that an index (§2.6) speaks of; None for what is none."""
    try:
        parts = index["slides"] if kind == "deck" else [[index["init"]], *index["segments"]]
        return index["object"], sum(part[0] for part in parts)
    except (KeyError, IndexError, TypeError):
        return None


def object_name(sha256: str) -> str:
    """Where an object lies in the tree (§1.1)."""
    return f"b/{sha256[:2]}/{sha256}"


def _name_of(url: str) -> str:
    return unquote(urlsplit(url).path).lstrip("/")

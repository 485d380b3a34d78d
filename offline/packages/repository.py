"""The signed tree on disk: publishes packages and keeps the metadata fresh (docs/spec/offline-package.md §4).

Every file is written aside, fsynced and renamed; `timestamp.json` is the last and the only one that is ever replaced,
so that a crash at any write leaves the whole old or the whole new state.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from securesystemslib.signer import Signer
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from media_pipeline.durable import commit, temporary_beside
from offline.packages import signing
from offline.packages.errors import SigningKeyMissing, TreeDamaged
from offline.packages.keys import KeyFolder

KEEP_SUPERSEDED = timedelta(days=30)
"""Superseded files stay this long for clients in mid-download (§4.4)."""
POLICIES = {"embedded": signing.EMBEDDED_POLICY, "province": signing.PROVINCE_POLICY}
MAX_METADATA_BYTES = 5_000_000

WriteHook = Callable[[str, str], None]
"""Called with (stage, file name) around each step of a write; tests raise from it to play a crash."""

_METADATA_NAME = re.compile(r"(\d+)\.([A-Za-z0-9_-]+)\.json")


def _no_hook(stage: str, name: str) -> None:
    """Nothing to do in the running product."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PublishedTarget:
    """A signed target: its path in the metadata, the hash and the length of its bytes."""

    path: str
    sha256: str
    length: int


@dataclass(frozen=True)
class Publisher:
    """Writes one view of one tree. All writing methods take the publisher's lock."""

    tree: Path
    keys: KeyFolder
    policy: signing.Policy = field(default_factory=lambda: signing.EMBEDDED_POLICY)
    clock: Callable[[], datetime] = _now
    hook: WriteHook = _no_hook
    view: str = signing.ONLINE_VIEW

    @property
    def metadata_dir(self) -> Path:
        """Folder of this view's metadata."""
        return self.tree / signing.METADATA_ROOT[self.view]

    def initialise(self) -> bool:
        """Make keys, the root and an empty repository where they are missing; True if anything was made."""
        with self.keys.publisher_lock():
            if self._read("timestamp.json") is not None:
                return False
            self._initialise()
            return True

    def trusted_root(self) -> bytes:
        """`1.root.json`, the beginning of every client's trust (§3.4); made on first use."""
        data = self._read("1.root.json")
        if data is None:
            self.initialise()
            data = self._read("1.root.json")
        if data is None:
            raise TreeDamaged(name="1.root.json", reason="missing")
        return data

    def state(self) -> signing.RepositoryState | None:
        """What is signed now, its signatures checked; None before `initialise`.

        Raises TreeDamaged, with the name of the file that is wrong.
        """
        timestamp_bytes = self._read("timestamp.json")
        if timestamp_bytes is None:
            return None
        root = self._newest_root()
        timestamp: Metadata[Timestamp] = self._load("timestamp.json", timestamp_bytes, root.signed, "timestamp")
        snapshot: Metadata[Snapshot] = self._load_version(
            "snapshot", timestamp.signed.snapshot_meta.version, root.signed
        )
        meta = snapshot.signed.meta
        targets: Metadata[Targets] = self._load_version("targets", meta["targets.json"].version, root.signed)
        organisations: dict[str, Metadata[Targets]] = {}
        for name, info in meta.items():
            role = name.removesuffix(".json")
            if role != "targets":
                organisations[role] = self._load_version(role, info.version, targets.signed)
        return signing.RepositoryState(root, targets, organisations, snapshot, timestamp)

    def publish(self, *, code: str, package_id: str, data: bytes) -> PublishedTarget:
        """Sign `data` as the manifest of a package of organisation `code` and put it into the tree.

        Raises SigningKeyMissing, TreeDamaged or OSError; then the old state stays.
        """
        with self.keys.publisher_lock():
            state = self.state() or self._initialise()
            path = signing.target_path(code, package_id)
            sha256 = hashlib.sha256(data).hexdigest()
            ring = self._key_ring(state, code)
            change = signing.with_target(
                state, self.policy, ring, code=code, path=path, data=data, now=self._signing_time(state)
            )
            self._write(self.tree / signing.target_file_name(path, sha256), data)
            self._write_metadata(change)
            return PublishedTarget(path, sha256, len(data))

    def retract(self, paths: Collection[str]) -> bool:
        """Sign that these targets are no more (§5.6); True if one of them was. Their files go as superseded ones do.

        Raises SigningKeyMissing, TreeDamaged or OSError; then the old state stays.
        """
        with self.keys.publisher_lock():
            state = self.state()
            if state is None:
                return False
            ring = self._key_ring(state)
            change = signing.without_targets(state, self.policy, ring, paths=paths, now=self._signing_time(state))
            if change is not None:
                self._write_metadata(change)
            return change is not None

    def targets(self) -> list[PublishedTarget]:
        """Everything that is signed now.

        Raises TreeDamaged.
        """
        state = self.state()
        organisations = state.organisations.values() if state is not None else ()
        return [
            PublishedTarget(path, target.hashes["sha256"], target.length)
            for organisation in organisations
            for path, target in organisation.signed.targets.items()
        ]

    def current_target(self, path: str) -> PublishedTarget | None:
        """What is signed under that target path now."""
        return next((target for target in self.targets() if target.path == path), None)

    def read_target(self, target: PublishedTarget) -> bytes:
        """The bytes of a signed target, checked.

        Raises TreeDamaged.
        """
        name = signing.target_file_name(target.path, target.sha256)
        try:
            data = (self.tree / name).read_bytes()
        except OSError as error:
            raise TreeDamaged(name=name, reason="missing") from error
        if hashlib.sha256(data).hexdigest() != target.sha256:
            raise TreeDamaged(name=name, reason="hash")
        return data

    def refresh(self, *, force: bool = False) -> bool:
        """Renew what will expire (§3.3), making the repository on first use; True if something was written."""
        with self.keys.publisher_lock():
            state = self.state()
            if state is None:
                self._initialise()
                return True
            ring = self._key_ring(state)
            change = signing.refreshed(state, self.policy, ring, self._signing_time(state), force=force)
            if change is not None:
                self._write_metadata(change)
            return change is not None

    def renew_root(self) -> int:
        """Sign the next version of the root with the same keys; returns its version.

        Raises SigningKeyMissing when fewer root keys than the threshold are here.
        """
        with self.keys.publisher_lock():
            root = self._newest_root()
            ring = {"root": self._authorised(root, "root")}
            renewed = signing.renewed_root(root, self.policy, ring, self.clock())
            version = renewed.signed.version
            self._write(self.metadata_dir / signing.file_name("root", version), renewed.to_bytes())
            return version

    def collect_garbage(self) -> int:
        """Remove what was superseded more than 30 days ago (§4.4); returns how many files went."""
        with self.keys.publisher_lock():
            state = self.state()
            if state is None:
                return 0
            horizon = self.clock().timestamp() - KEEP_SUPERSEDED.total_seconds()
            garbage = list(self._superseded(state, horizon))
            for path in garbage:
                path.unlink(missing_ok=True)
            return len(garbage)

    def _superseded(self, state: signing.RepositoryState, horizon: float) -> Iterator[Path]:
        needed = set(signing.metadata_files(state))
        for path in self.metadata_dir.glob("*.json"):
            match = _METADATA_NAME.fullmatch(path.name)
            if match is None or match[2] == "root" or path.name in needed:
                continue
            successor = path.with_name(signing.file_name(match[2], int(match[1]) + 1))
            if not successor.exists() or successor.stat().st_mtime < horizon:
                yield path
        for role, metadata in state.organisations.items():
            announced = self.metadata_dir / signing.file_name(role, metadata.signed.version)
            if announced.stat().st_mtime >= horizon:
                continue
            targets = metadata.signed.targets.items()
            kept = {Path(signing.target_file_name(path, target.hashes["sha256"])).name for path, target in targets}
            folder = self.tree / "pkg" / role.removeprefix("org-")
            yield from (path for path in folder.glob("*.json") if path.name not in kept)

    def _initialise(self) -> signing.RepositoryState:
        ring = {role: self.keys.load_or_create(role, self.policy[role].keys) for role in signing.TOP_LEVEL_ROLES}
        now = self.clock()
        if self._read("1.root.json") is None:
            root = signing.initial_root(self.policy, ring, now)
            self._write(self.metadata_dir / "1.root.json", root.to_bytes())
        change = signing.initial_state(self._newest_root(), self.policy, ring, now)
        self._write_metadata(change)
        return change.state

    def _signing_time(self, state: signing.RepositoryState) -> datetime:
        """Never earlier than the newest signature: a clock that fell back must not shorten anything."""
        return max(self.clock(), signing.newest_signed_date(state, self.policy))

    def _key_ring(self, state: signing.RepositoryState, new_code: str | None = None) -> dict[str, list[Signer]]:
        """The signers of this machine that the state authorises; a new organisation's are made."""
        ring: dict[str, list[Signer]] = {
            role: self._authorised(state.root, role) for role in ("targets", "snapshot", "timestamp")
        }
        for role in state.organisations:
            ring[role] = self._authorised(state.targets, role)
        if new_code is not None and (role := signing.role_of(new_code)) not in ring:
            if not ring["targets"]:
                raise SigningKeyMissing(role="targets")
            ring[role] = list(self.keys.load_or_create(role, self.policy[signing.ORGANISATION_ROLE].keys))
        return ring

    def _authorised(self, delegator: Metadata[Any], role: str) -> list[Signer]:
        known = set(delegator.signed.get_delegated_role(role).keyids)
        return [signer for signer in self.keys.load(role) if signer.public_key.keyid in known]

    def _newest_root(self) -> Metadata[Root]:
        version, newest = 1, None
        while (data := self._read(signing.file_name("root", version))) is not None:
            name = signing.file_name("root", version)
            parsed: Metadata[Root] = self._parse(name, data)
            self._check(name, (newest or parsed).signed, "root", parsed)
            newest, version = parsed, version + 1
        if newest is None:
            raise TreeDamaged(name="1.root.json", reason="missing")
        return newest

    def _load_version(self, role: str, version: int, delegator: Root | Targets) -> Metadata[Any]:
        name = signing.file_name(role, version)
        data = self._read(name)
        if data is None:
            raise TreeDamaged(name=name, reason="missing")
        return self._load(name, data, delegator, role)

    def _load(self, name: str, data: bytes, delegator: Root | Targets, role: str) -> Metadata[Any]:
        metadata = self._parse(name, data)
        self._check(name, delegator, role, metadata)
        return metadata

    @staticmethod
    def _parse(name: str, data: bytes) -> Metadata[Any]:
        try:
            return Metadata.from_bytes(data)
        except DeserializationError as error:
            raise TreeDamaged(name=name, reason="not metadata") from error

    @staticmethod
    def _check(name: str, delegator: Root | Targets, role: str, metadata: Metadata[Any]) -> None:
        try:
            delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
        except (RepositoryError, ValueError) as error:
            raise TreeDamaged(name=name, reason="signature") from error

    def _read(self, name: str) -> bytes | None:
        try:
            with (self.metadata_dir / name).open("rb") as reader:
                return reader.read(MAX_METADATA_BYTES)
        except FileNotFoundError:
            return None

    def _write_metadata(self, change: signing.Change) -> None:
        for name, data in change.files:
            self._write(self.metadata_dir / name, data)

    def _write(self, path: Path, data: bytes) -> None:
        """Temporary file, fsync, rename, fsync of the folder (§4.2)."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_beside(path)
        self.hook("begin", path.name)
        try:
            with temporary.open("xb") as writer:
                writer.write(data)
                self.hook("written", path.name)
                writer.flush()
                os.fsync(writer.fileno())
            temporary.chmod(0o644)
            self.hook("synced", path.name)
            commit(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        self.hook("renamed", path.name)


def default_publisher() -> Publisher:
    """The publisher of this installation; `PACKAGE_SIGNING_POLICY` names its policy (`embedded` or `province`)."""
    policy = POLICIES[getattr(settings, "PACKAGE_SIGNING_POLICY", "embedded")]
    return Publisher(Path(settings.PUBLIC_TREE_DIR), KeyFolder(Path(settings.KEYS_DIR)), policy)


def refresh_timestamp(*, force: bool = False) -> bool:
    """Keep the running product's metadata from expiring; idempotent, cheap when nothing is due.

    Returns whether something was signed.
    """
    return default_publisher().refresh(force=force)

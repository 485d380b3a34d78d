"""Writes `tuf-scenarios.json`: repositories made by the `tuf` library, good and hostile, for the browser's client.

Each scenario is {files: {path: text}, now: ISO, root: text of the delivered root, target?, wants: "ok" | error code}.
A scenario may have `before`: files that the client saw, and trusts, from an earlier visit. Keys are fixed, so the file
changes only when this script does. Run: `python web/tests/offline/make_tuf_scenarios.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PATH = "pkg/qumalai/5a9cfd7c-0f5e-4c52-9d7e-3f0b6d6a1e01.json"
SERIALIZER = JSONSerializer(compact=True)


def signer(name: str) -> CryptoSigner:
    """A key that is the same in every run."""
    return CryptoSigner(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()))


class Repository:
    """Four roles and one delegation, with everything in reach of a scenario."""

    def __init__(self) -> None:
        self.signers = {
            name: [signer(name)] for name in ("targets", "snapshot", "timestamp", "org-qumalai", "org-other")
        }
        self.signers["root"] = [signer(f"root{number}") for number in range(3)]
        self.files: dict[str, str] = {}
        self.body = b'{"v":1,"title":"\xe6\x9b\xb2\xe9\xba\xbb\xe8\x8e\xb1"}'
        self.root = Root(expires=NOW + timedelta(days=900), consistent_snapshot=True)
        for role in ("root", "targets", "snapshot", "timestamp"):
            for key in self.signers[role]:
                self.root.add_key(key.public_key, role)
        self.root.roles["root"].threshold = 2
        self.targets = Targets(expires=NOW + timedelta(days=400), delegations=Delegations({}, {}))
        self.organisation = Targets(expires=NOW + timedelta(days=400))
        self.delegate("org-qumalai", ["pkg/qumalai/*"])
        self.snapshot = Snapshot(expires=NOW + timedelta(days=400))
        self.timestamp = Timestamp(expires=NOW + timedelta(days=7))
        self.organisation.targets[PATH] = TargetFile.from_data(PATH, self.body, ["sha256"])
        self.others: dict[str, Targets] = {}

    def delegate(self, name: str, paths: list[str], *, terminating: bool = True) -> None:
        """Let a role speak for paths."""
        key = self.signers[name][0].public_key
        assert self.targets.delegations is not None
        assert self.targets.delegations.roles is not None
        self.targets.delegations.roles[name] = DelegatedRole(name, [], 1, terminating, paths)
        self.targets.add_key(key, name)

    def write_root(self, signers: list[CryptoSigner] | None = None) -> None:
        """Sign the root as it is."""
        self.put(f"{self.root.version}.root.json", self.root, signers or self.signers["root"])

    def put(self, name: str, signed: Any, signers: list[CryptoSigner]) -> bytes:
        """Sign and keep a metadata file."""
        metadata = Metadata(deepcopy(signed))
        for key in signers:
            metadata.sign(key, append=True)
        data = metadata.to_bytes(SERIALIZER)
        self.files[f"tuf/{name}"] = data.decode()
        return data

    def publish(self) -> Repository:
        """Write everything below the root."""
        roles = {"targets": self.targets, "org-qumalai": self.organisation, **self.others}
        for name, signed in roles.items():
            data = self.put(f"{signed.version}.{name}.json", signed, self.signers[name])
            self.snapshot.meta[f"{name}.json"] = MetaFile.from_data(signed.version, data, ["sha256"])
        data = self.put(f"{self.snapshot.version}.snapshot.json", self.snapshot, self.signers["snapshot"])
        self.timestamp.snapshot_meta = MetaFile.from_data(self.snapshot.version, data, ["sha256"])
        self.put("timestamp.json", self.timestamp, self.signers["timestamp"])
        folder, _, name = PATH.rpartition("/")
        self.files[f"{folder}/{hashlib.sha256(self.body).hexdigest()}.{name}"] = self.body.decode()
        return self

    def bump(self, *roles: Signed) -> None:
        """Raise versions."""
        for role in roles:
            role.version += 1

    def next_version(self) -> None:
        """A changed target, signed anew in every role below the root."""
        self.body = b'{"v":1,"title":"second"}'
        self.organisation.targets[PATH] = TargetFile.from_data(PATH, self.body, ["sha256"])
        self.bump(self.organisation, self.snapshot, self.timestamp)
        self.publish()


SCENARIOS: dict[str, tuple[Callable[[Repository], Any], str]] = {}


def scenario(wants: str) -> Callable[[Callable[[Repository], Any]], Callable[[Repository], Any]]:
    """Register a scenario. The function changes the repository; what it returns updates the scenario."""

    def register(function: Callable[[Repository], Any]) -> Callable[[Repository], Any]:
        SCENARIOS[(function.__doc__ or "").strip()] = (function, wants)
        return function

    return register


def visited(repository: Repository) -> dict[str, Any]:
    """The client trusts what is there now, before the change that follows."""
    return {"before": dict(repository.files)}


@scenario("ok")
def _plain(repository: Repository) -> None:
    """a fresh client finds a delegated target"""


@scenario("ok")
def _unchanged(repository: Repository) -> Any:
    """a second visit to an unchanged repository"""
    return visited(repository)


@scenario("ok")
def _newer(repository: Repository) -> Any:
    """a newer version replaces the older one"""
    before = visited(repository)
    repository.next_version()
    return before


@scenario("ok")
def _rotated(repository: Repository) -> Any:
    """the root was rotated three times while the phone was away"""
    before = visited(repository)
    for number in range(3):
        old = repository.signers["root"]
        fresh = [signer(f"root{number}-{extra}") for extra in range(3)]
        for key in old:
            repository.root.revoke_key(key.public_key.keyid, "root")
        for key in fresh:
            repository.root.add_key(key.public_key, "root")
        repository.bump(repository.root)
        repository.write_root(old[:2] + fresh[:2])
        repository.signers["root"] = fresh
    return before


@scenario("ok")
def _rekeyed(repository: Repository) -> Any:
    """after the timestamp key was replaced a lower timestamp is believed"""
    repository.timestamp.version = 90
    repository.publish()
    before = visited(repository)
    old = repository.signers["timestamp"][0]
    repository.signers["timestamp"] = [signer("timestamp-2")]
    repository.root.revoke_key(old.public_key.keyid, "timestamp")
    repository.root.add_key(repository.signers["timestamp"][0].public_key, "timestamp")
    repository.bump(repository.root)
    repository.write_root()
    repository.timestamp.version = 2
    repository.publish()
    return before


@scenario("trust-unsigned")
def _threshold(repository: Repository) -> Any:
    """a root with one signature where two are needed"""
    before = visited(repository)
    repository.bump(repository.root)
    repository.write_root(repository.signers["root"][:1])
    return before


@scenario("trust-unsigned")
def _duplicates(repository: Repository) -> Any:
    """one key that signed twice does not reach a threshold of two"""
    before = visited(repository)
    repository.bump(repository.root)
    repository.write_root(repository.signers["root"][:1])
    name = f"tuf/{repository.root.version}.root.json"
    document = json.loads(repository.files[name])
    document["signatures"] *= 2
    repository.files[name] = json.dumps(document)
    return before


@scenario("trust-version")
def _gap(repository: Repository) -> Any:
    """a root chain with a hole"""
    before = visited(repository)
    repository.root.version += 2
    repository.write_root()
    repository.files["tuf/2.root.json"] = repository.files.pop("tuf/3.root.json")
    return before


@scenario("trust-unsigned")
def _forged_timestamp(repository: Repository) -> Any:
    """a timestamp by a stranger's key"""
    before = visited(repository)
    repository.bump(repository.timestamp)
    repository.put("timestamp.json", repository.timestamp, [signer("stranger")])
    return before


@scenario("trust-unsigned")
def _altered_timestamp(repository: Repository) -> None:
    """a timestamp that was altered after signing"""
    document = json.loads(repository.files["tuf/timestamp.json"])
    document["signed"]["version"] = 7
    repository.files["tuf/timestamp.json"] = json.dumps(document)


@scenario("trust-rollback")
def _timestamp_rollback(repository: Repository) -> Any:
    """an older timestamp than the one already seen"""
    repository.timestamp.version = 5
    repository.publish()
    before = visited(repository)
    repository.timestamp.version = 4
    repository.publish()
    return before


@scenario("trust-rollback")
def _snapshot_rollback(repository: Repository) -> Any:
    """a newer timestamp that names an older snapshot"""
    repository.next_version()
    before = visited(repository)
    repository.bump(repository.timestamp)
    repository.snapshot.version = 1
    repository.publish()
    return before


@scenario("trust-rollback")
def _targets_rollback(repository: Repository) -> Any:
    """a newer snapshot in which a role fell back"""
    repository.next_version()
    before = visited(repository)
    repository.organisation.version = 1
    repository.bump(repository.snapshot, repository.timestamp)
    repository.publish()
    return before


@scenario("trust-expired")
def _frozen(repository: Repository) -> Any:
    """a timestamp that is older than its week"""
    return {"now": (NOW + timedelta(days=8)).isoformat()}


@scenario("trust-expired")
def _expired_root(repository: Repository) -> Any:
    """a root that has expired"""
    repository.root.expires = NOW - timedelta(days=1)
    repository.bump(repository.root)
    repository.write_root()


@scenario("trust-expired")
def _expired_delegation(repository: Repository) -> Any:
    """a delegation that has expired"""
    repository.organisation.expires = NOW - timedelta(seconds=1)
    repository.publish()


@scenario("trust-hash")
def _mixed(repository: Repository) -> Any:
    """a snapshot from another moment than the timestamp's, of the same length"""
    name = "tuf/1.snapshot.json"
    repository.files[name] = repository.files[name].replace('"version":1}', '"version":9}', 1)


@scenario("trust-length")
def _mixed_targets(repository: Repository) -> Any:
    """targets that are shorter than the snapshot says"""
    repository.files["tuf/1.targets.json"] = repository.files["tuf/1.targets.json"][:-1]


@scenario("trust-hash")
def _wrong_target(repository: Repository) -> Any:
    """a target with one wrong byte"""
    name = next(name for name in repository.files if name.startswith("pkg/"))
    repository.files[name] = repository.files[name].replace("1", "2", 1)


@scenario("trust-missing")
def _stranger_path(repository: Repository) -> Any:
    """an organisation cannot speak for another one's path"""
    path = "pkg/other/x.json"
    repository.organisation.targets[path] = TargetFile.from_data(path, repository.body, ["sha256"])
    repository.publish()
    return {"target": path}


@scenario("trust-missing")
def _terminating(repository: Repository) -> Any:
    """after a terminating delegation no other role is asked"""
    repository.organisation.targets.clear()
    repository.delegate("org-other", ["pkg/*/*"])
    other = Targets(expires=NOW + timedelta(days=400))
    other.targets[PATH] = TargetFile.from_data(PATH, repository.body, ["sha256"])
    repository.others["org-other"] = other
    repository.publish()


@scenario("trust-format")
def _wrong_type(repository: Repository) -> Any:
    """a snapshot offered as timestamp"""
    repository.files["tuf/timestamp.json"] = repository.files["tuf/1.snapshot.json"]


@scenario("trust-format")
def _not_json(repository: Repository) -> Any:
    """metadata that is not JSON"""
    repository.files["tuf/timestamp.json"] = "<html>log in</html>"


@scenario("too-long")
def _endless(repository: Repository) -> Any:
    """a timestamp that does not end"""
    repository.files["tuf/timestamp.json"] += " " * 20_000


@scenario("not-found")
def _missing_snapshot(repository: Repository) -> Any:
    """a snapshot that the source lost"""
    del repository.files["tuf/1.snapshot.json"]


def main() -> None:
    """Write the file beside this script."""
    scenarios = {}
    for name, (change, wants) in SCENARIOS.items():
        repository = Repository()
        repository.write_root()
        repository.publish()
        delivered = repository.files["tuf/1.root.json"]
        extra = change(repository) or {}
        scenarios[name] = {
            "root": delivered, "now": NOW.isoformat(), "target": PATH, "files": repository.files,
            "body": repository.body.decode(), "wants": wants, **extra,
        }  # fmt: skip
    path = Path(__file__).with_name("tuf-scenarios.json")
    path.write_text(json.dumps(scenarios, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{path}: {len(scenarios)} scenarios")


if __name__ == "__main__":
    main()

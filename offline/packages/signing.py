"""TUF 1.0 metadata of the package tree (docs/spec/offline-package.md §3), as pure functions over signed states.

No storage, no clock, no key files: keys, thresholds, lifetimes and the time are passed in. A change returns the files
to write, in the order in which they must reach the tree; `timestamp.json` is always the last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from securesystemslib.signer import Signer
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from offline.packages.errors import SigningKeyMissing

TOP_LEVEL_ROLES = ("root", "targets", "snapshot", "timestamp")
ORGANISATION_ROLE = "org"
"""Name of the policy that every `org-<code>` follows."""

ONLINE_VIEW = "online"
METADATA_ROOT = {ONLINE_VIEW: "tuf/metadata"}
"""Where each view's metadata lies in the tree. The carrier view (§6.1) will be the second entry."""

RENEW_PART = 1 / 3
"""Metadata is renewed when less than this part of its life is left (§3.3)."""
RENEW_TIMESTAMP_AFTER = timedelta(days=1)
WARN_ROOT_BEFORE = timedelta(days=90)

KeyRing = Mapping[str, Sequence[Signer]]
"""Signers of each role: `root`, `targets`, `snapshot`, `timestamp`, `org-<code>`."""

_SERIALIZER = JSONSerializer(compact=True)
_S = TypeVar("_S", Root, Timestamp, Snapshot, Targets)


@dataclass(frozen=True, slots=True)
class RolePolicy:
    """How many keys a role has, how many must sign, and how long a signature lasts."""

    keys: int
    threshold: int
    lifetime: timedelta


Policy = Mapping[str, RolePolicy]

_YEARS_3 = timedelta(days=3 * 365)
_DAYS_400 = timedelta(days=400)

EMBEDDED_POLICY: Policy = {
    "root": RolePolicy(1, 1, _YEARS_3),
    "targets": RolePolicy(1, 1, _DAYS_400),
    ORGANISATION_ROLE: RolePolicy(1, 1, _DAYS_400),
    "snapshot": RolePolicy(1, 1, _DAYS_400),
    "timestamp": RolePolicy(1, 1, timedelta(days=7)),
}
PROVINCE_POLICY: Policy = {
    **EMBEDDED_POLICY,
    "root": RolePolicy(5, 3, _YEARS_3),
    "targets": RolePolicy(3, 2, _DAYS_400),
}


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """Everything that is signed at one moment."""

    root: Metadata[Root]
    targets: Metadata[Targets]
    organisations: Mapping[str, Metadata[Targets]]
    snapshot: Metadata[Snapshot]
    timestamp: Metadata[Timestamp]


@dataclass(frozen=True, slots=True)
class Change:
    """A new state and the metadata files that lead to it, in the order of writing."""

    state: RepositoryState
    files: tuple[tuple[str, bytes], ...] = field(default=())


def role_of(code: str) -> str:
    """The delegated role of an organisation."""
    return f"org-{code}"


def target_path(code: str, package_id: str) -> str:
    """A package's TUF target path (§1.1)."""
    return f"pkg/{code}/{package_id}.json"


def package_of(path: str) -> UUID:
    """The package whose target that path is.

    Raises ValueError.
    """
    return UUID(path.rpartition("/")[2].removesuffix(".json"))


def target_file_name(path: str, sha256: str) -> str:
    """Where a target lies in the tree: consistent snapshots put the hash before its name."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{sha256}.{name}"


def initial_root(policy: Policy, keys: KeyRing, now: datetime) -> Metadata[Root]:
    """Version 1 of the root (§3.1), signed."""
    root = Root(expires=_expiry(policy, "root", now), consistent_snapshot=True)
    for role in TOP_LEVEL_ROLES:
        for signer in _signers(keys, role, policy[role].keys):
            root.add_key(signer.public_key, role)
        root.roles[role].threshold = policy[role].threshold
    metadata = Metadata(root)
    _sign(metadata, keys, "root", policy)
    return metadata


def renewed_root(root: Metadata[Root], policy: Policy, keys: KeyRing, now: datetime) -> Metadata[Root]:
    """The next version of the root with the same keys and a new expiry."""
    renewed = _next(root, _expiry(policy, "root", now))
    _sign(renewed, keys, "root", policy)
    return renewed


def initial_state(root: Metadata[Root], policy: Policy, keys: KeyRing, now: datetime) -> Change:
    """An empty repository under `root`."""
    targets = Metadata(Targets(expires=_expiry(policy, "targets", now)))
    _sign(targets, keys, "targets", policy)
    snapshot = Metadata(Snapshot(expires=_expiry(policy, "snapshot", now)))
    _sign(snapshot, keys, "snapshot", policy)
    timestamp = Metadata(Timestamp(expires=_expiry(policy, "timestamp", now)))
    _sign(timestamp, keys, "timestamp", policy)
    state = RepositoryState(root, targets, {}, snapshot, timestamp)
    files = [_file("targets", targets), _file("snapshot", snapshot), _file("timestamp", timestamp)]
    return Change(state, tuple(files))


def with_target(
    state: RepositoryState, policy: Policy, keys: KeyRing, *, code: str, path: str, data: bytes, now: datetime
) -> Change:
    """Sign `data` as the target `path` of organisation `code`, delegating to it first if it is new.

    Raises SigningKeyMissing.
    """
    role = role_of(code)
    targets, files = state.targets, []
    current = state.organisations.get(role)
    expires = _expiry(policy, ORGANISATION_ROLE, now)
    if current is None:
        targets = _with_delegation(targets, policy, keys, code, now)
        organisation = Metadata(Targets(expires=expires))
    else:
        organisation = _next(current, expires)
    organisation.signed.targets[path] = TargetFile.from_data(path, data, ["sha256"])
    _sign(organisation, keys, role, policy)
    files.append(_file(role, organisation))
    if targets is not state.targets:
        files.append(_file("targets", targets))
    changed = replace(state, targets=targets, organisations={**state.organisations, role: organisation})
    return _seal(changed, policy, keys, now, files)


def without_targets(
    state: RepositoryState, policy: Policy, keys: KeyRing, *, paths: Collection[str], now: datetime
) -> Change | None:
    """Sign that these targets are no more (§5.6), or None when none of them is signed.

    Raises SigningKeyMissing.
    """
    organisations, files = dict(state.organisations), []
    for role, current in state.organisations.items():
        gone = set(paths) & set(current.signed.targets)
        if not gone:
            continue
        organisations[role] = _next(current, _expiry(policy, ORGANISATION_ROLE, now))
        for path in gone:
            del organisations[role].signed.targets[path]
        _sign(organisations[role], keys, role, policy)
        files.append(_file(role, organisations[role]))
    if not files:
        return None
    return _seal(replace(state, organisations=organisations), policy, keys, now, files)


def refreshed(
    state: RepositoryState, policy: Policy, keys: KeyRing, now: datetime, *, force: bool = False
) -> Change | None:
    """Renew what has less than a third of its life left (§3.3), or None when nothing is due.

    The timestamp is renewed daily; whatever else is renewed brings a new snapshot. A role whose keys are not here
    (kept offline) is left alone. `force` renews the timestamp at once.
    """
    files: list[tuple[str, bytes]] = []
    targets, organisations = state.targets, dict(state.organisations)
    if _due(targets, policy, "targets", now) and _has_keys(keys, "targets", policy):
        targets = _next(targets, _expiry(policy, "targets", now))
        _sign(targets, keys, "targets", policy)
        files.append(_file("targets", targets))
    for role, metadata in state.organisations.items():
        if _due(metadata, policy, ORGANISATION_ROLE, now) and _has_keys(keys, role, policy):
            organisations[role] = _next(metadata, _expiry(policy, ORGANISATION_ROLE, now))
            _sign(organisations[role], keys, role, policy)
            files.append(_file(role, organisations[role]))
    changed = replace(state, targets=targets, organisations=organisations)
    if files or _due(state.snapshot, policy, "snapshot", now):
        return _seal(changed, policy, keys, now, files)
    signed_at = state.timestamp.signed.expires - policy["timestamp"].lifetime
    if force or now >= signed_at + RENEW_TIMESTAMP_AFTER:
        return _stamp(changed, policy, keys, now, files)
    return None


def root_needs_renewal(root: Metadata[Root], now: datetime) -> bool:
    """Whether a person should renew the root soon."""
    return root.signed.expires - now < WARN_ROOT_BEFORE


def newest_signed_date(state: RepositoryState, policy: Policy) -> datetime:
    """When the newest signature of this state was made: no later moment may sign with an earlier clock."""
    dates = [state.timestamp.signed.expires - policy["timestamp"].lifetime]
    dates.append(state.snapshot.signed.expires - policy["snapshot"].lifetime)
    return max(dates)


def metadata_files(state: RepositoryState) -> Iterator[str]:
    """File names (without folder) that this state needs, besides the chain of roots."""
    yield "timestamp.json"
    yield file_name("snapshot", state.snapshot.signed.version)
    yield file_name("targets", state.targets.signed.version)
    for role, metadata in state.organisations.items():
        yield file_name(role, metadata.signed.version)


def file_name(role: str, version: int) -> str:
    """`N.role.json`; the timestamp alone has no number."""
    return "timestamp.json" if role == "timestamp" else f"{version}.{role}.json"


def _seal(
    state: RepositoryState, policy: Policy, keys: KeyRing, now: datetime, files: list[tuple[str, bytes]]
) -> Change:
    """A snapshot of the state's targets, and the timestamp on it."""
    snapshot = _next(state.snapshot, _expiry(policy, "snapshot", now))
    snapshot.signed.meta = {"targets.json": MetaFile(state.targets.signed.version)}
    for role, metadata in state.organisations.items():
        snapshot.signed.meta[f"{role}.json"] = MetaFile(metadata.signed.version)
    _sign(snapshot, keys, "snapshot", policy)
    files.append(_file("snapshot", snapshot))
    return _stamp(replace(state, snapshot=snapshot), policy, keys, now, files)


def _stamp(
    state: RepositoryState, policy: Policy, keys: KeyRing, now: datetime, files: list[tuple[str, bytes]]
) -> Change:
    timestamp = _next(state.timestamp, _expiry(policy, "timestamp", now))
    timestamp.signed.snapshot_meta = MetaFile(state.snapshot.signed.version)
    _sign(timestamp, keys, "timestamp", policy)
    files.append(_file("timestamp", timestamp))
    return Change(replace(state, timestamp=timestamp), tuple(files))


def _with_delegation(
    targets: Metadata[Targets], policy: Policy, keys: KeyRing, code: str, now: datetime
) -> Metadata[Targets]:
    """Delegate `pkg/<code>/*` to the organisation's keys, terminating: nobody else is asked for those paths."""
    role = role_of(code)
    rules = policy[ORGANISATION_ROLE]
    delegated = _next(targets, _expiry(policy, "targets", now))
    if delegated.signed.delegations is None:
        delegated.signed.delegations = Delegations(keys={}, roles={})
    roles = delegated.signed.delegations.roles
    if roles is None:
        raise TypeError("succinct roles are not used here")
    roles[role] = DelegatedRole(role, [], rules.threshold, terminating=True, paths=[f"pkg/{code}/*"])
    for signer in _signers(keys, role, rules.keys):
        delegated.signed.add_key(signer.public_key, role)
    _sign(delegated, keys, "targets", policy)
    return delegated


def _next(metadata: Metadata[_S], expires: datetime) -> Metadata[_S]:
    """An unsigned copy with the next version number."""
    copy: Metadata[_S] = Metadata.from_bytes(metadata.to_bytes(_SERIALIZER))
    copy.signed.version += 1
    copy.signed.expires = expires
    copy.signatures.clear()
    return copy


def _rules(policy: Policy, role: str) -> RolePolicy:
    return policy[role] if role in policy else policy[ORGANISATION_ROLE]


def _signers(keys: KeyRing, role: str, count: int) -> Sequence[Signer]:
    signers = keys.get(role, ())
    if len(signers) < count:
        raise SigningKeyMissing(role=role)
    return signers


def _has_keys(keys: KeyRing, role: str, policy: Policy) -> bool:
    return len(keys.get(role, ())) >= _rules(policy, role).threshold


def _sign(metadata: Metadata[_S], keys: KeyRing, role: str, policy: Policy) -> None:
    for signer in _signers(keys, role, _rules(policy, role).threshold):
        metadata.sign(signer, append=True)


def _due(metadata: Metadata[_S], policy: Policy, role: str, now: datetime) -> bool:
    return metadata.signed.expires - now < _rules(policy, role).lifetime * RENEW_PART


def _expiry(policy: Policy, role: str, now: datetime) -> datetime:
    return now.astimezone(UTC) + _rules(policy, role).lifetime


def _file(role: str, metadata: Metadata[_S]) -> tuple[str, bytes]:
    return file_name(role, metadata.signed.version), metadata.to_bytes(_SERIALIZER)

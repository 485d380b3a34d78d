"""The signed tree against an ordinary TUF client over real HTTP (docs/spec/offline-package.md §3, §4)."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest
from tuf.api.exceptions import DownloadError, ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Metadata
from tuf.ngclient import Updater

from offline.packages import signing
from offline.packages.errors import SigningKeyMissing, TreeDamaged
from offline.packages.keys import KeyFolder
from offline.packages.manifest import PackageManifest
from offline.packages.repository import Publisher
from offline.packages.verification import TreeVerifier

PACKAGE = UUID(int=7)
TARGET = f"pkg/qumalai/{PACKAGE}.json"


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def publisher(tmp_path, clock) -> Publisher:
    return Publisher(tmp_path / "public", KeyFolder(tmp_path / "keys"), clock=clock)


@pytest.fixture
def address(publisher) -> Iterator[str]:
    publisher.tree.mkdir(parents=True, exist_ok=True)
    handler = functools.partial(QuietHandler, directory=str(publisher.tree))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


def manifest_bytes(version: int) -> bytes:
    return PackageManifest(PACKAGE, version, f"第{version}版", "冬春训", "qumalai", "2026", 10, ()).as_bytes()


def publish(publisher: Publisher, version: int, code: str = "qumalai"):
    return publisher.publish(code=code, package_id=str(PACKAGE), data=manifest_bytes(version))


def client(folder: Path, address: str, root: bytes) -> Updater:
    (folder / "targets").mkdir(parents=True, exist_ok=True)
    return Updater(
        str(folder / "metadata"), address + "tuf/metadata/", str(folder / "targets"), address, bootstrap=root
    )


def fetched(folder: Path, address: str, root: bytes) -> bytes | None:
    updater = client(folder, address, root)
    info = updater.get_targetinfo(TARGET)
    return Path(updater.download_target(info)).read_bytes() if info else None


def test_a_client_fetches_the_package_it_reaches_from_the_first_root(publisher, address, tmp_path):
    publish(publisher, 1)
    assert fetched(tmp_path / "phone", address, publisher.trusted_root()) == manifest_bytes(1)


def test_a_client_that_was_here_before_follows_to_the_new_version(publisher, address, tmp_path):
    root = publisher.trusted_root()
    for version in (1, 2, 3):
        publish(publisher, version)
        assert fetched(tmp_path / "phone", address, root) == manifest_bytes(version)


def test_an_organisation_cannot_publish_under_anothers_path(publisher, address, tmp_path):
    """The delegation is terminating and bound to `pkg/<code>/*`."""
    publish(publisher, 1)
    state = publisher.state()
    intruder = signing.with_target(
        state,
        publisher.policy,
        {**publisher._key_ring(state, "golmud")},
        code="golmud",
        path=TARGET,
        data=b"forged",
        now=publisher.clock(),
    )
    publisher._write_metadata(intruder)
    info = client(tmp_path / "phone", address, publisher.trusted_root()).get_targetinfo(TARGET)
    assert info is not None
    assert info.length == len(manifest_bytes(1))


def test_keys_are_readable_by_their_owner_alone_and_never_in_the_tree(publisher):
    publish(publisher, 1)
    keys = list(publisher.keys.folder.glob("*.pem"))
    assert {key.name.split(".")[0] for key in keys} == {"root", "targets", "snapshot", "timestamp", "org-qumalai"}
    assert all(key.stat().st_mode & 0o777 == 0o600 for key in keys)
    assert publisher.keys.folder.stat().st_mode & 0o077 == 0
    assert not any(b"PRIVATE KEY" in path.read_bytes() for path in publisher.tree.rglob("*") if path.is_file())


def test_the_nothing_new_check_costs_less_than_a_kibibyte(publisher):
    publish(publisher, 1)
    assert (publisher.metadata_dir / "timestamp.json").stat().st_size <= 1024


class TestAttacks:
    def test_a_rolled_back_snapshot_is_refused(self, publisher, address, tmp_path):
        publish(publisher, 1)
        old = (publisher.metadata_dir / "timestamp.json").read_bytes()
        publish(publisher, 2)
        root = publisher.trusted_root()
        assert fetched(tmp_path / "phone", address, root) == manifest_bytes(2)
        (publisher.metadata_dir / "timestamp.json").write_bytes(old)
        with pytest.raises(RepositoryError):
            client(tmp_path / "phone", address, root).refresh()

    def test_a_frozen_timestamp_is_refused_after_seven_days(self, publisher, address, tmp_path, clock):
        clock.now -= timedelta(days=8)
        publish(publisher, 1)
        with pytest.raises(ExpiredMetadataError):
            client(tmp_path / "phone", address, publisher.trusted_root()).refresh()
        clock.now += timedelta(days=8)
        assert publisher.refresh()
        assert fetched(tmp_path / "phone", address, publisher.trusted_root()) == manifest_bytes(1)

    def test_a_captive_portals_page_is_never_taken_for_metadata(self, publisher, address, tmp_path):
        publish(publisher, 1)
        (publisher.metadata_dir / "timestamp.json").write_bytes(b"<html>log in</html>")
        with pytest.raises(RepositoryError):
            client(tmp_path / "phone", address, publisher.trusted_root()).refresh()

    def test_a_changed_target_is_refused(self, publisher, address, tmp_path):
        target = publish(publisher, 1)
        path = publisher.tree / signing.target_file_name(target.path, target.sha256)
        path.write_bytes(path.read_bytes().replace("第".encode(), "弟".encode()))
        with pytest.raises((RepositoryError, DownloadError)):
            fetched(tmp_path / "phone", address, publisher.trusted_root())

    def test_another_repositorys_metadata_is_refused(self, publisher, address, tmp_path, clock):
        publish(publisher, 1)
        root = publisher.trusted_root()
        other = Publisher(publisher.tree, KeyFolder(tmp_path / "other-keys"), clock=clock)
        for path in publisher.metadata_dir.iterdir():
            path.unlink()
        publish(other, 1)
        with pytest.raises(RepositoryError):
            client(tmp_path / "phone", address, root).refresh()


class TestCrashes:
    """A power cut at every step of every write."""

    class PowerCut(BaseException):
        pass

    def cut_at(self, publisher: Publisher, step: int) -> Publisher:
        steps = iter(range(10_000))

        def hook(stage: str, name: str) -> None:
            if next(steps) == step:
                raise self.PowerCut(f"{stage} {name}")

        return Publisher(publisher.tree, publisher.keys, clock=publisher.clock, hook=hook)

    @pytest.mark.parametrize("code", ["qumalai", "golmud"])
    def test_leave_the_old_or_the_new_state_and_the_next_publisher_goes_on(self, publisher, tmp_path, code):
        publish(publisher, 1)
        root = publisher.trusted_root()
        step = cuts = 0
        while True:
            try:
                publish(self.cut_at(publisher, step), step + 2, code)
                break
            except self.PowerCut:
                cuts += 1
            packages = TreeVerifier(trusted_root=root, folder=publisher.tree).verify()
            versions = {package.manifest.version for package in packages}
            assert versions <= {1, step + 2}
            step += 1
            publish(publisher, 1)
        assert cuts >= 16
        assert not list(publisher.tree.rglob("*.part"))

    def test_during_the_first_publication_leave_nothing_or_a_whole_repository(self, publisher):
        step = 0
        while True:
            try:
                publish(self.cut_at(publisher, step), 1)
                break
            except self.PowerCut:
                step += 1
        root = publisher.trusted_root()
        assert [p.manifest.version for p in TreeVerifier(trusted_root=root, folder=publisher.tree).verify()] == [1]


class TestRenewal:
    def test_nothing_is_written_while_nothing_is_due(self, publisher, clock):
        publish(publisher, 1)
        before = {path: path.read_bytes() for path in publisher.metadata_dir.iterdir()}
        clock.now += timedelta(hours=23)
        assert not publisher.refresh()
        assert {path: path.read_bytes() for path in publisher.metadata_dir.iterdir()} == before

    def test_the_timestamp_is_renewed_daily_and_nothing_else(self, publisher, clock):
        publish(publisher, 1)
        before = publisher.state()
        clock.now += timedelta(hours=25)
        assert publisher.refresh()
        after = publisher.state()
        assert after.timestamp.signed.version == before.timestamp.signed.version + 1
        assert after.snapshot.signed.version == before.snapshot.signed.version

    def test_a_server_that_runs_for_years_never_lets_anything_but_the_root_expire(self, publisher, clock):
        publish(publisher, 1)
        root_expires = publisher.state().root.signed.expires
        while clock.now < root_expires - timedelta(days=30):
            clock.now += timedelta(days=5)
            publisher.refresh()
            state = publisher.state()
            signed = [state.timestamp, state.snapshot, state.targets, *state.organisations.values()]
            assert all(metadata.signed.expires > clock.now + timedelta(days=1) for metadata in signed)
        assert signing.root_needs_renewal(publisher.state().root, clock.now)

    def test_a_renewed_root_is_followed_by_a_client_that_was_away(self, publisher, address, tmp_path):
        publish(publisher, 1)
        root = publisher.trusted_root()
        assert fetched(tmp_path / "phone", address, root) == manifest_bytes(1)
        assert [publisher.renew_root() for _ in range(3)] == [2, 3, 4]
        publish(publisher, 2)
        assert fetched(tmp_path / "phone", address, root) == manifest_bytes(2)
        assert publisher.trusted_root() == root

    def test_a_clock_that_fell_back_ten_years_signs_no_earlier_than_before(self, publisher, clock):
        publish(publisher, 1)
        before = publisher.state().timestamp.signed.expires
        clock.now -= timedelta(days=3650)
        publish(publisher, 2)
        assert publisher.state().timestamp.signed.expires >= before

    def test_superseded_files_go_after_thirty_days_and_the_tree_stays_whole(self, publisher, clock):
        for version in (1, 2, 3):
            publish(publisher, version)
        assert publisher.collect_garbage() == 0
        clock.now += timedelta(days=31)
        assert publisher.collect_garbage() > 0
        names = {path.name for path in publisher.metadata_dir.iterdir()}
        assert names == {"1.root.json", *signing.metadata_files(publisher.state())}
        verified = TreeVerifier(trusted_root=publisher.trusted_root(), folder=publisher.tree).verify()
        assert [package.manifest.version for package in verified] == [3]


class TestThresholds:
    def test_the_provinces_policy_signs_with_two_of_three_and_three_of_five(self, tmp_path, clock):
        publisher = Publisher(tmp_path / "p", KeyFolder(tmp_path / "k"), signing.PROVINCE_POLICY, clock=clock)
        publish(publisher, 1)
        root: Metadata = Metadata.from_bytes(publisher.trusted_root())
        assert (len(root.signed.roles["root"].keyids), root.signed.roles["root"].threshold) == (5, 3)
        assert (len(root.signed.roles["targets"].keyids), root.signed.roles["targets"].threshold) == (3, 2)

    def test_with_the_root_and_targets_keys_kept_elsewhere_a_known_organisation_still_publishes(self, publisher):
        publish(publisher, 1)
        for role in ("root", "targets"):
            (publisher.keys.folder / f"{role}.1.pem").unlink()
        publish(publisher, 2)
        with pytest.raises(SigningKeyMissing):
            publish(publisher, 1, "golmud")
        with pytest.raises(SigningKeyMissing):
            publisher.renew_root()

    def test_a_lost_key_is_never_replaced_in_silence(self, publisher):
        publish(publisher, 1)
        (publisher.keys.folder / "org-qumalai.1.pem").unlink()
        with pytest.raises(SigningKeyMissing):
            publish(publisher, 2)


def test_damaged_metadata_is_named_before_anything_is_built_upon_it(publisher):
    publish(publisher, 1)
    path = publisher.metadata_dir / "1.org-qumalai.json"
    path.write_bytes(path.read_bytes().replace(b"qumalai/", b"qumalaj/"))
    with pytest.raises(TreeDamaged) as refusal:
        publish(publisher, 2)
    assert "1.org-qumalai.json" in str(refusal.value)


def test_only_one_publishes_at_a_time(publisher):
    publisher.initialise()
    threads = [threading.Thread(target=publish, args=(publisher, version)) for version in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert publisher.state().organisations["org-qumalai"].signed.version == 8
    assert len(TreeVerifier(trusted_root=publisher.trusted_root(), folder=publisher.tree).verify()) == 1

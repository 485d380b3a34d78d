"""Each test has a package tree, an object store and keys of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.offline.mortal import Mortal, mortal_process


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    """Point every folder of the platform into the test's."""
    settings.OBJECTS_DIR = tmp_path / "objects"
    settings.PUBLIC_TREE_DIR = tmp_path / "public"
    settings.KEYS_DIR = tmp_path / "keys"
    settings.WORK_DIR = tmp_path / "work"
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def mortal(own_folders: None, transactional_db: None, tmp_path: Path) -> Iterator[Mortal]:
    """Somebody who builds and takes down in a process of its own, and can be killed."""
    with mortal_process(tmp_path) as process:
        yield process

"""Each test has a package tree, an object store and keys of its own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    """Point every folder of the platform into the test's."""
    settings.OBJECTS_DIR = tmp_path / "objects"
    settings.PUBLIC_TREE_DIR = tmp_path / "public"
    settings.KEYS_DIR = tmp_path / "keys"
    settings.WORK_DIR = tmp_path / "work"
    settings.MEDIA_ROOT = tmp_path / "media"

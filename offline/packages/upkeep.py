"""What has to be done now and then so that the running product never lets its metadata expire or loses a build."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from media_pipeline.upkeep import Chore, Upkeep
from offline.packages import recall, services, signing
from offline.packages.repository import default_publisher, refresh_timestamp

logger = logging.getLogger(__name__)


def warn_of_root() -> None:
    """Say in the log that a person should renew the root (offline-package.md §3.3)."""
    state = default_publisher().state()
    if state is not None and signing.root_needs_renewal(state.root, datetime.now(UTC)):
        logger.warning(
            "the root of the package tree expires on %s: run manage.py tuf_init --renew-root", state.root.signed.expires
        )


def collect_garbage() -> None:
    """Remove metadata and manifests that were superseded long ago."""
    default_publisher().collect_garbage()


_upkeep = Upkeep(
    [
        Chore(15, services.sweep_builds),
        Chore(60, recall.reconcile_packages),
        Chore(600, refresh_timestamp),
        Chore(24 * 3600, collect_garbage),
        Chore(24 * 3600, warn_of_root),
    ]
)


def on_swept(**kwargs: Any) -> None:
    """Receiver of `media_pipeline.signals.swept`: every few seconds, in each worker."""
    _upkeep.run()

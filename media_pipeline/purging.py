"""Tells caches in front of the public tree (an nginx cache, a CDN) that an object was taken down."""

from __future__ import annotations

import logging
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from media_pipeline.objects import check_hash

logger = logging.getLogger(__name__)

TIMEOUT_S = 10


def object_path(sha256: str) -> str:
    """The public address of an object, without the site.

    Raises:
        ValueError: not a SHA-256.
    """
    check_hash(sha256)
    return f"/b/{sha256[:2]}/{sha256}"


@dataclass(frozen=True)
class Caches:
    """Caches that answer a request of `method` to an address made from a template.

    Attributes:
        templates: addresses in which `{path}` stands for `/b/<aa>/<sha256>`.
        headers: sent along, for instance a CDN's authorisation.
    """

    templates: Sequence[str]
    method: str = "PURGE"
    headers: tuple[tuple[str, str], ...] = ()

    def purge(self, path: str) -> bool:
        """Ask every cache to drop the address and what it holds under it with a query; True if all have done so."""
        # Every one is asked, whatever another has answered.
        answers = [self._purge(template.replace("{path}", path)) for template in self.templates]
        return all(answers)

    def _purge(self, address: str) -> bool:
        request = urllib.request.Request(address, method=self.method, headers=dict(self.headers))  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310 - from the operator's settings
                return True
        except urllib.error.HTTPError as error:
            if error.code in {404, 410}:
                # It had no copy.
                return True
            logger.warning("purging %s: status %s", address, error.code)
        except OSError as error:
            logger.warning("purging %s: %s", address, error)
        return False


def configured_caches() -> Caches:
    """The caches that `PURGE_URLS` names."""
    return Caches(settings.PURGE_URLS, settings.PURGE_METHOD, tuple(settings.PURGE_HEADERS.items()))

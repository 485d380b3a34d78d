"""The connection to Elasticsearch, with a limit on every wait and one error for everything that means "not now"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from elastic_transport import ObjectApiResponse
from elasticsearch import ApiError, Elasticsearch, TransportError

from search.backends.base import EngineUnavailable

SEARCH_TIMEOUT_S = 1.5
"""How long a person waits before the embedded engine answers instead (search.md §2)."""
WRITE_TIMEOUT_S = 30.0
_REFUSED = frozenset({400, 413})
"""The server's answers that mean: this request, whenever it comes. Everything else may go better later."""


class EngineRefused(Exception):
    """Elasticsearch takes this request for wrong, which is a mistake of ours and not of the person."""


def connect(urls: list[str], *, user: str = "", password: str = "", authority: str = "") -> Elasticsearch:
    """A client of a cluster. It never tries again by itself: whoever calls knows what else can be done.

    Args:
        urls: addresses of nodes, http:// or https:// with the port.
        user, password: for a cluster that asks who is there.
        authority: a file with the certificate of an https:// address's authority; empty: the system's.
    """
    options: dict[str, Any] = {"request_timeout": WRITE_TIMEOUT_S, "max_retries": 0, "retry_on_timeout": False}
    if user:
        options["basic_auth"] = (user, password)
    if authority:
        options["ca_certs"] = authority
    return Elasticsearch(urls, **options)


@contextmanager
def translated() -> Iterator[None]:
    """Turn the client's errors into `EngineUnavailable` and `EngineRefused`."""
    try:
        yield
    except ApiError as error:
        raise problem(error.status_code, str(error)) from error
    except TransportError as error:
        raise EngineUnavailable(str(error)) from error


def problem(status: int, words: str) -> EngineUnavailable | EngineRefused:
    """The error that an answer with this status means."""
    return EngineRefused(words) if status in _REFUSED else EngineUnavailable(f"{status}: {words}")


def complete(answer: dict[str, Any] | ObjectApiResponse[Any]) -> dict[str, Any]:
    """A search's answer, if it is whole; part of an index is no answer (`EngineUnavailable`)."""
    found = dict(answer)
    if "error" in found:
        raise problem(int(found.get("status", 500)), str(found["error"])[:500])
    if found.get("timed_out") or found["_shards"]["failed"]:
        raise EngineUnavailable("only a part of the index was searched")
    return found

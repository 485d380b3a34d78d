"""A body that is too large, or that the disk has no room for, is refused with words that say what to do."""

from __future__ import annotations

import asyncio
import errno
import json
from itertools import repeat
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from config.body_guard import DISK_RESERVE_BYTES, BodyGuard, Limits

LIMITS = Limits(anybody=1000, staff=40 * 1024 * 1024)
ROOMY = 10**12
SIGNED_IN = "sessionid=abc"


class Taker:
    """An application that takes the whole body in, as Django does."""

    def __init__(self, failure: OSError | None = None) -> None:
        self.taken = 0
        self._failure = failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            self.taken += len(message.get("body", b""))
            if self._failure:
                raise self._failure
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"taken"})


def post(
    app: Taker,
    body: list[bytes],
    *,
    path: str = "/api/v1/records/",
    declared: int | None = None,
    cookie: str = "",
    free: int | list[int] = ROOMY,
    accept: str = "application/json",
) -> tuple[int, bytes, int]:
    """Status, answer and how many of the body's parts were asked for."""
    parts = list(body)
    sent: list[Message] = []
    asked = 0

    async def receive() -> Message:
        nonlocal asked
        asked += 1
        part = parts.pop(0) if parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"accept", accept.encode()), (b"cookie", cookie.encode())]
    if declared is not None:
        headers.append((b"content-length", str(declared).encode()))
    scope: Scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}

    async def may_upload(cookie_header: str) -> bool:
        return SIGNED_IN in cookie_header

    left = iter(free) if isinstance(free, list) else repeat(free)
    guard = BodyGuard(app, limits=LIMITS, folder=Path("/"), may_upload=may_upload, free=lambda _: next(left))
    asyncio.run(guard(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]), asked


def test_a_small_body_passes() -> None:
    app = Taker()
    assert post(app, [b"x" * 500, b"y" * 500], declared=1000)[:2] == (200, b"taken")
    assert app.taken == 1000


def test_a_stranger_may_not_send_what_staff_may() -> None:
    app = Taker()
    status, answer, asked = post(app, [b"x" * 2000], declared=2000)
    assert status == 413
    assert json.loads(answer)["error"]["code"] == "body-too-large"
    assert (app.taken, asked) == (0, 0)


def test_a_body_that_hides_its_length_is_cut_off() -> None:
    app = Taker()
    status, _, _ = post(app, [b"x" * 600] * 5)
    assert status == 413
    assert app.taken <= LIMITS.anybody


def test_staff_with_a_session_may_upload_more_in_the_admin_only() -> None:
    body, cookie = [b"x" * 5000], f"a=b; {SIGNED_IN}"
    assert post(Taker(), body, declared=5000, cookie=cookie, path="/admin/media/add/")[0] == 200
    assert post(Taker(), body, declared=5000, cookie=cookie)[0] == 413
    assert post(Taker(), body, declared=5000, path="/admin/media/add/", accept="text/html")[0] == 413


def test_an_uploader_whose_session_ended_is_told_to_sign_in_again_not_that_its_piece_is_large() -> None:
    status, answer, _ = post(Taker(), [b"x" * 5000], declared=5000, path="/admin/lessons-media/uploads/1/")
    assert (status, json.loads(answer)["error"]["code"]) == (401, "session-expired")


def test_a_made_up_session_is_a_strangers() -> None:
    made_up = "sessionid=x"
    assert (
        post(Taker(), [b"x" * 5000], declared=5000, cookie=made_up, path="/admin/login/", accept="text/html")[0] == 413
    )
    app = Taker()
    assert post(app, [b"x" * 600] * 5, cookie=made_up, path="/admin/login/")[0] == 413
    assert app.taken <= LIMITS.anybody


def test_a_long_body_stops_when_the_disk_fills_meanwhile() -> None:
    megabyte, app = b"x" * 1024 * 1024, Taker()
    status, answer, asked = post(
        app, [megabyte] * 36, cookie=SIGNED_IN, path="/admin/media/add/", free=[ROOMY, DISK_RESERVE_BYTES - 1]
    )
    assert (status, json.loads(answer)["error"]["code"]) == (507, "disk-full")
    assert asked == 32


def test_an_upload_that_the_disk_has_no_room_for_is_refused_before_it_is_taken_in() -> None:
    app = Taker()
    size = 5 * 1024 * 1024
    status, answer, _ = post(
        app,
        [b"x" * size],
        declared=size,
        cookie=SIGNED_IN,
        path="/admin/media/add/",
        free=DISK_RESERVE_BYTES + size,
        accept="text/html",
    )
    assert status == 507
    assert "磁盘空间不够" in answer.decode()
    assert "too little room" in answer.decode()
    assert app.taken == 0


def test_a_refused_upload_is_read_to_its_end_so_that_the_browser_shows_the_answer() -> None:
    size = 2 * 1024 * 1024
    _, _, asked = post(Taker(), [b"x" * 1024] * 7, declared=size, cookie=SIGNED_IN, path="/admin/media/add/", free=0)
    assert asked == 7


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_while_the_body_comes_in_is_said_in_words(number: int) -> None:
    status, answer, _ = post(Taker(OSError(number, "full")), [b"x"])
    assert status == 507
    assert json.loads(answer)["error"]["code"] == "disk-full"


def test_another_failure_is_not_mistaken_for_a_full_disk() -> None:
    with pytest.raises(OSError, match="broken"):
        post(Taker(OSError(errno.EIO, "broken")), [b"x"])

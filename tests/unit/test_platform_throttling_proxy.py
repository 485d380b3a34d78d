"""The tests' proxy counts what each request was answered with, however the bytes fall into pieces."""

from __future__ import annotations

from tests.throttling_proxy import Exchange

RANGE = b"GET /b/ab/abcd HTTP/1.1\r\nHost: x\r\nRange: bytes=4096-\r\n\r\n"
ANSWER = b"HTTP/1.1 206 Partial Content\r\nContent-Length: 10\r\n\r\n"


def test_a_body_is_counted_without_its_head_in_pieces_of_any_size() -> None:
    whole = ANSWER + b"0123456789"
    for size in range(1, len(whole) + 1):
        exchange = Exchange()
        asked = exchange.note_up(RANGE)
        assert asked is not None
        for at in range(0, len(whole), size):
            exchange.note_down(whole[at : at + size])
        assert (asked.method, asked.path, asked.first, asked.sent) == ("GET", "/b/ab/abcd", 4096, 10)


def test_requests_on_one_connection_are_counted_apart_and_a_body_that_goes_up_is_no_request() -> None:
    exchange = Exchange()
    first = exchange.note_up(RANGE)
    exchange.note_down(ANSWER + b"0123")
    posted = exchange.note_up(b"POST /api/v1/records/ HTTP/1.1\r\nContent-Length: 4\r\n\r\n")
    assert exchange.note_up(b"body") is None
    exchange.note_down(b"HTTP/1.1 200 OK\r\n\r\n{}")
    assert first is not None
    assert posted is not None
    assert (first.sent, posted.sent) == (4, 2)
    assert (posted.method, posted.first) == ("POST", 0)

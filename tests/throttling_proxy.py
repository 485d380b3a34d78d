"""A TCP proxy with the rate, the delay and the cuts of a mountain network.

One token bucket serves all connections of a direction, as one radio link does. The proxy runs in a thread of
its own, so that a browser test can drive the page and the link at the same time::

    with ThrottlingProxy("127.0.0.1", 8000, kbit_s=300) as link:
        page.goto(link.url)
        link.cut()
        link.restore()
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

PIECE = 4096
"""Bytes read at once: small, so that the rate is even."""
REQUEST = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1\r\n")
RANGE = re.compile(rb"\r\nrange: bytes=(\d+)-", re.IGNORECASE)
END_OF_HEAD = b"\r\n\r\n"


@dataclass
class Asked:
    """A request that came up a connection. `sent`: bytes of its answer's body that have gone to the client."""

    method: str
    path: str
    first: int
    sent: int = 0


class Exchange:
    """What goes over one connection: HTTP/1.1 as browsers speak it, one request after the other's answer."""

    def __init__(self) -> None:
        self._asked: Asked | None = None
        self._head = b""

    def note_up(self, piece: bytes) -> Asked | None:
        """The request that begins with this piece; browsers send its head in one, what else comes up is a body."""
        head = REQUEST.match(piece)
        if not head:
            return None
        first = RANGE.search(piece)
        method, path = (each.decode("ascii", "replace") for each in head.groups())
        self._asked, self._head = Asked(method, path, int(first[1]) if first else 0), b""
        return self._asked

    def note_down(self, piece: bytes) -> None:
        """Count what of this piece belongs to the answer's body."""
        if self._asked is None:
            return
        if END_OF_HEAD not in self._head:
            self._head += piece
            piece = self._head.partition(END_OF_HEAD)[2]
        self._asked.sent += len(piece)


class TokenBucket:
    """Lets `rate` bytes a second through, with at most `burst` bytes saved up."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._burst = burst
        self._level = burst
        self._at = clock()
        self.rate = rate

    def delay_for(self, count: int) -> float:
        """Take `count` bytes and say how many seconds to wait before sending them."""
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._at) * self.rate)
        self._at = now
        self._level -= count
        return max(0.0, -self._level / self.rate)


class ThrottlingProxy:
    """Forwards TCP connections to one address.

    Attributes:
        bytes_down: bytes that have gone to the clients.
        asked: every request seen, in order; one without a range begins at 0.
        kbit_s: rate towards the clients; may be changed while running. Towards the server it is the same.
    """

    def __init__(self, host: str, port: int, *, kbit_s: float, delay_ms: float = 0.0, listen_port: int = 0) -> None:
        self._target = (host, port)
        self._delay_s = delay_ms / 1000
        self._listen_port = listen_port
        self._down = TokenBucket(kbit_s * 125, burst=2 * PIECE)
        self._up = TokenBucket(kbit_s * 125, burst=2 * PIECE)
        self._open = True
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="throttling-proxy", daemon=True)
        self.bytes_down = 0
        self.asked: list[Asked] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def kbit_s(self) -> float:
        return self._down.rate / 125

    @kbit_s.setter
    def kbit_s(self, value: float) -> None:
        self._down.rate = self._up.rate = value * 125

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._in_loop(self._cut)

    def restore(self) -> None:
        """Let connections through again."""
        self._in_loop(lambda: setattr(self, "_open", True))

    def __enter__(self) -> ThrottlingProxy:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _in_loop(self, action: Callable[[], None]) -> None:
        done = threading.Event()

        def run() -> None:
            action()
            done.set()

        self._loop.call_soon_threadsafe(run)
        done.wait(10)

    def _cut(self) -> None:
        self._open = False
        for writer in self._writers:
            writer.transport.abort()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self._listen_port))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
            self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._connect(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open:
            return
        upstream_reader, upstream_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, upstream_writer}
        exchange = Exchange()
        ways = [
            asyncio.create_task(
                self._copy(reader, upstream_writer, self._up, lambda piece: self._note_up(exchange, piece))
            ),
            asyncio.create_task(
                self._copy(upstream_reader, writer, self._down, lambda piece: self._note_down(exchange, piece))
            ),
        ]
        try:
            await asyncio.gather(*ways)
        finally:
            for way in ways:
                way.cancel()
            self._writers -= {writer, upstream_writer}
            upstream_writer.transport.abort()

    def _note_up(self, exchange: Exchange, piece: bytes) -> None:
        if asked := exchange.note_up(piece):
            self.asked.append(asked)

    def _note_down(self, exchange: Exchange, piece: bytes) -> None:
        self.bytes_down += len(piece)
        exchange.note_down(piece)

    async def _copy(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        bucket: TokenBucket,
        note: Callable[[bytes], None],
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(PIECE):
                await asyncio.sleep(bucket.delay_for(len(piece)) + self._delay_s)
                # Before it leaves: the answer to a request may be here sooner than this task runs again.
                note(piece)
                writer.write(piece)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

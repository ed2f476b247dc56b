"""How long a connection may take to say what it wants: whoever dawdles must not hold up a place for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

LARGEST_HEAD = 32_768
"""Bytes of a request's first line and headers."""

MOST_CONNECTIONS = 800
"""Beyond these, requests are told to come again; a process has about a thousand files to open."""

HEAD_SECONDS = 15.0
"""In which the head of a request must have come, from its first byte or the connection's beginning."""

BODY_SECONDS, BODY_BYTES_A_SECOND = 30.0, 10_000
"""A body has so long, and a second more for so many bytes that have come: a slow line gets its articles through."""

UNREAD_SECONDS = 60.0
"""For which an answer may lie here of which nobody reads anything."""

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Timed(H11Protocol):
    """HTTP as uvicorn speaks it, with an end to waiting. h11 reads it strictly: one Host, one length, no odd bytes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._came = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._go_on()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        reading = self._reads_body()
        super().data_received(data)
        if self.transport.get_protocol() is not self or self.transport.is_closing():
            self._stop()  # a web socket, which is looked after by pings, or the end
        elif self._reads_body():
            if reading:
                self._came += len(data)
            else:
                self._begin_body(len(data))
        elif self._answers():
            self._stop()
        elif self._timer is None:  # the beginning of another head
            self._wait(HEAD_SECONDS)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._go_on()
        super().resume_writing()

    def _watch(self, before: int) -> None:
        """Cut the connection off where nothing more than `before` will have been read by then."""

        def look() -> None:
            left = self.transport.get_write_buffer_size()
            if left == before:
                self.transport.abort()
            elif left:
                self._watch(left)

        self._unread = self.loop.call_later(UNREAD_SECONDS, look)

    def _go_on(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _begin_body(self, came: int) -> None:
        self._stop()
        self._began, self._came = self.loop.time(), came
        self._wait(BODY_SECONDS)

    def _wait(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._give_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if self._reads_body():
            left = self._began + BODY_SECONDS + self._came / BODY_BYTES_A_SECOND - self.loop.time()
            if left > 0 or self.flow.read_paused:  # it is we who take our time
                self._wait(max(left, 1.0))
                return
        elif self._answers():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_TOO_SLOW)
        self.transport.close()

    def _answers(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _reads_body(self) -> bool:
        return self._answers() and self.cycle.more_body

"""A TCP proxy between a client and PostgreSQL that does something the moment the client says certain words.

So a fault happens at an exact point of a publish, and not about when a timer ends. Does not belong here: what the
fault is good for (the tests), SQL.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

_BLOCK = 1 << 16
_RESET = struct.pack("ii", 1, 0)


@dataclass
class Trap:
    """`words` are waited for one after another, on any connection; at the last one `spring` is called, once.

    `spring` returns whether the connection goes on. With `delivered` the server gets the words and answers first, and
    the client never hears it.
    """

    words: Sequence[bytes]
    spring: Callable[[], bool]
    delivered: bool = False
    sprung: threading.Event = field(default_factory=threading.Event)


def cut() -> bool:
    """The line is dead."""
    return False


class Proxy:
    """Listens on 127.0.0.1 for clients of the server of `url`; its own `url` leads through it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        login, _, _ = parts.netloc.rpartition("@")
        self.url = urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{self._listener.getsockname()[1]}"))
        self.trap: Trap | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), socket.create_connection(self._target) as server:
            silent = threading.Event()
            threading.Thread(target=self._answer, args=(server, client, silent), daemon=True).start()
            self._ask(client, server, silent)
            _end(server)
        _end(client)

    def _ask(self, client: socket.socket, server: socket.socket, silent: threading.Event) -> None:
        waiting = list(self.trap.words) if self.trap else []
        seen = b""
        while data := client.recv(_BLOCK):
            trap = self.trap
            if trap is None or trap.sprung.is_set() or not waiting:
                server.sendall(data)
                continue
            seen = seen[-256:] + data
            while waiting and (at := seen.find(waiting[0])) >= 0:
                seen = seen[at + len(waiting.pop(0)) :]
            if waiting:
                server.sendall(data)
                continue
            if trap.delivered:
                silent.set()
                server.sendall(data)
                self._wait_for_answer(silent)
            goes_on = trap.spring()
            trap.sprung.set()
            if trap.delivered or not goes_on:
                return
            server.sendall(data)

    @staticmethod
    def _wait_for_answer(silent: threading.Event) -> None:
        """The answering thread clears the flag when the server said something."""
        for _ in range(3000):
            if not silent.is_set():
                return
            threading.Event().wait(0.01)

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket, silent: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(_BLOCK):
                if silent.is_set():
                    silent.clear()
                    return
                client.sendall(data)
        _end(client)


def _end(line: socket.socket) -> None:
    """Close with a reset, as a line that broke does. Shut down first: another thread may be reading from it."""
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        line.shutdown(socket.SHUT_RDWR)
    line.close()


@contextlib.contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.close()

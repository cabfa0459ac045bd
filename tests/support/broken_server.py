"""A server that is no OPA: it refuses, hangs, answers nonsense, or goes away in the middle of an answer."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Final

JSON: Final = b"Content-Type: application/json\r\n"


def answer(body: bytes, status: bytes = b"200 OK", headers: bytes = JSON) -> bytes:
    """Return an HTTP answer."""
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, headers, len(body), body)


class BrokenServer:
    """Gives every request the same answer; with `hang` it keeps the connection open after that."""

    def __init__(self, said: bytes, *, hang: bool, drip: float) -> None:
        self._said = said
        self._hang = hang
        self._drip = drip
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self.requests = 0
        self.connections = 0
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in [self._accepting, *self._threads]:
            thread.join(10)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            while connection.recv(65536):
                self.requests += 1
                if not self._drip:
                    connection.sendall(self._said)
                else:
                    for sign in self._said:
                        connection.sendall(bytes([sign]))
                        if self._over.wait(self._drip):
                            return
                if self._hang:
                    self._over.wait(10)
                if self._hang or not self._said or b"Content-Length" not in self._said:
                    return


@contextlib.contextmanager
def serve_broken(said: bytes = b"", *, hang: bool = False, drip: float = 0.0) -> Iterator[BrokenServer]:
    """Run one until the block ends; `drip` is the seconds between two bytes of its answer."""
    server = BrokenServer(said, hang=hang, drip=drip)
    try:
        yield server
    finally:
        server.stop()

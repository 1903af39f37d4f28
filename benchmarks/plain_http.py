"""Posting over one connection with hardly any work of one's own: what is measured is the server."""

import socket
from http.client import HTTPException
from urllib.parse import urlsplit

_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


class PlainHttp:
    """One kept connection to a path. Answers tell their length, as this project's do."""

    def __init__(self, url: str, path: str, headers: dict[str, str], timeout: float = 30.0) -> None:
        place = urlsplit(url)
        self._address, self._timeout = (place.hostname or "", place.port or 80), timeout
        lines = [f"POST {path} HTTP/1.1", f"Host: {place.netloc}", *(f"{k}: {v}" for k, v in headers.items())]
        self._head = "\r\n".join(lines).encode() + b"\r\nContent-Length: "
        self._socket: socket.socket | None = None

    def post(self, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer; OSError or HTTPException when there is none: then `close`."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(self._head + str(len(body)).encode() + _END + body)
        found = self._more(b"")
        while (end := found.find(_END)) < 0:
            found = self._more(found)
        head = found[:end].lower() + b"\r\n"
        length = int(head.partition(_LENGTH)[2].partition(b"\r\n")[0])
        while len(found) < end + len(_END) + length:
            found = self._more(found)
        if b"\r\nconnection: close\r\n" in head:
            self.close()
        return int(head.split(b" ", 2)[1]), found[end + len(_END) :]

    def _more(self, found: bytes) -> bytes:
        assert self._socket is not None
        piece = self._socket.recv(65536)
        if not piece:
            raise HTTPException("the connection ended before the answer did")
        return found + piece

    def close(self) -> None:
        """The next post connects anew."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

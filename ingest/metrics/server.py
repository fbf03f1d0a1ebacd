"""`/metrics` and `/healthz` over HTTP, for whoever may reach the address: there is no password."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from ingest.logs import get_logger
from ingest.metrics.exposition import HomeCollector
from schemas.errors import ConfigError, DocstrataError

_log = get_logger(__name__)

_PAGE = b"""<!doctype html><title>docstrata</title>
<p>docstrata: <a href="/metrics">metrics</a> for Prometheus, <a href="/healthz">health</a></p>
"""
_PLAIN = "text/plain; charset=utf-8"
_WHY = {
    errno.EADDRINUSE: "another program listens there already: name another port",
    errno.EADDRNOTAVAIL: "this machine has no such address: name one of its own, or 0.0.0.0 for all of them",
    errno.EACCES: "ports below 1024 are the administrator's: name a higher one",
}


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_address(text: str, option: str) -> Address:
    """`127.0.0.1:9464`, `[::1]:9464`, `:9464` for all addresses. Raises `ConfigError`."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or not 0 <= int(port) < 2**16 or host.count(":") == 1:
        raise ConfigError(f"{option} takes HOST:PORT, for example 127.0.0.1:9464, not '{text}'")
    bare = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if ":" in bare and bare == host:
        raise ConfigError(f"{option}: an IPv6 address stands in brackets, as in [::1]:9464, not '{text}'")
    return Address(bare or "0.0.0.0", int(port))  # noqa: S104  # asked for by leaving the host out


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    registry: CollectorRegistry
    collector: HomeCollector
    # One answer at a time: monitors in plenty must not read the catalog side by side.
    reading: threading.Lock

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked has hung up: that is nobody's trouble, and no traceback on the terminal."""
        _log.debug("metrics.not_answered", exc_info=True)


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "docstrata"
    sys_version = ""
    timeout = 30  # seconds until whoever connects and says nothing is hung up on

    def do_GET(self) -> None:  # the standard library calls it so
        path = self.path.partition("?")[0]
        if path == "/metrics":
            encode, kind = choose_encoder(self.headers.get("Accept", ""))
            with self.server.reading:
                body = encode(self.server.registry)
            self._answer(HTTPStatus.OK, kind, body)
        elif path == "/healthz":
            self._answer_health()
        elif path == "/":
            self._answer(HTTPStatus.OK, "text/html; charset=utf-8", _PAGE)
        else:
            self._answer(HTTPStatus.NOT_FOUND, _PLAIN, b"there are /metrics and /healthz here\n")

    do_HEAD = do_GET  # noqa: N815  # as above; the body is left out below

    def _answer_health(self) -> None:
        """By reading the home: an answer out of memory would say little."""
        with self.server.reading:
            for _ in self.server.collector.collect():
                pass
            trouble: DocstrataError | None = self.server.collector.trouble
        if trouble is None:
            self._answer(HTTPStatus.OK, _PLAIN, b"ok\n")
        else:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, _PLAIN, f"{trouble.code}: {trouble.message}\n".encode())

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the standard library's
        _log.debug("metrics.asked", extra={"facts": {"path": self.path, "by": self.client_address[0]}})


@contextmanager
def serving(address: Address, registry: CollectorRegistry, collector: HomeCollector) -> Iterator[Address]:
    """Answers from threads of its own until the block ends. The address, with the port that the system chose
    where 0 was asked for. Raises `ConfigError` when it cannot be listened on."""
    kind = _Server6 if ":" in address.host else _Server
    try:
        server = kind((address.host, address.port), _Handler)
    except OSError as error:
        why = _WHY.get(error.errno or 0, error.strerror or str(error))
        if isinstance(error, socket.gaierror):
            why = "there is no machine of that name: name an address of this machine"
        raise ConfigError(f"{address} cannot be listened on: {why}") from error
    server.registry, server.collector, server.reading = registry, collector, threading.Lock()
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield Address(address.host, int(server.server_address[1]))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""What a server answers, and what becomes of it. The server is a real one that answers as told."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from qdrant_client.http.exceptions import UnexpectedResponse

from ingest.sinks.qdrant import QdrantIndex
from ingest.vectors import CollectionSpec
from schemas.errors import ConfigError, SinkDown

SPEC = CollectionSpec("c", 4, "f")

Serve = Callable[..., "Server"]


class Server:
    """Answers every request with one status and body, and remembers what it was asked."""

    def __init__(self, status: int, body: object, headers: dict[str, str]) -> None:
        self.requests: list[tuple[str, str, object, str | None]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests.append(
                    (self.command, self.path, json.loads(sent) if sent else None, self.headers.get("api-key"))
                )
                content = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_PATCH = answer  # noqa: N815 - the names that the base class looks for

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(status: int, body: object, headers: dict[str, str] | None = None) -> Server:
        servers.append(Server(status, body, headers or {}))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def test_a_server_that_is_not_there_is_down() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        index = QdrantIndex(f"http://127.0.0.1:{taken.getsockname()[1]}", timeout_s=2)
        with pytest.raises(SinkDown, match="cannot be reached"):
            index.ensure(SPEC)


def test_a_server_that_does_not_answer_in_time_is_down() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        index = QdrantIndex(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=1)
        with pytest.raises(SinkDown):
            index.ensure(SPEC)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_down(serve: Serve, status: int) -> None:
    with pytest.raises(SinkDown):
        QdrantIndex(serve(status, {"status": {"error": "no"}}).url).ensure(SPEC)


def test_a_server_that_asks_for_patience_is_down(serve: Serve) -> None:
    server = serve(429, {"status": {"error": "slowly"}}, {"Retry-After": "3"})
    with pytest.raises(SinkDown, match="busy"):
        QdrantIndex(server.url).ensure(SPEC)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_the_users_to_set(serve: Serve, status: int) -> None:
    server = serve(status, {"status": {"error": "no"}})
    with pytest.raises(ConfigError, match="API key"):
        QdrantIndex(server.url).ensure(SPEC)


def test_a_request_that_the_server_calls_wrong_is_not_hidden(serve: Serve) -> None:
    with pytest.raises(UnexpectedResponse):
        QdrantIndex(serve(400, {"status": {"error": "bad"}}).url).ensure(SPEC)


def test_the_key_is_sent(serve: Serve) -> None:
    server = serve(500, {})
    with pytest.raises(SinkDown), pytest.warns(UserWarning, match="insecure"):
        QdrantIndex(server.url, api_key="secret").ensure(SPEC)
    assert {key for *_, key in server.requests} == {"secret"}


def test_nothing_is_asked_before_the_first_call(serve: Serve) -> None:
    server = serve(500, {})
    QdrantIndex(server.url).close()
    assert server.requests == []

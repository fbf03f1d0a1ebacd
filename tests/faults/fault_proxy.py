"""A proxy before a Qdrant server that does what networks and servers do at their worst."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_SLOW_S = 2.5


class Fault(StrEnum):
    """What becomes of a request. A connection that is cut ends without an answer."""

    REFUSED = "refused, this and all that follow"
    CUT_BEFORE = "cut before it was applied"
    CUT_AFTER = "cut after it was applied"
    CUT_HALF = "cut after half of it was applied"
    SLOW = "answered too late"
    ERROR = "500"
    BUSY = "429"
    AWAY = "503"


Decide = Callable[[int, str, str], Fault | None]
"""Of the number of a request (counted from 0 since the last `decide`), its method and path."""


class FaultProxy:
    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self._decide: Decide = lambda *_: None
        self._lock = threading.Lock()
        self.asked = 0
        self.harmed = 0
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self._listen()
        self.url = f"http://127.0.0.1:{self._port}"

    def decide(self, how: Decide) -> None:
        with self._lock:
            self._decide, self.asked, self.harmed = how, 0, 0

    def heal(self) -> None:
        self.decide(lambda *_: None)
        if self._server is None:
            self._listen()

    def close(self) -> None:
        """From here on connections are refused."""
        if self._server is not None:
            server, self._server = self._server, None
            server.shutdown()
            server.server_close()

    def _listen(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._handler())
        self._server.daemon_threads = True
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _fault(self, method: str, path: str) -> Fault | None:
        with self._lock:
            fault = self._decide(self.asked, method, path)
            self.asked += 1
            self.harmed += fault is not None
            return fault

    def _forward(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(str(self._upstream.hostname), self._upstream.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {
                    name: value
                    for name, value in self.headers.items()
                    if name.lower() in {"content-type", "api-key", "authorization"}
                }
                fault = proxy._fault(self.command, self.path)
                if fault is Fault.REFUSED:
                    proxy.close()
                if fault in {Fault.REFUSED, Fault.CUT_BEFORE}:
                    return
                if fault in {Fault.ERROR, Fault.BUSY, Fault.AWAY}:
                    self.reply(int(fault), b'{"status": {"error": "not now"}, "time": 0}')
                    return
                if fault is Fault.CUT_HALF:
                    body = half(body)
                if fault is Fault.SLOW:
                    time.sleep(_SLOW_S)
                answer = proxy._forward(self.command, self.path, body, headers)
                if fault in {Fault.CUT_AFTER, Fault.CUT_HALF}:
                    return
                try:
                    self.reply(*answer)
                except BrokenPipeError:
                    assert fault is Fault.SLOW  # the client has given up

            def reply(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = pass_on  # noqa: N815 - the names that the base class looks for

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Silent."""

        return Handler


def half(body: bytes) -> bytes:
    """The first half of what a request would write: of its points, or of the ids that it names."""
    asked = json.loads(body) if body else None
    if not isinstance(asked, dict):
        return body
    if isinstance(asked.get("points"), list):
        asked["points"] = asked["points"][: (len(asked["points"]) + 1) // 2]
    for condition in (asked.get("filter") or {}).get("must") or []:
        if "has_id" in condition:
            condition["has_id"] = condition["has_id"][: (len(condition["has_id"]) + 1) // 2]
    return json.dumps(asked).encode()


@contextmanager
def before(upstream: str) -> Iterator[FaultProxy]:
    proxy = FaultProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()

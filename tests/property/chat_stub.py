"""A small local server that speaks the protocol of chat completions. Loaded by tests; not collected itself."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ChatStub:
    """Every numbered sentence of a question comes back as a statement, unless `script` holds something
    else for this request: a status, a text, raw bytes, seconds to wait before answering, or a barrier at which
    it waits for others.
    """

    def __init__(self, script: list[object] | None = None, usage: int | None = 100) -> None:
        self.script = list(script or [])
        self.usage = usage
        self.requests: list[dict[str, object]] = []
        self.keys: list[str] = []
        self.most_at_once = 0
        self.retry_after: str | None = None
        self._at_once = 0
        self._lock = threading.Lock()
        self.url = ""

    def reply(self, body: dict[str, object], key: str) -> tuple[int, bytes]:
        with self._lock:
            self.requests.append(body)
            self.keys.append(key)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            step = self.script.pop(0) if self.script else None
        if isinstance(step, float):
            time.sleep(step)
        elif isinstance(step, threading.Barrier):
            step.wait()
        elif not self.script:
            time.sleep(0.01)
        with self._lock:
            self._at_once -= 1
        if isinstance(step, int):
            return step, b'{"error": "as told"}'
        if isinstance(step, bytes):
            return 200, step
        return 200, self._completion(step if isinstance(step, str) else _echo(body))

    def _completion(self, content: str) -> bytes:
        answer: dict[str, object] = {"choices": [{"message": {"role": "assistant", "content": content}}]}
        if self.usage is not None:
            answer["usage"] = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": self.usage}
        return json.dumps(answer).encode()


def _echo(body: dict) -> str:
    numbered = re.findall(r"^\[(\d+)\] (.*)$", body["messages"][-1]["content"], re.MULTILINE)
    rows = [{"text": f"It holds that: {text}", "sentences": [int(number)]} for number, text in numbered]
    return "Here it is:\n```json\n" + json.dumps({"propositions": rows}) + "\n```"


@contextmanager
def chat_stub(script: list[object] | None = None, usage: int | None = 100) -> Iterator[ChatStub]:
    stub = ChatStub(script, usage)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, content = stub.reply(body, self.headers.get("Authorization", ""))
            if self.path != "/v1/chat/completions":
                status, content = 404, b"{}"
            try:
                self.send_response(status)
                if stub.retry_after is not None and status == 429:
                    self.send_header("Retry-After", stub.retry_after)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                pass  # whoever asked has given up

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

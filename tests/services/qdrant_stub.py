"""The part of Qdrant's REST interface that docstrata speaks, on 127.0.0.1, over the client's own
imitation of the engine.

What it shows: that requests and answers go over HTTP and back as meant, that operations follow
each other one at a time, and that an unindexed field is refused as strict mode does. What it does
not show: real payload indexes and graphs, quantization, how a server's optimizers and its strict
mode really behave, replicas, restarts. For those, `QDRANT_URL` names a real server.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter
from qdrant_client import QdrantClient, models

Body = dict[str, Any]

_SELECTOR: TypeAdapter[models.PointsSelector] = TypeAdapter(models.PointsSelector)


class Refused(Exception):
    """Becomes an answer of this status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class QdrantStub:
    """Listens once it is built; `close` ends it. `requests` are what it was asked, in order."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self._client = QdrantClient(location=":memory:")
        self._made: dict[str, models.CreateCollection] = {}
        self._indexes: dict[str, dict[str, Body]] = {}
        self._one_at_a_time = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, body = stub._answer(self.command, urlsplit(self.path).path, json.loads(sent) if sent else {})
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - the names that the base class looks for

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Silent."""

        return Handler

    def _answer(self, method: str, path: str, body: Body) -> tuple[int, Body]:
        with self._one_at_a_time:
            self.requests.append((method, path))
            try:
                result = self._route(method, path, body)
            except Refused as refused:
                return refused.status, {"status": {"error": str(refused)}, "time": 0}
        return 200, {"result": result, "status": "ok", "time": 0}

    def _route(self, method: str, path: str, body: Body) -> object:
        for (wanted, pattern), does in _ROUTES.items():
            match = re.fullmatch(pattern, path)
            if wanted == method and match:
                return does(self, body, *match.groups())
        raise Refused(404, f"{method} {path} is not known")

    # ------------------------------------------------------------- collections

    def names(self, _: Body) -> object:
        return {"collections": [{"name": name} for name in self._made]}

    def exists(self, _: Body, name: str) -> object:
        return {"exists": name in self._made}

    def create(self, body: Body, name: str) -> object:
        if name in self._made:
            raise Refused(409, f"collection {name} exists")
        made = models.CreateCollection.model_validate(body)
        self._client.create_collection(name, made.vectors, sparse_vectors_config=made.sparse_vectors)
        self._made[name], self._indexes[name] = made, {}
        return True

    def describe(self, _: Body, name: str) -> object:
        made = self._known(name)
        info: Body = self._client.get_collection(name).model_dump(mode="json")
        hnsw = {**info["config"]["hnsw_config"], **_given(made.hnsw_config)}
        info["config"] |= {
            "params": {
                "vectors": {key: each.model_dump(mode="json") for key, each in dict(made.vectors or {}).items()},
                "sparse_vectors": info["config"]["params"]["sparse_vectors"],
            },
            "hnsw_config": hnsw,
            "quantization_config": _given(made.quantization_config) or None,
            "strict_mode_config": _given(made.strict_mode_config) or None,
            "metadata": made.metadata,
        }
        return info | {"payload_schema": self._indexes[name]}

    def update(self, body: Body, name: str) -> object:
        made = self._known(name)
        change = models.UpdateCollection.model_validate(body)
        vectors = dict(made.vectors or {})
        for key, diff in (change.vectors or {}).items():
            vectors[key] = vectors[key].model_copy(update=_given(diff))
        hnsw = models.HnswConfigDiff.model_validate({**_given(made.hnsw_config), **_given(change.hnsw_config)})
        quantization = change.quantization_config or made.quantization_config
        self._made[name] = made.model_copy(
            update={
                "vectors": vectors,
                "hnsw_config": hnsw,
                "quantization_config": None if quantization == models.Disabled.DISABLED else quantization,
                "strict_mode_config": change.strict_mode_config or made.strict_mode_config,
            }
        )
        return True

    def drop(self, _: Body, name: str) -> object:
        if name not in self._made:
            return False
        self._client.delete_collection(name)
        del self._made[name], self._indexes[name]
        return True

    def index(self, body: Body, name: str) -> object:
        self._known(name)
        wanted = models.CreateFieldIndex.model_validate(body)
        kind = wanted.field_schema if isinstance(wanted.field_schema, str) else _given(wanted.field_schema)["type"]
        self._indexes[name][wanted.field_name] = {"data_type": kind, "points": 0}
        return _done()

    def aliases(self, _: Body) -> object:
        return self._client.get_aliases().model_dump(mode="json")

    def change_aliases(self, body: Body) -> object:
        return self._client.update_collection_aliases(models.ChangeAliasesOperation.model_validate(body).actions)

    # ------------------------------------------------------------------ points

    def upsert(self, body: Body, name: str) -> object:
        self._known(name)
        wanted = models.PointsList.model_validate(body)
        self._client.upsert(name, wanted.points, update_mode=wanted.update_mode)
        return _done()

    def set_payload(self, body: Body, name: str) -> object:
        wanted = models.SetPayload.model_validate(body)
        self._indexed(name, wanted.filter)
        self._client.set_payload(name, wanted.payload, wanted.filter or wanted.points or [])
        return _done()

    def delete(self, body: Body, name: str) -> object:
        selector = _SELECTOR.validate_python(body)
        self._indexed(name, selector.filter if isinstance(selector, models.FilterSelector) else None)
        self._client.delete(name, selector)
        return _done()

    def retrieve(self, body: Body, name: str) -> object:
        self._known(name)
        wanted = models.PointRequest.model_validate(body)
        found = self._client.retrieve(name, wanted.ids, with_payload=True, with_vectors=bool(wanted.with_vector))
        return [each.model_dump(mode="json") for each in found]

    def count(self, body: Body, name: str) -> object:
        wanted = models.CountRequest.model_validate(body)
        self._indexed(name, wanted.filter)
        return {"count": self._client.count(name, wanted.filter).count}

    def facet(self, body: Body, name: str) -> object:
        wanted = models.FacetRequest.model_validate(body)
        self._indexed(name, wanted.filter)
        if wanted.key not in self._indexes[name]:
            raise Refused(400, f"no index for {wanted.key}")
        found = self._client.facet(name, wanted.key, wanted.filter, limit=wanted.limit or 10)
        return found.model_dump(mode="json")

    def scroll(self, body: Body, name: str) -> object:
        wanted = models.ScrollRequest.model_validate(body)
        self._indexed(name, wanted.filter)
        found, following = self._client.scroll(
            name,
            wanted.filter,
            limit=wanted.limit or 10,
            offset=wanted.offset,
            with_payload=True,
            with_vectors=bool(wanted.with_vector),
        )
        return {"points": [each.model_dump(mode="json") for each in found], "next_page_offset": following}

    def query(self, body: Body, name: str) -> object:
        wanted = models.QueryRequest.model_validate(body)
        self._indexed(name, wanted.filter)
        idf = wanted.params.idf if wanted.params else None
        found = self._client.query_points(
            name,
            query=wanted.query,
            using=wanted.using,
            query_filter=wanted.filter,
            # The imitation is exact by itself, and warns when told to be.
            search_params=models.SearchParams(idf=idf) if idf else None,
            limit=wanted.limit or 10,
            with_payload=True,
        )
        return {"points": [each.model_dump(mode="json") for each in found.points]}

    def _known(self, name: str) -> models.CreateCollection:
        if name not in self._made:
            raise Refused(404, f"collection {name} does not exist")
        return self._made[name]

    def _indexed(self, name: str, where: models.Filter | None) -> None:
        """As strict mode: whatever is filtered on has an index."""
        strict = self._known(name).strict_mode_config
        if where is None or strict is None or not strict.enabled:
            return
        missing = {*_fields(where.model_dump())} - self._indexes[name].keys()
        if missing:
            raise Refused(400, f"strict mode: no index for {', '.join(sorted(missing))}")


_COLLECTION = "/collections/([^/]+)"
_ROUTES: dict[tuple[str, str], Callable[..., object]] = {
    ("GET", "/collections"): QdrantStub.names,
    ("GET", f"{_COLLECTION}/exists"): QdrantStub.exists,
    ("PUT", _COLLECTION): QdrantStub.create,
    ("GET", _COLLECTION): QdrantStub.describe,
    ("PATCH", _COLLECTION): QdrantStub.update,
    ("DELETE", _COLLECTION): QdrantStub.drop,
    ("PUT", f"{_COLLECTION}/index"): QdrantStub.index,
    ("GET", "/aliases"): QdrantStub.aliases,
    ("POST", "/collections/aliases"): QdrantStub.change_aliases,
    ("PUT", f"{_COLLECTION}/points"): QdrantStub.upsert,
    ("POST", f"{_COLLECTION}/points/payload"): QdrantStub.set_payload,
    ("POST", f"{_COLLECTION}/points/delete"): QdrantStub.delete,
    ("POST", f"{_COLLECTION}/points"): QdrantStub.retrieve,
    ("POST", f"{_COLLECTION}/points/count"): QdrantStub.count,
    ("POST", f"{_COLLECTION}/points/scroll"): QdrantStub.scroll,
    ("POST", f"{_COLLECTION}/facet"): QdrantStub.facet,
    ("POST", f"{_COLLECTION}/points/query"): QdrantStub.query,
}


def _done() -> object:
    return {"operation_id": 0, "status": "completed"}


def _given(model: Any) -> Body:
    """What was said; the rest is the server's choice."""
    return {} if model is None else model.model_dump(mode="json", exclude_none=True)


def _fields(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "key" and isinstance(value, str):
                yield value
            else:
                yield from _fields(value)
    elif isinstance(part, list):
        for each in part:
            yield from _fields(each)


@contextmanager
def serving() -> Iterator[QdrantStub]:
    stub = QdrantStub()
    try:
        yield stub
    finally:
        stub.close()

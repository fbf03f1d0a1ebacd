"""Places that documents may come from, with one way to change what lies there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import fsspec

BUCKET = "documents"


class Lying(Protocol):
    """A place with documents; `what` names it to a run."""

    what: str

    def put(self, name: str, content: bytes) -> None: ...

    def remove(self, name: str) -> None: ...

    def names(self) -> set[str]:
        """Of all that lies there."""
        ...

    def read(self, name: str) -> bytes: ...


class LocalPlace:
    def __init__(self, root: Path, *, as_url: bool = False) -> None:
        self._root = root
        root.mkdir()
        self.what = f"file://{root}" if as_url else str(root)

    def put(self, name: str, content: bytes) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def remove(self, name: str) -> None:
        (self._root / name).unlink()

    def names(self) -> set[str]:
        return {str(path.relative_to(self._root)) for path in self._root.rglob("*") if path.is_file()}

    def read(self, name: str) -> bytes:
        return (self._root / name).read_bytes()


class UrlPlace:
    """A prefix named `docs` in a place of its own. Counts what is asked of the driver."""

    def __init__(self, url: str) -> None:
        self.what = f"{url}/docs"
        # fsspec ships no types.
        self.fs: Any
        self.fs, self._root = fsspec.core.url_to_fs(self.what)

    def put(self, name: str, content: bytes) -> None:
        self.fs.pipe_file(f"{self._root}/{name}", content)

    def remove(self, name: str) -> None:
        self.fs.rm_file(f"{self._root}/{name}")

    def names(self) -> set[str]:
        self.fs.invalidate_cache()
        return {path[len(self._root) + 1 :] for path in self.fs.find(self._root)}

    def read(self, name: str) -> bytes:
        content: bytes = self.fs.cat_file(f"{self._root}/{name}")
        return content


def memory_place() -> UrlPlace:
    return UrlPlace(f"memory://{uuid4().hex}")


def s3_place() -> UrlPlace:
    """In a bucket of its own; `s3_server` has to be running."""
    fs = fsspec.filesystem("s3")
    bucket = f"{BUCKET}-{uuid4().hex[:8]}"
    fs.mkdir(bucket)
    return UrlPlace(f"s3://{bucket}")


@contextmanager
def s3_server() -> Iterator[str]:
    """An S3 on this machine, and fsspec configured for it as its environment variables would. Its address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    before = dict(fsspec.config.conf)
    fsspec.config.conf["s3"] = {"endpoint_url": address, "key": "key", "secret": "secret"}
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    try:
        yield address
    finally:
        fsspec.config.conf.clear()
        fsspec.config.conf.update(before)
        server.stop()


def clear_memory() -> None:
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]

"""Nothing in a document is ever fetched: while one is parsed, Python opens no connection to anywhere.

An audit hook cannot be taken away again, so there is one for the life of the process, which heeds
a flag. Readers in other languages that run in this process (MuPDF, lxml) have no way out of their
own; converters are processes of their own, and are started without the means to fetch.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_NAME_LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_state = threading.local()


@contextmanager
def secluded() -> Iterator[None]:
    """A `PermissionError` for whatever tries to connect, in this thread: to the library it is a
    network that is not there. A socket in the file system, as OCR has it, is no network."""
    _install()
    before = getattr(_state, "on", False)
    _state.on = True
    try:
        yield
    finally:
        _state.on = before


@cache
def _install() -> None:
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if not event.startswith("socket.") or not getattr(_state, "on", False):
        return
    opened = arguments[0] if event == "socket.connect" else None
    if event in _NAME_LOOKUPS or (isinstance(opened, socket.socket) and opened.family != socket.AF_UNIX):
        raise PermissionError("documents are read without a network")

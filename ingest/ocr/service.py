"""Warm OCR processes, one a device, for the parsers of all worker processes.

```
worker process          main process                          OCR process
OcrClient ──AF_UNIX──►  OcrService: two threads a client ──►  engine of cuda:0
OcrClient ──AF_UNIX──►              EngineProcess        ──►  engine of cuda:1
```
"""

from __future__ import annotations

import os
import pickle
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener, answer_challenge, deliver_challenge
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from ingest.ocr.client import OcrAddress
from ingest.ocr.engine_process import EngineProcess, MakeEngine
from ingest.ocr.registry import make_engine, ocr_recipe
from ingest.options.ocr import OcrOptions
from ingest.page_images import ReadImage
from ingest.workers.process import Ticket
from schemas.errors import DocstrataError, InvariantError

_AHEAD = 2
"""Images of one client, beyond a batch a device (one image on a CPU): the next lies ready when one is done."""


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    ticket: Ticket
    process: EngineProcess


@dataclass(eq=False, slots=True)
class _Session:
    """One client. `pages` are those it waits for, in their order; None is the end."""

    connection: Connection
    pages: SimpleQueue[_Page | None] = field(default_factory=SimpleQueue)


class OcrService:
    """Owned by the run's main process. Nothing is loaded before the first image comes.

    A page that hangs, crashes or bloats the engine has that error as its result, and the process is
    replaced. What keeps an engine from being built (`ConfigError`, `MissingExtra`) is every page's
    result and stops the run. A client that dies costs nothing but the page that is being read.

    >>> with OcrService(options) as service:  # doctest: +SKIP
    ...     make_parser = partial(make, service.address)  # OcrClient(address), in the worker
    """

    def __init__(self, options: OcrOptions, make: MakeEngine = make_engine) -> None:
        """`make`: in place of the engines of the options. Picklable."""
        self._recipe = dict(ocr_recipe(options))
        self._processes = [EngineProcess(options, device, make) for device in options.devices]
        self._lock = threading.Lock()
        self._sessions: set[_Session] = set()
        self._threads: set[threading.Thread] = set()
        self._closing = threading.Event()

    def __enter__(self) -> Self:
        # An abstract name, which goes with the process however that ends, and a key for who may use it.
        path, key = f"\0docstrata-ocr-{secrets.token_hex(16)}", secrets.token_bytes(32)
        self.address = OcrAddress(path, key, sum(process.at_once for process in self._processes) + _AHEAD, self._recipe)
        # Without the key, which is asked for in the client's own thread: one that stalls holds up no other.
        self._listener = Listener(path, "AF_UNIX", backlog=64)
        self._accepting = _thread(self._accept)
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the processes at once, pages under way with them."""
        with self._lock:
            self._closing.set()
        for process in self._processes:
            process.close()
        self._wake_listener()
        self._accepting.join()
        # Whoever came is known now: nobody is let in any more.
        with self._lock:
            for session in self._sessions:
                _hang_up(session.connection)
            threads = tuple(self._threads)
        for thread in threads:
            thread.join()
        self._listener.close()

    def _start(self, target: Callable[[], None]) -> None:
        """Those that are over are forgotten here and not by themselves: one that has just said so still runs."""
        thread = _thread(target)
        with self._lock:
            self._threads = {each for each in self._threads if each.is_alive()}
            thread.start()
            self._threads.add(thread)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection = self._listener.accept()
            except OSError:
                self._closing.wait(0.1)  # it died on its way in, or the system has no handle for it now
                continue
            session = _Session(connection)
            with self._lock:
                if self._closing.is_set():
                    connection.close()
                    return
                self._sessions.add(session)
            self._start(partial(self._take_pages, session))
            self._start(partial(self._answer, session))

    def _wake_listener(self) -> None:
        with socket.socket(socket.AF_UNIX) as end:
            end.connect(self.address.path)

    def _take_pages(self, session: _Session) -> None:
        """Until the client hangs up; what it no longer waits for is then not read."""
        handed_in: list[_Page] = []
        known = _has_key(session.connection, self.address.key)
        while known:
            try:
                data = session.connection.recv_bytes()
            except (EOFError, OSError):
                break
            handed_in = [page for page in handed_in if not page.ticket.done]
            with self._lock:
                if self._closing.is_set():
                    break
                process = min(self._processes, key=lambda process: process.waiting)
                page = _Page(process.submit(data), process)
                process.waiting += 1
            handed_in.append(page)
            session.pages.put(page)
        for process in self._processes:
            process.forget({page.ticket for page in handed_in if page.process is process})
        session.pages.put(None)

    def _answer(self, session: _Session) -> None:
        while page := session.pages.get():
            outcome = _outcome(page)
            with self._lock:
                page.process.waiting -= 1
            try:
                session.connection.send_bytes(pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL))
            except OSError:
                continue  # it hung up: `_take_pages` ends the queue
        with self._lock:
            # Together: the number of one that is closed may soon be that of another's.
            self._sessions.discard(session)
            session.connection.close()


def _thread(target: Callable[[], None]) -> threading.Thread:
    return threading.Thread(target=target, name="ocr-service", daemon=True)


def _has_key(connection: Connection, key: bytes) -> bool:
    try:
        deliver_challenge(connection, key)
        answer_challenge(connection, key)
    except (AuthenticationError, EOFError, OSError):
        return False
    return True


def _outcome(page: _Page) -> ReadImage | DocstrataError:
    try:
        return page.process.outcome(page.ticket)
    except DocstrataError as error:
        return error
    except Exception as error:  # noqa: BLE001  # the client tells it
        return InvariantError(f"OCR ended with {type(error).__name__}: {error}")


def _hang_up(connection: Connection) -> None:
    """Wakes who reads from it, which closing does not."""
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side did

"""The owner of an embedded collection answers the reads of other processes, so that nobody has to
wait for it to give the collection up, nor to open it: with a hundred thousand rows that takes seconds.

A socket file beside the lock: whoever owns the collection listens on it from the moment that it
opens the shard, and answers when the shard is open. Writing still needs the lock.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from ingest.logs import get_logger
from ingest.sinks.edge_messages import Answer, Question, receive, said_points, said_scored, send
from ingest.sinks.edge_reads import EdgeReads
from ingest.vectors import SparseWeights
from schemas.errors import InvariantError

SOCKET = "reads.sock"
_WAITING = 64
"""Connections that wait to be accepted."""

log = get_logger(__name__)


class ReadServer:
    """Listens in `directory`, that of the lock, from when it is made until `close`; nobody is answered
    before `begin`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._gate = threading.Lock()
        self._began = threading.Event()
        self._reads: EdgeReads | None = None
        self._connections: set[socket.socket] = set()
        self._listener = _listen(directory)
        if self._listener is not None:
            threading.Thread(target=self._accept, args=(self._listener,), name="edge-index-serve", daemon=True).start()

    def begin(self, reads: EdgeReads) -> None:
        self._reads = reads
        self._began.set()

    def close(self) -> None:
        """Returns when no read is going on, and none will."""
        with self._gate:
            self._reads = None
            connections, self._connections = self._connections, set()
        self._began.set()
        if self._listener is not None:
            # The file first: who finds none looks at the lock.
            with suppress(FileNotFoundError):
                (self._directory / SOCKET).unlink()
            _shut(self._listener)
        for connection in connections:
            _shut(connection)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # closed
                return
            with self._gate:
                if self._began.is_set() and self._reads is None:
                    _shut(connection)
                    return
                self._connections.add(connection)
            threading.Thread(target=self._converse, args=(connection,), name="edge-index-read", daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        self._began.wait()
        try:
            while (said := receive(connection)) is not None:
                answer = self._answer(said)
                if answer is None:
                    return
                send(connection, answer)
        except OSError:  # the other side is gone
            pass
        finally:
            with self._gate:
                self._connections.discard(connection)
            _shut(connection)

    def _answer(self, said: bytes) -> Answer | None:
        """None when the shard is being closed: the asker looks for the next owner."""
        try:
            question = Question.model_validate_json(said)
        except ValidationError:
            return Answer(foreign=True)  # of another release
        with self._gate:
            if self._reads is None:
                return None
            try:
                return _answered(self._reads, question)
            except Exception as error:  # noqa: BLE001 - see below; a thread has nobody above it to catch it
                # The engine raises bare Exception and nothing narrower; it is the asker's to tell.
                log.warning(
                    "index_read_failed", extra={"facts": {"call": question.call, "error": type(error).__name__}}
                )
                return Answer(failure=str(error) or type(error).__name__)


def _answered(reads: EdgeReads, question: Question) -> Answer:
    if question.call == "retrieve":
        return Answer(rows=said_points(list(reads.retrieve(question.ids).values())))
    where, limit = question.where, question.limit
    if where is None:
        raise InvariantError("a search of the embedded index without a filter", call=question.call)
    numbers = np.asarray(question.numbers, np.float32)
    if question.call == "search_dense":
        return Answer(rows=said_scored(reads.search_dense(numbers, where, limit, exact=question.exact)))
    if question.call == "search_sparse":
        weights = SparseWeights(np.asarray(question.terms, np.uint32), numbers)
        return Answer(rows=said_scored(reads.search_sparse(weights, where, limit)))
    if question.call == "count":
        return Answer(count=reads.count(where))
    if question.call == "values":
        return Answer(values=reads.values(question.field, where))
    rows, following = reads.page(where, question.offset)
    return Answer(rows=said_points(rows), offset=following)


class ReadClient:
    """Asks the owner of `directory`, when there is one that answers. For one thread at a time.

    `told` is called about once a second while an answer is waited for, and may raise.
    """

    def __init__(self, directory: Path, told: Callable[[float], None]) -> None:
        self._directory = directory
        self._told = told
        self._connection: socket.socket | None = None

    def ask(self, question: Question) -> Answer | None:
        """None when nobody answers: there is no owner, or it has just ended."""
        if not self.reaches():
            return None
        said = None
        try:
            said = self._conversed(question)
        finally:
            if said is None:
                self.close()
        return Answer.model_validate_json(said) if said is not None else None

    def reaches(self) -> bool:
        """Whether somebody listens."""
        self._connection = self._connection or _connect(self._directory)
        return self._connection is not None

    def _conversed(self, question: Question) -> bytes | None:
        connection = self._connection
        if connection is None:
            return None
        try:
            send(connection, question)
            return self._receive(connection)
        except ConnectionError:
            return None

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def _receive(self, connection: socket.socket) -> bytes | None:
        waited = 0
        connection.settimeout(1.0)
        while True:
            try:
                if not connection.recv(1, socket.MSG_PEEK):
                    return None
                connection.settimeout(None)
                return receive(connection)
            except TimeoutError:
                waited += 1
                self._told(float(waited))


def _listen(directory: Path) -> socket.socket | None:
    """None where the file system holds no sockets: then readers queue for the lock as writers do."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Left by an owner that was killed; nobody else owns the directory now.
        with suppress(FileNotFoundError):
            (directory / SOCKET).unlink()
        with _short(directory) as place:
            listener.bind(place)
        # Who may write to the directory may read through its owner.
        (directory / SOCKET).chmod(directory.stat().st_mode & 0o666)
        listener.listen(_WAITING)
    except OSError as error:
        log.warning("index_reads_not_served", extra={"facts": {"error": str(error)}})
        listener.close()
        return None
    return listener


def _connect(directory: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(directory) as place:
            connection.connect(place)
    except OSError:  # no owner, or one whose reads are not for this user
        connection.close()
        return None
    return connection


@contextmanager
def _short(directory: Path) -> Iterator[str]:
    """The socket's name in some twenty characters, whatever the directory's: a socket's address has
    room for 107 bytes."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET}"
    finally:
        os.close(descriptor)


def _shut(connection: socket.socket) -> None:
    # Closing alone would not wake the thread that waits on it.
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()

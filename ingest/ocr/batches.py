"""Pages that wait for one device are read together: a GPU that reads one at a time waits most of the time."""

from __future__ import annotations

import pickle
import threading
from collections import deque
from collections.abc import Collection, Sequence

from ingest.workers.process import Ticket
from ingest.workers.supervisor import Supervisor
from schemas.errors import InputError, InvariantError


class Batches:
    """Between the pages' tickets and the process that reads them, in a thread of its own.

    What waits when the process is free is a batch, up to `most` pages: no page waits for others to
    come. A batch has the time of one page. One that fails is read again page by page, so that the
    error is that of the page that caused it.
    """

    def __init__(self, supervisor: Supervisor, most: int) -> None:
        self._supervisor = supervisor
        self._most = most
        self._waiting: deque[Ticket] = deque()
        self._fatal: BaseException | None = None
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="ocr-batches", daemon=True)
        self._thread.start()

    def submit(self, ticket: Ticket) -> None:
        with self._changed:
            self._waiting.append(ticket)
            self._changed.notify_all()

    def outcome(self, ticket: Ticket) -> object:
        """Waits for it. Raises what keeps the engine from reading any page."""
        with self._changed:
            self._changed.wait_for(lambda: ticket.done or self._fatal is not None)
            if not ticket.done and self._fatal is not None:
                raise self._fatal
            return ticket.outcome

    def forget(self, tickets: Collection[Ticket]) -> None:
        """Drops what has not started."""
        with self._changed:
            dropped = [ticket for ticket in self._waiting if ticket in tickets]
            self._waiting = deque(ticket for ticket in self._waiting if ticket not in tickets)
        for ticket in dropped:
            self._finish(ticket, InvariantError("the job was given up"))

    def close(self) -> None:
        """After the supervisor was closed: what is under way has then failed."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        try:
            while pages := self._next():
                self._read(pages)
        except BaseException as error:  # noqa: BLE001  # raised again where results are read
            self._stop(error)
        else:
            self._stop(RuntimeError("the OCR process is closed"))

    def _stop(self, error: BaseException) -> None:
        with self._changed:
            self._fatal = error
            self._changed.notify_all()

    def _next(self) -> list[Ticket]:
        """Empty at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._waiting)
            if self._closing:
                return []
            return [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]

    def _read(self, pages: Sequence[Ticket]) -> None:
        batch = Ticket(pickle.dumps(tuple(page.data for page in pages), pickle.HIGHEST_PROTOCOL))
        self._supervisor.submit(batch)
        found = self._supervisor.outcome(batch)
        if not isinstance(found, Exception):
            if not isinstance(found, list) or len(found) != len(pages):
                raise InvariantError("an OCR process did not give a result for every page of a batch")
            for page, outcome in zip(pages, found, strict=True):
                self._finish(page, outcome)
        elif len(pages) > 1 and isinstance(found, InputError):
            for page in pages:
                self._read([page])
        else:
            for page in pages:
                self._finish(page, found)

    def _finish(self, ticket: Ticket, outcome: object) -> None:
        with self._changed:
            ticket.outcome = outcome
            ticket.done = True
            self._changed.notify_all()

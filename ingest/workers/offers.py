"""The supervisor's side of jobs that are done in parts (`ingest.workers.parts`)."""

from __future__ import annotations

import pickle
import time
from collections import deque

from ingest.workers.child import Reply
from ingest.workers.process import Ticket, WorkerProcess, start_clock, stop_clock
from schemas.errors import DocstrataError, InvariantError

_WORTH_PARTS, _WORTH_S = 3, 1.0
"""A process takes seconds to start: none does for fewer parts, nor for a job that may soon be over."""


class Offers:
    """Parts that nobody has begun, the oldest first. Called under the supervisor's lock."""

    def __init__(self) -> None:
        self._waiting: deque[Ticket] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def worth_a_process(self, workers: list[WorkerProcess]) -> int:
        """How many of them a process that is not there yet should do."""
        if any(worker.elsewhere and worker.awaits in self._waiting for worker in workers):
            return 1
        begun = min((ticket.owner.since for ticket in self._waiting if ticket.owner), default=0.0)
        long_enough = len(self._waiting) > _WORTH_PARTS and time.monotonic() - begun > _WORTH_S
        return len(self._waiting) - _WORTH_PARTS if long_enough else 0

    def add(self, owner: WorkerProcess, number: int, data: bytes) -> None:
        ticket = Ticket(data, owner=owner, number=number)
        owner.since = min(owner.since, time.monotonic())
        owner.offers[number] = ticket
        self._waiting.append(ticket)

    def take(self) -> Ticket | None:
        return self._waiting.popleft() if self._waiting else None

    def put_back(self, ticket: Ticket) -> None:
        self._waiting.appendleft(ticket)

    def claim(self, owner: WorkerProcess, number: int, *, elsewhere: bool) -> None:
        """Answered with its outcome, or with a part to do meanwhile; else when the outcome is there."""
        ticket = owner.offers.get(number)
        if ticket is None:
            _answer(owner, Reply("error", InvariantError("a part was claimed that is not on offer", part=number)))
        elif ticket.done:
            self._hand_over(ticket)
        elif not elsewhere and (mine := next((t for t in self._waiting if t.owner is owner), None)):
            self._waiting.remove(mine)
            del owner.offers[mine.number]
            _answer(owner, Reply("yours", mine.number))
        else:
            # Until the job is over: its next part follows, and the process that does it should stay.
            owner.awaits, owner.elsewhere = ticket, owner.elsewhere or elsewhere
            stop_clock(owner)
            if ticket in self._waiting:  # the one that somebody waits for comes first
                self._waiting.remove(ticket)
                self._waiting.appendleft(ticket)

    def finish(self, ticket: Ticket, outcome: object) -> None:
        ticket.outcome, ticket.done = outcome, True
        owner = ticket.owner
        if owner is not None and owner.awaits is ticket:
            owner.awaits = None
            start_clock(owner)
            self._hand_over(ticket)

    def forget(self, owner: WorkerProcess) -> None:
        """Its job is over. What others are doing of it is of no use any more, but soon done."""
        self._waiting = deque(ticket for ticket in self._waiting if ticket.owner is not owner)
        owner.offers.clear()
        owner.awaits, owner.elsewhere = None, False

    def _hand_over(self, ticket: Ticket) -> None:
        if ticket.owner is not None:
            del ticket.owner.offers[ticket.number]
            failed = isinstance(ticket.outcome, DocstrataError)
            _answer(ticket.owner, Reply("error" if failed else "done", ticket.outcome))


def _answer(owner: WorkerProcess, reply: Reply) -> None:
    try:
        owner.connection.send_bytes(pickle.dumps(reply, pickle.HIGHEST_PROTOCOL))
    except OSError:
        return  # it has just died; its connection tells

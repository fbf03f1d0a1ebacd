"""The loop over a drop folder: look, take in, tell, rest."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NoReturn, Protocol

from ingest.sources.drop_look import Dropped, Look, Waiting, Why
from ingest.sources.folder import ListedFile
from ingest.sources.inbox import Inbox
from ingest.stages.drop import TakenIn
from schemas.errors import TransientError

_FIRST_REST_S = 2.0
_LONGEST_REST_S = 60.0
_TIMER_SLACK_S = 0.05


class Audience(Protocol):
    """Told of what happens, as it happens."""

    def begins(self, files: int) -> None:
        """So many files have come to rest."""
        ...

    def ends(self, taken: TakenIn) -> None: ...

    def waits(self, waiting: Waiting) -> None:
        """Once for a file that somebody has to do something about."""
        ...

    def trouble(self, error: TransientError, rest_s: float) -> None:
        """Once for each kind of trouble: it is tried again after `rest_s`, and then less and less often."""
        ...

    def goes_on(self) -> None:
        """The trouble is over."""
        ...


class Watcher:
    """`pause` may raise what ends the loop."""

    def __init__(
        self,
        folder: Inbox,
        take_in: Callable[[], TakenIn],
        audience: Audience,
        *,
        poll_s: float,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._take_in = take_in
        self._audience = audience
        self._poll_s = poll_s
        self._pause = pause
        self._clock = clock
        self._told: frozenset[Waiting] = frozenset()
        self._trouble = ""
        self._rest_s = _FIRST_REST_S
        self._not_before = 0.0

    def forever(self) -> NoReturn:
        """Raises whatever does not pass by itself."""
        while True:
            self.step()
            self._pause(self._poll_s)

    def once(self) -> TakenIn:
        """Takes in what lies there now. Files that were just written get the time to come to rest."""
        young = [waiting.rests_in_s for waiting in self._folder.look().waiting if waiting.why is Why.YOUNG]
        if young:
            self._pause(max(young) + _TIMER_SLACK_S)
        taken = self._take_in()
        self._audience.ends(taken)
        for waiting in taken.waiting:
            self._audience.waits(waiting)
        return taken

    def step(self) -> None:
        """One look, and a cycle if there is reason for one. In trouble nobody looks before its time."""
        rested = self._clock() >= self._not_before
        if self._trouble and not rested:
            return
        try:
            look = self._folder.look()
            self._tell_waiting(look)
            if look.ready or (rested and self._folder.has_work()):
                self._cycle(look)
            else:
                self._end_trouble()
        except TransientError as error:
            if self._trouble != error.code:
                self._audience.trouble(error, self._rest_s)
            self._rest()
            self._trouble = error.code

    def _cycle(self, look: Look[Dropped] | Look[ListedFile]) -> None:
        if look.ready and not self._trouble:
            self._audience.begins(len(look.ready))
        taken = self._take_in()
        self._end_trouble()
        settled = taken.settled
        if taken.claimed or settled.done or settled.quarantined:
            self._rest_s, self._not_before = _FIRST_REST_S, 0.0
            self._audience.ends(taken)
        else:
            self._rest()  # what is left is still being written: there is no hurry

    def _end_trouble(self) -> None:
        if self._trouble:
            self._trouble, self._rest_s, self._not_before = "", _FIRST_REST_S, 0.0
            self._audience.goes_on()

    def _rest(self) -> None:
        self._not_before = self._clock() + self._rest_s
        self._rest_s = min(2 * self._rest_s, _LONGEST_REST_S)

    def _tell_waiting(self, look: Look[Dropped] | Look[ListedFile]) -> None:
        waiting = frozenset(each for each in look.waiting if not each.why.passes)
        for each in sorted(waiting - self._told, key=lambda each: each.path):
            self._audience.waits(each)
        self._told = waiting

"""How far a run is: told to whoever shows it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of work as it is found and done; calls are cheap and come from one thread at a time.

    Stages: discover and parse count files, chunk, embed and publish count chunks.
    """

    def expect(self, stage: str, more: int) -> None:
        """`more` units of work were found for `stage`."""
        ...

    def advance(self, stage: str, done: int = 1) -> None: ...

    def say(self, message: str) -> None:
        """A sentence for a person: a wait, a warning."""
        ...


class Silent:
    """Shows nothing."""

    def expect(self, stage: str, more: int) -> None: ...

    def advance(self, stage: str, done: int = 1) -> None: ...

    def say(self, message: str) -> None: ...

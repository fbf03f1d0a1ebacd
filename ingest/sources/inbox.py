"""A drop folder, wherever it lies: what its cycle asks of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.sources.drop_look import Dropped, Look, Waiting
from ingest.sources.drop_notes import ErrorNote
from ingest.sources.folder import ListedFile
from ingest.sources.folder_lock import LOCK_WAIT_S


@dataclass(frozen=True, slots=True)
class Claim:
    """Paths below the folder, as they can be printed."""

    files: tuple[str, ...]
    waiting: tuple[Waiting, ...]


class Inbox(Protocol):
    """`work`: where what was claimed lies until it is settled."""

    @property
    def root(self) -> Path | str: ...

    @property
    def work(self) -> Path | str: ...

    def lock(
        self, wait_s: float = LOCK_WAIT_S, say: Callable[[str], None] | None = None
    ) -> AbstractContextManager[None]: ...

    def look(self) -> Look[Dropped] | Look[ListedFile]: ...

    def has_work(self) -> bool:
        """True while something that was claimed is not settled."""
        ...

    def claim(self) -> Claim: ...

    def lying(self) -> tuple[ListedFile, ...]:
        """What may have to be settled."""
        ...

    def expects(self, file: ListedFile) -> bool:
        """Whether it was claimed: a run has to know of it."""
        ...

    def is_busy(self, file: ListedFile) -> bool:
        """Whether somebody is writing it, as far as can be told."""
        ...

    def keep(self, file: ListedFile, note: ErrorNote | None = None) -> str:
        """Puts it into `done/`. Where it lies now below the folder; empty when it is another one by now."""
        ...

    def refuse(self, file: ListedFile, note: ErrorNote) -> str:
        """As `keep`, into `quarantine/`."""
        ...

    def give_back(self, file: ListedFile) -> None: ...

    def recover(self) -> None:
        """Ends what a kill left half done."""
        ...

    def clear_work(self) -> None: ...

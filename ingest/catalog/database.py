"""The thin layer between the catalog's SQL and a driver: one transaction at a time.

SQL is written once, with `?` for parameters and nothing that SQLite and Postgres do not share.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from schemas.errors import InvariantError, StoreDown

Value = str | int | float | bytes | None
Row = tuple[Value, ...]

IN_CLAUSE = 500
"""Values that one statement names at most."""


LAST = "\U0010ffff"
"""Behind it no text goes on: what begins with `x` is from `x` on and before `x` and this."""


def marks(count: int) -> str:
    """For an IN clause of so many values."""
    return ", ".join("?" * count)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What tables are made with. `blob`: the type of bytes. `clustered`: behind a table that is kept
    in the order of its primary key. `by_code_points`: behind the type of a text that shall be compared by its
    code points, where the database would ask a language instead."""

    blob: str
    clustered: str
    by_code_points: str


class Database(Protocol):
    """Raises `StoreDown` when it cannot be reached, is full or damaged, and `InvariantError` for a
    statement that the tables refuse."""

    dialect: Dialect

    def rows(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]: ...

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Returns the number of rows that were touched."""
        ...

    def execute_many(self, sql: str, parameters: Iterable[Sequence[Value]]) -> None: ...

    def has_table(self, name: str) -> bool: ...

    def transaction(self) -> AbstractContextManager[None]:
        """Commits at its end, rolls back on any exception. One at a time, whoever else writes. Not reentrant."""
        ...

    def exclusive(self, name: str, on_wait: Callable[[], None] | None) -> AbstractContextManager[None]:
        """Held by one process at a time, wherever it runs; given up when the process or its machine
        dies. `on_wait` is told once before the wait begins; without it `StoreDown` is raised instead."""
        ...

    def compact(self) -> None:
        """Leaves no byte of what was deleted in its files, as far as that is in its hands. Not in a transaction."""
        ...

    def close(self) -> None: ...


_LEAST_BYTES = 512
"""The smallest page of a SQLite file."""
HELD = "another process is writing to it; run again when that is done"


def _what_to_do(error: sqlite3.OperationalError | OSError) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return HELD
    if primary == sqlite3.SQLITE_FULL:
        return "the disk is full: make room and run again, nothing that was finished is lost"
    if primary == sqlite3.SQLITE_IOERR:
        return f"{error}: the disk has no room or is broken, or files may not grow so large; see to that and run again"
    if primary in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}:
        return f"{error}; check its rights"
    return str(error)


def _damaged(path: Path, what: str) -> StoreDown:
    return StoreDown(
        f"the catalog {path} is damaged ({what}): make it anew from the home with 'docstrata catalog rebuild --home"
        f" {path.parent}', or restore a backup"
    )


class SqliteDatabase:
    """One SQLite file in WAL mode. A writer waits up to `wait_s` for another. Any thread may use it, one at a time:
    whoever hands it to several sees to that."""

    dialect = Dialect(blob="BLOB", clustered=" WITHOUT ROWID", by_code_points="")

    def __init__(self, path: Path, *, wait_s: float = 30.0) -> None:
        self._path = path
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and 0 < path.stat().st_size < _LEAST_BYTES:
                raise _damaged(path, "it was cut short")  # SQLite takes it for a new one
            self._connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            # A commit must outlive a power cut: an intent is a promise.
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA foreign_keys=ON")
            self._connection.execute("PRAGMA cache_size=-65536")

    def rows(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        with self._translated():
            return self._connection.execute(sql, parameters).fetchall()

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        with self._translated():
            return self._connection.execute(sql, parameters).rowcount

    def execute_many(self, sql: str, parameters: Iterable[Sequence[Value]]) -> None:
        with self._translated():
            self._connection.executemany(sql, parameters)

    def has_table(self, name: str) -> bool:
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            with self._translated():
                self._connection.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself where the disk is full or broken.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def exclusive(self, name: str, on_wait: Callable[[], None] | None) -> AbstractContextManager[None]:
        """Nothing to hold: all who share the file share the home, whose lock they hold."""
        return nullcontext()

    def compact(self) -> None:
        """The file is written anew, and what its log held of the old one is cut off."""
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            self.rows(statement)

    def copy_to(self, path: Path) -> None:
        """All that is committed, as one file beside which nothing else is needed. Others go on writing."""
        with self._translated():
            copy = sqlite3.connect(path)
            try:
                # In one step: it would begin anew whenever another process writes in between.
                self._connection.backup(copy, pages=-1)
                copy.execute("PRAGMA journal_mode=DELETE")
                found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
            finally:
                copy.close()
        if found != "ok":
            raise StoreDown(f"the catalog {self._path} is damaged ({found}): it cannot be copied")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError) as error:
            raise InvariantError(f"the catalog {self._path} refuses a statement: {error}") from error
        except (sqlite3.OperationalError, OSError) as error:
            raise StoreDown(f"the catalog {self._path} cannot be used: {_what_to_do(error)}") from error
        except sqlite3.DatabaseError as error:
            raise _damaged(self._path, str(error)) from error

"""The catalog in Postgres, for workers on several machines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final, cast

from ingest.catalog.database import HELD, Dialect, Row, Value
from schemas.errors import ConfigError, InvariantError, MissingExtra, StoreDown

if TYPE_CHECKING:
    import psycopg

_CUT_OFF_MS: Final = 60_000
_WRITERS: Final = 0x646F63_7374
"""The advisory lock that writers of one catalog take in turn, as SQLite's writers do."""


class PostgresDatabase:
    """One connection; all tables are in the schema `docstrata`. A writer waits up to `wait_s` for another."""

    dialect = Dialect(blob="BYTEA", clustered="", by_code_points=' COLLATE "C"')

    def __init__(self, url: str, *, wait_s: float = 30.0) -> None:
        self._url = url
        self._connection = _connect(url)
        with self._translated():
            # 0 would mean for ever.
            self._connection.execute(f"SET lock_timeout = {max(1, int(wait_s * 1000))}")
            # A machine that was cut off in the middle of a transaction must not hold the others up.
            self._connection.execute(f"SET idle_in_transaction_session_timeout = {_CUT_OFF_MS}")

    def rows(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        with self._translated(), self._connection.cursor() as cursor:
            return cursor.execute(_marked(sql), parameters).fetchall()

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        with self._writing(), self._translated(), self._connection.cursor() as cursor:
            return cursor.execute(_marked(sql), parameters).rowcount

    def execute_many(self, sql: str, parameters: Iterable[Sequence[Value]]) -> None:
        with self._writing(), self._translated(), self._connection.cursor() as cursor:
            cursor.executemany(_marked(sql), parameters)

    def has_table(self, name: str) -> bool:
        return self.rows("SELECT to_regclass(?) IS NOT NULL", (name,)) == [(True,)]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._translated():
            self._connection.execute("BEGIN")
        try:
            with self._translated():
                self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITERS,))
            yield
            with self._translated():
                self._connection.execute("COMMIT")
        except BaseException:
            if not self._connection.closed:
                with self._translated():
                    self._connection.execute("ROLLBACK")
            raise

    def _writing(self) -> AbstractContextManager[None]:
        """The transaction that goes on, or one of its own."""
        from psycopg.pq import TransactionStatus

        idle = self._connection.info.transaction_status == TransactionStatus.IDLE
        return self.transaction() if idle else nullcontext()

    @contextmanager
    def exclusive(self, name: str, on_wait: Callable[[], None] | None) -> Iterator[None]:
        """On a connection of its own, whose end frees it."""
        connection = _connect(self._url)
        try:
            with self._translated():
                held = connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (name,)).fetchone()
                if held is None or not held[0]:
                    if on_wait is None:
                        raise StoreDown("a run on another machine uses this catalog; wait for it, or drop --no-wait")
                    on_wait()
                    connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
            yield
        finally:
            connection.close()

    def compact(self) -> None:
        """The tables are written anew; logs and backups of the server are its own."""
        self.execute("VACUUM FULL")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        import psycopg

        try:
            yield
        except psycopg.errors.LockNotAvailable as error:
            raise StoreDown(f"the catalog in Postgres cannot be used: {HELD}") from error
        except psycopg.OperationalError as error:
            raise StoreDown(f"the catalog in Postgres cannot be used: {_one_line(error)}") from error
        except psycopg.Error as error:
            raise InvariantError(f"the catalog in Postgres refuses a statement: {_one_line(error)}") from error


def _connect(url: str) -> psycopg.Connection[Row]:
    try:
        import psycopg
    except ImportError as error:
        raise MissingExtra("catalog.url needs psycopg: pip install 'docstrata[postgres]'") from error
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=10, application_name="docstrata")
        if connection.execute("SELECT to_regnamespace('docstrata')").fetchone() == (None,):
            # Two may be the first at once.
            connection.execute("CREATE SCHEMA IF NOT EXISTS docstrata")
        connection.execute("SET search_path TO docstrata")
    except psycopg.ProgrammingError as error:
        raise ConfigError(f"catalog.url cannot be used: {_one_line(error)}") from error
    except psycopg.Error as error:
        raise StoreDown(f"the catalog in Postgres cannot be reached: {_one_line(error)}") from error
    # The rows of every statement here are tuples of what `Value` names.
    return cast("psycopg.Connection[Row]", connection)


def _marked(sql: str) -> str:
    """Parameters as psycopg writes them. No statement holds a question mark or a percent sign of its own."""
    return sql.replace("?", "%s")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())

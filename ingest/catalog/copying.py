"""A catalog copied whole: into a SQLite file for a backup, and from one database into another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.catalog.database import Database, Row, SqliteDatabase, Value, marks
from ingest.catalog.schema import migrate
from schemas.errors import ConfigError, StoreDown

_AT_ONCE = 5_000
_VERSION_TABLE = "catalog_version"

Advance = Callable[[int], None]
"""Told of rows as they are copied."""


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


def copy_to_file(database: Database, target: Path) -> None:
    """A SQLite file that holds what the catalog holds now, while others go on with it. Raises `StoreDown`."""
    if isinstance(database, SqliteDatabase):
        database.copy_to(target)
    else:
        copy = SqliteDatabase(target)
        try:
            migrate(copy)
            copy_rows(database, copy)
        finally:
            copy.close()
    check_file(target)


def check_file(path: Path) -> None:
    """Raises `StoreDown` for a file that is damaged."""
    database = SqliteDatabase(path)
    try:
        if database.rows("PRAGMA quick_check(1)") != [("ok",)]:
            raise StoreDown(f"the copy of the catalog at {path} is damaged: try again, and look at the disk")
    finally:
        database.close()


def require_empty(database: Database) -> None:
    """Raises `ConfigError` for a catalog that knows anything."""
    if any(database.rows(f"SELECT 1 FROM {name} LIMIT 1") for name in ("documents", "runs", "sources")):
        raise ConfigError("the catalog is not empty, and what is there is never replaced: give an empty database")


def copy_rows(source: Database, target: Database, advance: Advance | None = None) -> int:
    """From one migrated catalog into another that is empty, whatever databases they are. Returns how many."""
    copied = 0
    for table in _tables():
        names = ", ".join(table.columns)
        for rows in _pages(source, table):
            with target.transaction():
                target.execute_many(
                    f"INSERT INTO {table.name} ({names}) VALUES ({marks(len(table.columns))}) ON CONFLICT DO NOTHING",
                    rows,
                )
            copied += len(rows)
            if advance is not None:
                advance(len(rows))
    return copied


def _pages(source: Database, table: _Table) -> Iterator[list[Row]]:
    names, key = ", ".join(table.columns), ", ".join(table.key)
    places = [table.columns.index(column) for column in table.key]
    last: tuple[Value, ...] = ()
    while True:
        after = f" WHERE ({key}) > ({marks(len(table.key))})" if last else ""
        rows = source.rows(f"SELECT {names} FROM {table.name}{after} ORDER BY {key} LIMIT ?", (*last, _AT_ONCE))
        if rows:
            yield rows
        if len(rows) < _AT_ONCE:
            return
        last = tuple(rows[-1][place] for place in places)


def _tables() -> list[_Table]:
    """As a new catalog has them."""
    database = SqliteDatabase(Path(":memory:"))
    try:
        migrate(database)
        names = [str(name) for (name,) in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [_table(database, name) for name in sorted(names) if name != _VERSION_TABLE]
    finally:
        database.close()


def _table(database: Database, name: str) -> _Table:
    columns: list[str] = []
    key: list[tuple[int, str]] = []
    for _, column, _, _, _, place in database.rows(f"PRAGMA table_info({name})"):
        columns.append(str(column))
        if place:
            key.append((int(str(place)), str(column)))
    return _Table(name, tuple(columns), tuple(column for _, column in sorted(key)))

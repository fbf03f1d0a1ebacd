"""A catalog, copied whole into a SQLite file while others read and write it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ingest.catalog.database import Database, Row, SqliteDatabase, marks
from ingest.catalog.schema import migrate

_AT_ONCE: Final = 5_000
_LAST: Final = ("vectors", "artifacts", "packs")
"""Steps of a run may add to these while they are copied, and never change a row: what is named comes
after what names it."""
_OWN: Final = "catalog_version"


def copy_catalog(source: Database, target: Path) -> None:
    """`target` is not there yet. To be called by whoever holds the run's lock. Raises `StoreDown`, also
    for a source that is damaged."""
    if isinstance(source, SqliteDatabase):
        source.copy_to(target)
        return
    copied = SqliteDatabase(target)
    try:
        migrate(copied)
        copy_rows(source, copied)
    finally:
        copied.close()


def copy_rows(source: Database, target: SqliteDatabase) -> None:
    """Every row of every table of a catalog into an empty one of the same version, page by page."""
    names = [str(name) for (name,) in target.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    tables = [name for name in names if name != _OWN and name not in _LAST]
    for table in (*tables, *_LAST):
        columns, key = _columns(target, table)
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(len(columns))})"
        for page in _pages(source, table, columns, key):
            with target.transaction():
                target.execute_many(insert, page)


def _columns(target: SqliteDatabase, table: str) -> tuple[list[str], list[str]]:
    """Of the table, and of its primary key in order."""
    rows = target.rows("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", (table,))
    key = sorted((int(str(place)), str(name)) for name, place in rows if place)
    return [str(name) for name, _ in rows], [name for _, name in key]


def _pages(source: Database, table: str, columns: list[str], key: list[str]) -> Iterator[list[Row]]:
    """In the order of the key, as the source orders it."""
    ordered, places = ", ".join(key), [columns.index(name) for name in key]
    select, end = f"SELECT {', '.join(columns)} FROM {table}", f"ORDER BY {ordered} LIMIT {_AT_ONCE}"
    page = source.rows(f"{select} {end}")
    while page:
        yield page
        last = [page[-1][place] for place in places]
        page = source.rows(f"{select} WHERE ({ordered}) > ({marks(len(key))}) {end}", last)

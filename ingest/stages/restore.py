"""Restore: a backup unpacked into an empty home, all of it or nothing."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from ingest.archive import Damaged, read_header, unpack
from ingest.catalog.catalog import Catalog
from ingest.catalog.copying import copy_rows, require_empty
from ingest.catalog.database import SqliteDatabase
from ingest.catalog.postgres import PostgresDatabase
from ingest.catalog.schema import MIGRATIONS
from ingest.config import Settings
from ingest.context import LEAST_ROOM
from ingest.progress import Progress
from ingest.stages.backup import CATALOG, FORMAT
from schemas.errors import ConfigError, SchemaMismatch, StoreDown

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Restored:
    """`notes`: sentences on what is not in the home."""

    home: Path
    files: int
    content: int
    model: str
    notes: tuple[str, ...]


def restore_backup(file: Path, home: Path, settings: Settings, *, progress: Progress) -> Restored:
    """Raises `ConfigError` for a home that holds anything, and for a file that is cut or damaged: then nothing
    is left of the attempt. With `catalog.url` the catalog goes into that database, which has to be empty."""
    home = home.absolute()
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise ConfigError(f"{home} is not empty, and nothing is ever restored over a home: give another --home")
    header = _Header.read(file)
    partial = home.with_name(f".{home.name}.restoring-{os.getpid()}")
    try:
        partial.mkdir(parents=True)
        header.require_room(partial)
        progress.expect("unpack", header.content // _MIB)
        files = unpack(file, partial, _Advance(progress))
        if settings.catalog.url is not None:
            _into_postgres(partial / CATALOG, settings)
        if home.exists():
            home.rmdir()
        partial.rename(home)
    except OSError as error:
        raise StoreDown(f"{home} cannot be restored: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Restored(home, files - 1, header.content, header.model, header.notes(home, settings))


@dataclass(frozen=True, slots=True)
class _Header:
    content: int
    room: int
    model: str
    store_url: str
    index_url: str

    @classmethod
    def read(cls, file: Path) -> _Header:
        """Raises `SchemaMismatch` for the backup of a later docstrata."""
        found = read_header(file)
        try:
            made_for = int(str(found["format"])), int(str(found["catalog_version"]))
            header = cls(
                content=int(str(found["content"])),
                room=int(str(found["room"])),
                model=str(found["model"]),
                store_url=str(found["store_url"]),
                index_url=str(found["index_url"]),
            )
        except (KeyError, ValueError) as error:
            raise Damaged(file, "its header is not that of a backup") from error
        if made_for[0] > FORMAT or made_for[1] > len(MIGRATIONS):
            raise SchemaMismatch(f"{file} is of docstrata {found.get('docstrata')}, which is newer: update this one")
        return header

    def require_room(self, folder: Path) -> None:
        free = shutil.disk_usage(folder).free
        if free < self.room + LEAST_ROOM:
            raise StoreDown(
                f"there is no room in {folder.parent}: {(self.room + LEAST_ROOM) / _MIB:,.0f} MiB are needed, and"
                f" {free / _MIB:,.0f} are free",
                free=free,
            )

    def notes(self, home: Path, settings: Settings) -> tuple[str, ...]:
        found = []
        if self.store_url:
            found.append(f"the artifacts are at {self.store_url}: keep store.url as it was")
        elif settings.store.url:
            found.append(f"the artifacts are in {home / 'artifacts'}: leave store.url out, or copy them to it")
        if self.index_url:
            found.append(
                f"the index was at {self.index_url} and is not in the backup: restore its snapshot, then"
                " 'docstrata reconcile --repair' makes from the artifacts what is missing"
            )
        return tuple(found)


def _into_postgres(file: Path, settings: Settings) -> None:
    if settings.catalog.url is None:
        return
    target = PostgresDatabase(settings.catalog.url.get_secret_value(), wait_s=settings.catalog.wait_s)
    source = SqliteDatabase(file)
    try:
        Catalog(source)  # of an earlier release: brought to the newest tables first
        Catalog(target)
        require_empty(target)
        copy_rows(source, target)
    finally:
        source.close()
        target.close()
    for name in (CATALOG, f"{CATALOG}-wal", f"{CATALOG}-shm"):
        (file.parent / name).unlink(missing_ok=True)


class _Advance:
    """Bytes, told in mebibytes."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._left = 0

    def __call__(self, done: int) -> None:
        mebibytes, self._left = divmod(self._left + done, _MIB)
        if mebibytes:
            self._progress.advance("unpack", mebibytes)

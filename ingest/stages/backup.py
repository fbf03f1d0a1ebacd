"""A home as one file: catalog, artifacts and embedded index as they were at one moment between runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

from ingest.catalog.collections import CollectionRow
from ingest.catalog.copying import copy_catalog
from ingest.catalog.schema import CATALOG_VERSION
from ingest.context import Context, reindex_lock, run_lock
from ingest.options.index import IndexEngine
from ingest.progress import Progress
from ingest.stages.backup_file import BackupWriter, Manifest, Member
from ingest.stages.parts import Parts, spec_of
from ingest.stages.room import MIB, require_room_at, room_of
from schemas.errors import ConfigError, StoreDown
from schemas.point import PAYLOAD_VERSION

CATALOG: Final = "catalog.db"
INDEX: Final = "index"


@dataclass(frozen=True, slots=True)
class BackedUp:
    """`members`: files in it. `size`: their bytes; `written`: bytes of the backup. `apart`: a sentence for each
    thing that belongs to the home and lies elsewhere, and so is not in the backup."""

    members: int
    size: int
    written: int
    collection: str | None
    apart: tuple[str, ...]


def backup(context: Context, parts: Parts, file: Path, *, wait: bool = True) -> BackedUp:
    """Writes `file` whole, in the place of what was there. Waits for a run that goes on, or raises
    `StoreDown`; searches go on meanwhile, runs wait. Raises `ConfigError` for a place that is not there.

    A commit that a crash had left open is saved as it is: the next run of the restored home finishes it.
    """
    file = file.absolute()
    if not file.parent.is_dir() or file.is_dir():
        raise ConfigError(f"{file} cannot be written: name a file in a folder that is there")
    with reindex_lock(context), run_lock(context, wait=wait), _translated(file):
        _require_room(context, file.parent)
        with TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as scratch:
            new = Path(scratch) / file.name
            manifest = _write(context, parts, new)
            written = new.stat().st_size
            new.replace(file)
    apart = tuple(lies_apart(manifest))
    return BackedUp(len(manifest.members), manifest.size, written, manifest.collection, apart)


def lies_apart(manifest: Manifest) -> Iterator[str]:
    """What belongs to the home and is not in the backup, and what to do about it."""
    if manifest.engine == IndexEngine.QDRANT and manifest.collection is not None:
        yield (
            f"the collection {manifest.collection} lies on the Qdrant server and is not in this file: save it there as"
            " a snapshot of Qdrant's"
        )
    if manifest.store:
        yield f"the artifacts lie in {manifest.store} and are not in this file: save that place with its own means"
    if manifest.catalog != "sqlite":
        yield "the catalog was in Postgres and is a SQLite file here: a restored home works without catalog.url"


def _write(context: Context, parts: Parts, new: Path) -> Manifest:
    # The catalog first: what it names is there until the lock is given up, and may be more.
    catalog = new.with_name(CATALOG)
    copy_catalog(context.catalog.database, catalog)
    with new.open("wb") as file:
        writer = BackupWriter(file, Meter(context.progress, "backup"))
        for name, path in _announced(context.progress, [(CATALOG, catalog)]):
            writer.add(name, path)
        catalog.unlink()
        for name, path in _announced(context.progress, _artifacts(context)):
            writer.add(name, path)
        for collection in _collections(context):
            with _held(context, parts, collection):
                folder = context.home.index / collection.name
                for name, path in _announced(context.progress, _files(folder, f"{INDEX}/{collection.name}")):
                    writer.add(name, path)
        manifest = writer.finish(partial(_manifest, context))
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _manifest(context: Context, members: tuple[Member, ...]) -> Manifest:
    active = context.catalog.collections.active()
    return Manifest(
        docstrata=version("docstrata"),
        catalog_version=CATALOG_VERSION,
        payload_version=active.payload_version if active else PAYLOAD_VERSION,
        made_at_ns=context.clock(),
        catalog="sqlite" if context.settings.catalog.url is None else "postgres",
        engine=context.settings.index.engine.value,
        collection=active.name if active else None,
        model=active.model if active else None,
        store="" if _store_folder(context) is not None else _shown(context.settings.store.url),
        members=members,
    )


# ------------------------------------------------------------------------------------ what is copied


def _artifacts(context: Context) -> list[tuple[str, Path]]:
    folder = _store_folder(context)
    return _files(folder, folder.relative_to(context.home.path).as_posix()) if folder is not None else []


def _store_folder(context: Context) -> Path | None:
    """None where the artifacts lie outside the home."""
    url = context.settings.store.url
    if not url:
        return context.home.artifacts
    folder = None if "://" in url else Path(url).expanduser().absolute()
    return folder if folder is not None and context.home.path in folder.parents else None


def _shown(url: str) -> str:
    """Without a password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="").geturl()


def _collections(context: Context) -> list[CollectionRow]:
    """Of an embedded index: the one that is searched, and the one beside it."""
    if context.settings.index.engine is not IndexEngine.EDGE:
        return []
    collections = context.catalog.collections
    return [row for row in (collections.active(), collections.beside()) if row is not None]


@contextmanager
def _held(context: Context, parts: Parts, collection: CollectionRow) -> Iterator[None]:
    """Nobody writes to it, and all that was written is on the disk. Reads are answered."""
    spec = spec_of(collection) if collection.dimension else parts.collection  # of an old catalog, which names none
    index = parts.make_index()
    try:
        if collection.name not in index.collections():
            raise ConfigError(
                f"the index lacks the collection {collection.name}, which the catalog names: mend it with"
                " 'docstrata reconcile --repair' before you back it up",
                name=collection.name,
            )
        index.ensure(spec)
        with index.session():
            index.flush()
            yield
    finally:
        index.close()


def _files(folder: Path, prefix: str) -> list[tuple[str, Path]]:
    """Of the folder and those in it, with their names in the home; without those that are being written."""
    found = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return [(f"{prefix}/{path.relative_to(folder).as_posix()}", path) for path in sorted(found)]


# ------------------------------------------------------------------------------------- room, progress


class Meter:
    """Tells of bytes as MiB, which are what is counted on the screen."""

    def __init__(self, progress: Progress, stage: str) -> None:
        self._progress = progress
        self._stage = stage
        self._bytes = 0

    def __call__(self, more: int) -> None:
        before, self._bytes = self._bytes // MIB, self._bytes + more
        self._progress.advance(self._stage, self._bytes // MIB - before)


def _announced(progress: Progress, files: list[tuple[str, Path]]) -> list[tuple[str, Path]]:
    progress.expect("backup", sum(path.stat().st_size for _, path in files) // MIB)
    return files


def _require_room(context: Context, folder: Path) -> None:
    """At most what the files take, and the copy of the catalog for a while."""
    artifacts = _store_folder(context)
    needed = 2 * room_of([context.home.catalog])
    if artifacts is not None:
        needed += room_of(path for _, path in _artifacts(context))
    for collection in _collections(context):
        needed += room_of(path for _, path in _files(context.home.index / collection.name, INDEX))
    require_room_at(folder, needed, "the backup may take")


@contextmanager
def _translated(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreDown(
            f"the backup {file} was not written ({error.strerror or error}): make room or choose another place, and try"
            " again",
            errno=error.errno,
        ) from error

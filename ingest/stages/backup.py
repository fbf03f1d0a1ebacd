"""Backup: catalog, artifacts and index of one moment in one file, read back before it is called done.

The lock of runs is held meanwhile, so the three agree; searches go on. What lies elsewhere, on an object
store or a Qdrant server, is named in the file and not copied: these have backups of their own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.archive import ArchiveWriter, check, written
from ingest.catalog.copying import copy_to_file
from ingest.catalog.schema import MIGRATIONS
from ingest.context import LEAST_ROOM, Context, reindex_lock, require_room, run_lock
from ingest.index_options import IndexEngine
from ingest.sinks.edge_copy import collection_at_rest
from ingest.stages.parts import Parts, spec_of
from schemas.errors import ConfigError, StoreDown

FORMAT = 1
CATALOG = "catalog.db"
ARTIFACTS = "artifacts"
INDEX = "index"
_MIB = 2**20
_BLOCK_BYTES = 512
"""What `st_blocks` counts in, whatever the file system."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """`content` bytes in `files` files, in a file of `size` bytes. `notes`: sentences on what is not in it."""

    path: Path
    files: int
    content: int
    size: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A file on the disk, or one of the store, under its name in the backup. `room`: bytes that it takes up."""

    name: str
    size: int
    room: int
    path: Path | None = None


def back_up(context: Context, parts: Parts, target: Path, *, with_store: bool = False, wait: bool = True) -> BackedUp:
    """Into the file `target`, or a new file in it where it is a folder. Raises `ConfigError` for a place that
    is taken, `StoreDown` where there is no room. Waits for a run that goes on, or raises `StoreDown`."""
    path = _path(context, target)
    with run_lock(context, wait=wait), reindex_lock(context):
        require_room(context)
        return _Backup(context, parts, path, with_store=with_store).make()


def _path(context: Context, target: Path) -> Path:
    if target.is_dir():
        made = datetime.fromtimestamp(context.clock() / 10**9, UTC)
        target = target / f"docstrata-{made:%Y%m%dT%H%M%SZ}.tar.zst"
    if target.exists():
        raise ConfigError(f"{target} is there already, and no backup is replaced: give another name")
    if not target.parent.is_dir():
        raise ConfigError(f"there is no folder {target.parent}: make it first")
    if target.absolute().is_relative_to(context.home.artifacts) or target.absolute().is_relative_to(context.home.index):
        raise ConfigError(f"{target} would be a part of itself: give a place outside of the home")
    return target


class _Backup:
    def __init__(self, context: Context, parts: Parts, path: Path, *, with_store: bool) -> None:
        self._context = context
        self._parts = parts
        self._path = path
        settings = context.settings
        self._is_embedded = settings.index.engine is IndexEngine.EDGE
        self._stores = with_store or not settings.store.url
        self._collections = parts.make_index().collections() if self._is_embedded else []
        self._left_bytes = 0

    def make(self) -> BackedUp:
        partial = self._path.with_name(f".{self._path.name}.partial")
        with ExitStack() as stack:
            scratch = self._context.home.scratch
            scratch.mkdir(exist_ok=True)
            folder = stack.enter_context(TemporaryDirectory(dir=scratch, prefix="backup-"))
            catalog = Path(folder) / CATALOG
            copy_to_file(self._context.catalog.database, catalog)
            stack.enter_context(self._index_at_rest())
            pieces = [_piece(CATALOG, catalog), *self._index_files(), *self._store_files()]
            self._require_room(pieces)
            try:
                content = self._write(partial, pieces)
                files = check(partial, self._advance)
                partial.rename(self._path)
            finally:
                partial.unlink(missing_ok=True)
        return BackedUp(self._path, files - 1, content, self._path.stat().st_size, self._notes())

    def _write(self, partial: Path, pieces: list[_Piece]) -> int:
        content = sum(piece.size for piece in pieces)
        self._context.progress.expect("backup", 2 * content // _MIB)  # it is read back
        try:
            with written(partial, self._header(content, sum(piece.room for piece in pieces)), self._advance) as archive:
                for piece in pieces:
                    self._add(archive, piece)
            with partial.open("rb") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreDown(f"the backup {self._path} cannot be written: {error.strerror or error}") from error
        return content

    def _add(self, archive: ArchiveWriter, piece: _Piece) -> None:
        store, name = self._context.store, piece.name.partition("/")[2]
        with piece.path.open("rb") if piece.path is not None else store.opened(name) as file:
            archive.add(piece.name, file, piece.size)

    def _header(self, content: int, room: int) -> dict[str, object]:
        settings, active = self._context.settings, self._context.catalog.collections.active()
        return {
            "format": FORMAT,
            "docstrata": version("docstrata"),
            "catalog_version": len(MIGRATIONS),
            "made_at_ns": self._context.clock(),
            "content": content,
            "room": room,
            "model": active.model if active is not None else "",
            "collection": active.name if active is not None else "",
            "store_url": "" if self._stores else settings.store.url,
            "index_url": "" if self._is_embedded else settings.index.url or "",
        }

    def _notes(self) -> tuple[str, ...]:
        settings, notes = self._context.settings, []
        if not self._stores:
            notes.append(f"the artifacts lie at {settings.store.url} and are not in it: back them up there")
        if not self._is_embedded:
            notes.append(
                f"the index lies at {settings.index.url} and is not in it: take a snapshot there at the same time;"
                " 'docstrata reconcile' tells whether both agree, and --repair makes from the artifacts what is missing"
            )
        return tuple(notes)

    # ------------------------------------------------------------------ pieces

    @contextmanager
    def _index_at_rest(self) -> Iterator[None]:
        """Nothing writes to a collection; the one that is searched goes on to be."""
        active = self._context.catalog.collections.active()
        self._parts.close()
        with ExitStack() as stack:
            for name in self._collections:
                # One of an earlier release, whose size is not known here, is opened by nobody meanwhile.
                if active is not None and name == active.name and active.dimension:
                    index = stack.enter_context(closing(self._parts.open_collection(spec_of(active))))
                    stack.enter_context(index.session())
                    index.flush()
                else:
                    stack.enter_context(collection_at_rest(self._context.home.index, name))
            yield

    def _index_files(self) -> Iterator[_Piece]:
        folder = self._context.home.index
        for name in self._collections:
            for path in sorted((folder / name).rglob("*")):
                if path.is_file():
                    yield _piece(f"{INDEX}/{path.relative_to(folder).as_posix()}", path)

    def _store_files(self) -> Iterator[_Piece]:
        if self._stores:
            for name, size in self._context.store.files():
                yield _Piece(f"{ARTIFACTS}/{name}", size, size)

    def _require_room(self, pieces: list[_Piece]) -> None:
        """For all of it as it is: artifacts are compressed already."""
        room, free = sum(piece.room for piece in pieces), shutil.disk_usage(self._path.parent).free
        if free < room + LEAST_ROOM:
            raise StoreDown(
                f"there is no room for the backup in {self._path.parent}: it may need {(room + LEAST_ROOM) / _MIB:,.0f}"
                f" MiB, and {free / _MIB:,.0f} are free",
                free=free,
            )

    def _advance(self, done: int) -> None:
        self._left_bytes += done
        mebibytes, self._left_bytes = divmod(self._left_bytes, _MIB)
        if mebibytes:
            self._context.progress.advance("backup", mebibytes)


def _piece(name: str, path: Path) -> _Piece:
    stat = path.stat()
    return _Piece(name, stat.st_size, min(stat.st_size, stat.st_blocks * _BLOCK_BYTES), path)

"""What the stages of a run share: settings, the home, its stores, a clock."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TextIO

from ingest.catalog.catalog import Catalog, open_catalog
from ingest.catalog.postgres import PostgresDatabase
from ingest.catalog.reading import copy_for_reading
from ingest.config import Settings
from ingest.options.storage import CatalogOptions
from ingest.owned_folders import OwnedFolder
from ingest.progress import Progress, Silent
from ingest.store import ArtifactStore
from ingest.tracing import Off, Tracing, open_tracing
from schemas.errors import ConfigError, StoreDown

LEAST_ROOM = 128 * 2**20
"""Bytes of free disk that a commit begins with: several times what the largest writes."""

Clock = Callable[[], int]
"""Nanoseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds all state. `beside`: of one that cannot be written, a folder with a copy of its catalog;
    what is written while it is read goes there, and is gone when it is closed."""

    path: Path
    beside: Path | None = None

    @property
    def catalog(self) -> Path:
        return (self.beside or self.path) / "catalog.db"

    @property
    def artifacts(self) -> Path:
        return self.path / "artifacts"

    @property
    def index(self) -> Path:
        return self.path / "index"

    @property
    def cache(self) -> Path:
        return (self.beside or self.path) / "cache"

    @property
    def scratch(self) -> Path:
        """A folder in it for everyone who unpacks archives, removed when they are done."""
        return self.path / "scratch"

    @property
    def fetched(self) -> Path:
        """Objects from elsewhere: a folder in it for everyone who reads them, and `kept`."""
        return self.path / "fetched"

    @property
    def lock(self) -> Path:
        return self.path / "run.lock"

    @property
    def reindex_lock(self) -> Path:
        return self.path / "reindex.lock"

    def make(self) -> None:
        """Raises `ConfigError` when the folder cannot be made."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"the home {self.path} cannot be made: {error.strerror}; give --home DIR") from error

    def unwritable(self) -> Path | None:
        """What of it cannot be written: the folder, or the catalog in it. None where it is not there."""
        places = (self.path, self.path / "catalog.db")
        return next((place for place in places if place.exists() and not os.access(place, os.W_OK)), None)

    def require_writable(self) -> None:
        """For whoever changes more than what is read. Raises `ConfigError`."""
        if self.beside is not None:
            raise not_writable(self.unwritable() or self.path)


def not_writable(place: Path) -> ConfigError:
    return ConfigError(
        f"{place} is not writable: what is in this home can be read and searched only; see to its rights and to how its"
        " disk is mounted, or give --home DIR"
    )


@dataclass(frozen=True, slots=True)
class Context:
    """Built once per command and passed down."""

    settings: Settings
    home: Home
    catalog: Catalog
    store: ArtifactStore
    clock: Clock = time.time_ns
    progress: Progress = field(default_factory=Silent)
    tracing: Tracing = field(default_factory=Off)
    borrowed: OwnedFolder | None = None
    """`home.beside`, to be removed."""

    def close(self) -> None:
        self.catalog.close()
        self.tracing.close()
        if self.borrowed is not None:
            self.borrowed.close()


def require_room(context: Context) -> None:
    """Raises `StoreDown` while there is still room to say so: the embedded engine and SQLite map
    files into memory, and a full disk ends such a process without a word."""
    free = shutil.disk_usage(context.home.path).free
    if free < LEAST_ROOM:
        raise StoreDown(
            f"the disk of {context.home.path} is full ({free / 2**20:.0f} MiB left, {LEAST_ROOM / 2**20:.0f} are"
            " needed): make room and run again, nothing that was finished is lost",
            free=free,
        )


def open_context(
    home: Path,
    settings: Settings,
    *,
    clock: Clock = time.time_ns,
    progress: Progress | None = None,
    catalog_at: Path | None = None,
) -> Context:
    """Opens the home, making it when it is not there. `catalog_at`: in place of the home's own SQLite file. A home
    that cannot be written is read by a copy of its catalog: whoever would change it is refused by
    `Home.require_writable`. Raises `ConfigError`, `StoreDown`."""
    place = Home(home.absolute())
    place.make()
    telling = progress or Silent()
    borrowed = None
    if catalog_at is None and place.unwritable() is not None:
        borrowed = borrow_catalog(place, settings.catalog)
        place = replace(place, beside=borrowed.path)
        telling.say(f"{place.path} cannot be written: it is read as it is, and nothing of this is kept in it")
    try:
        return Context(
            settings=settings,
            home=place,
            catalog=_open_catalog(catalog_at or place.catalog, settings.catalog),
            store=ArtifactStore(settings.store.url or str(place.artifacts)),
            clock=clock,
            progress=telling,
            tracing=open_tracing(settings.trace),
            borrowed=borrowed,
        )
    except BaseException:
        if borrowed is not None:
            borrowed.close()
        raise


def borrow_catalog(home: Home, options: CatalogOptions) -> OwnedFolder:
    """A folder with what a home that cannot be written is read by: `Home.beside`. Raises `ConfigError` where nothing
    was taken in yet."""
    if options.url is None and not home.catalog.is_file():
        raise ConfigError(f"the home {home.path} is not writable; give --home DIR")
    try:
        folder = OwnedFolder(prefix="docstrata-home-")
    except OSError as error:
        raise StoreDown(
            f"{home.path} cannot be written, and no folder for a copy of its catalog can be made: {error.strerror}; set"
            " TMPDIR to a folder that can be written"
        ) from error
    try:
        beside = replace(home, beside=folder.path)
        if options.url is None:
            copy_for_reading(home.catalog, beside.catalog)
        if home.cache.is_dir():  # digests of the model's files, small
            shutil.copytree(home.cache, beside.cache)
    except BaseException:
        folder.close()
        raise
    return folder


def _open_catalog(path: Path, options: CatalogOptions) -> Catalog:
    if options.url is None:
        return open_catalog(path, wait_s=options.wait_s)
    return Catalog(PostgresDatabase(options.url.get_secret_value(), wait_s=options.wait_s))


@contextmanager
def run_lock(context: Context, *, wait: bool = True) -> Iterator[None]:
    """One run at a time in a home, and in a catalog that several machines share; a second one waits
    and says for whom, or raises `StoreDown`.

    The lock of a process that dies is released, however it dies; a writer that only lost the
    connection and goes on is kept out by its run's number (`History.open_intent`). Raises `ConfigError` for a home
    that cannot be written.
    """
    context.home.require_writable()
    with _open_lock(context.home.lock) as file:
        try:
            _lock(file, context, wait=wait)
            _sign(file)
        except OSError as error:
            raise StoreDown(f"{context.home.lock} cannot be locked: {error.strerror}", errno=error.errno) from error
        told = partial(context.progress.say, "waiting for a run on another machine, which uses the same catalog")
        with context.catalog.database.exclusive("run", told if wait else None):
            yield


def _open_lock(path: Path) -> TextIO:
    try:
        return path.open("a+")
    except OSError as error:
        raise StoreDown(f"{path} cannot be opened: {error.strerror}", errno=error.errno) from error


def _sign(file: TextIO) -> None:
    file.truncate(0)
    file.write(f"process {os.getpid()}")
    file.flush()


def _lock(file: TextIO, context: Context, *, wait: bool) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "another process"
        if not wait:
            raise StoreDown(f"{holder} is running in {context.home.path}; wait for it, or drop --no-wait") from None
        context.progress.say(f"waiting for {holder}, which is running in {context.home.path}")
        fcntl.flock(file, fcntl.LOCK_EX)


@contextmanager
def reindex_lock(context: Context) -> Iterator[None]:
    """One collection is built at a time in a home. Raises `StoreDown` for whoever comes second, and `ConfigError` for
    a home that cannot be written."""
    context.home.require_writable()
    with _open_lock(context.home.reindex_lock) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise StoreDown(
                f"{holder} is at work on the collections of {context.home.path} already: wait until it is done"
            ) from None
        _sign(file)
        with context.catalog.database.exclusive("reindex", None):
            yield

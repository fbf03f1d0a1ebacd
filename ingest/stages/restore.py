"""A backup becomes a home again: all of it, checked, or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ingest.catalog.schema import CATALOG_VERSION
from ingest.progress import Progress
from ingest.stages.backup import CATALOG, Meter, lies_apart
from ingest.stages.backup_file import BackupReader, Manifest
from ingest.stages.room import MIB, require_room_at
from schemas.errors import ConfigError, StoreDown
from schemas.point import PAYLOAD_VERSION

_UNFINISHED: Final = ".restoring"
"""In the home, which may be a volume that nothing can be moved onto."""
_HOLE: Final = 16 * 1024
"""Bytes of nothing that are not written: the files of the index are sparse."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`made_at_ns`: when the backup was made; `docstrata`: by which release. `apart`: as of `BackedUp`."""

    members: int
    size: int
    collection: str | None
    model: str | None
    docstrata: str
    made_at_ns: int
    apart: tuple[str, ...]


def restore(file: Path, home: Path, progress: Progress) -> Restored:
    """Makes `home` of the backup. Raises `ConfigError` where the home holds anything, and for a file that
    is damaged, cut short or of a newer release: then the home is as it was."""
    home = home.absolute()
    _require_empty(home)
    with _opened(file) as reader, _place(home) as place:
        require_room_at(place, reader.manifest.disk, f"{file} holds")
        for name, blocks in _measured(reader, progress):
            _write(place / name, blocks)
        os.sync()
        _move(place, home)
    return _restored(reader.manifest)


def check(file: Path, home: Path, progress: Progress) -> Restored:
    """What `restore` would do, and raises; every checksum is compared, and nothing is written."""
    _require_empty(home.absolute())
    with _opened(file) as reader:
        for _, blocks in _measured(reader, progress):
            for _ in blocks:
                pass
    return _restored(reader.manifest)


def _restored(manifest: Manifest) -> Restored:
    return Restored(
        members=len(manifest.members),
        size=manifest.size,
        collection=manifest.collection,
        model=manifest.model,
        docstrata=manifest.docstrata,
        made_at_ns=manifest.made_at_ns,
        apart=tuple(lies_apart(manifest)),
    )


def _require_empty(home: Path) -> None:
    if (home / _UNFINISHED).exists():
        raise ConfigError(f"a restore into {home} was interrupted: remove that folder, and restore again")
    if os.path.lexists(home) and (not home.is_dir() or any(home.iterdir())):
        raise ConfigError(f"{home} is not empty: give a --home that is not there yet; nothing was restored")


@contextmanager
def _opened(file: Path) -> Iterator[BackupReader]:
    try:
        opened = file.open("rb")
    except OSError as error:
        raise ConfigError(f"{file} cannot be opened: {error.strerror}") from error
    with opened:
        yield BackupReader(opened, file, newest=_is_known)


def _is_known(catalog_version: int, payload_version: int) -> bool:
    return catalog_version <= CATALOG_VERSION and payload_version <= PAYLOAD_VERSION


def _measured(reader: BackupReader, progress: Progress) -> Iterator[tuple[str, Iterator[bytes]]]:
    progress.expect("unpack", reader.manifest.size // MIB)
    meter = Meter(progress, "unpack")
    for member, blocks in reader.contents():
        yield member.name, blocks
        meter(member.size)


@contextmanager
def _place(home: Path) -> Iterator[Path]:
    """A folder to restore into, gone in the end; so is the home if it was not there before and all did not go well."""
    made = not home.exists()
    place = home / _UNFINISHED
    try:
        place.mkdir(parents=True)
        yield place
    except BaseException as error:
        shutil.rmtree(place, ignore_errors=True)
        if made:
            with suppress(OSError):  # somebody else has put something there
                home.rmdir()
        if isinstance(error, OSError):
            raise StoreDown(
                f"{home} was not restored ({error.strerror or error}): make room or give another --home, and try again",
                errno=error.errno,
            ) from error
        raise
    place.rmdir()


def _write(path: Path, blocks: Iterator[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        for block in blocks:
            _write_sparse(file, block)
        file.truncate(file.tell())


def _write_sparse(file: BinaryIO, block: bytes) -> None:
    for start in range(0, len(block), _HOLE):
        part = block[start : start + _HOLE]
        if part == bytes(len(part)):
            file.seek(len(part), os.SEEK_CUR)
        else:
            file.write(part)


def _move(place: Path, home: Path) -> None:
    """The catalog last: a folder without one is no home."""
    for entry in sorted(place.iterdir(), key=lambda entry: entry.name == CATALOG):
        entry.rename(home / entry.name)

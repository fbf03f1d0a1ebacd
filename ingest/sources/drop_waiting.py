"""How much lies in a drop folder that nobody has taken in: for a monitor, which only counts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.raw_names import printable
from ingest.sources.drop_look import RESERVED, STATE
from ingest.sources.drop_prefix import DropPrefix
from ingest.sources.folder import SIDECAR, FolderRules, is_ignored
from ingest.sources.places import Root
from schemas.errors import StoreDown


@dataclass(frozen=True, slots=True)
class InboxCount:
    """`oldest_ns`: when the one that lies there longest was dropped or last touched, since the epoch."""

    waiting: int
    claimed: int
    oldest_ns: int | None


def count_waiting(root: Root, rules: FolderRules) -> InboxCount:
    """Files that a look would speak of, ready or not, and those that were claimed and not settled. A sidecar is
    part of its file. At a URL what is claimed stays where it lies, and waits. Raises `StoreDown` when it cannot be
    read, `ConfigError` and `MissingExtra` for a URL that cannot be used."""
    if isinstance(root, str):
        look = DropPrefix(root, 0.0, rules).look()
        oldest = min((file.mtime_ns for file in look.ready), default=None)
        return InboxCount(len(look.ready) + len(look.waiting), 0, oldest)
    try:
        dropped = [at for path, at in _files(root, RESERVED) if not is_ignored(path, rules)]
        claimed = [at for _, at in _files(root / STATE / "work", frozenset())] if (root / STATE).is_dir() else []
    except OSError as error:
        raise StoreDown(f"the drop folder {printable(root)} cannot be read: {error.strerror}") from error
    return InboxCount(len(dropped), len(claimed), min((*dropped, *claimed), default=None))


def _files(root: Path, reserved: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Path below the root, and when the file was touched."""
    if not root.exists() and not reserved:
        return  # nothing was ever claimed
    folders = [str(root)]
    while folders:
        folder = folders.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if folder == str(root) and entry.name in reserved:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif not entry.name.endswith(SIDECAR):
                    try:
                        touched = entry.stat(follow_symlinks=False).st_ctime_ns
                    except FileNotFoundError:
                        continue  # it went while we looked
                    yield os.path.relpath(entry.path, root), touched

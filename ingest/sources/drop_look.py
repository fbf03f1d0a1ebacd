"""What lies in a drop folder, and which of it has come to rest. Only looks: nothing is moved."""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from ingest.raw_names import printable
from ingest.sources.folder import SIDECAR, FolderRules, is_ignored
from ingest.sources.open_files import is_open_for_writing
from schemas.errors import StoreDown

STATE = ".docstrata"
DONE = "done"
QUARANTINE = "quarantine"
RESERVED = frozenset({STATE, DONE, QUARANTINE})
"""At the top of a drop folder, and only there."""

_CLOCKS_APART_NS = 60 * 10**9
"""Some network mounts stamp by two clocks, which may differ by so much."""

_DOWNLOADS = (".part", ".partial", ".crdownload")
"""A browser holds the name with an empty file while it writes `NAME.part` beside it."""


Lying = TypeVar("Lying")


class Why(StrEnum):
    """Why a file is not taken. A person has to act on some; the others pass by themselves."""

    YOUNG = "it was written a moment ago"
    IN_USE = "a program has it open for writing"
    DOWNLOADING = "it is still being downloaded"
    BEING_TAKEN = "an earlier file of this name is being taken in"
    LINK = "it is a link: drop the file itself"
    LONE_SIDECAR = "the file that it speaks of is not here: drop both together"
    ELSEWHERE = "it lies on another disk, or is mounted: drop a copy of it"
    CLOSED = "docstrata may not move what is in its folder: give it the right to write there"
    UNREADABLE = "the folder cannot be listed: give docstrata the right to read it"

    @property
    def passes(self) -> bool:
        return self in {Why.YOUNG, Why.IN_USE, Why.DOWNLOADING, Why.BEING_TAKEN}


@dataclass(frozen=True, slots=True)
class Waiting:
    """`path` is relative and can be printed; `rests_in_s`: seconds until a young one has rested."""

    path: str
    why: Why
    rests_in_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that may be taken, and what speaks of it."""

    location: Path
    sidecar: Path | None = None

    @property
    def lies_at(self) -> str:
        return str(self.location)


@dataclass(frozen=True, slots=True)
class Look(Generic[Lying]):
    """In the order of paths."""

    ready: tuple[Lying, ...]
    waiting: tuple[Waiting, ...]


def look_into(root: Path, rules: FolderRules, settle_s: float, now_ns: Callable[[], int]) -> Look[Dropped]:
    """`now_ns`: what time it is for the file system; asked only when a file lies there."""
    return _Looking(root, rules, round(settle_s * 1e9), now_ns).look()


class _Looking:
    def __init__(self, root: Path, rules: FolderRules, settle_ns: int, clock: Callable[[], int]) -> None:
        self._root = root
        self._below = len(os.path.join(root, ""))  # noqa: PTH118 - a Path has no slash at its end
        self._rules = rules
        self._settle_ns = settle_ns
        self._clock = clock
        self._ready: list[Dropped] = []
        self._waiting: list[Waiting] = []

    @cached_property
    def _now_ns(self) -> int:
        return self._clock()

    @cached_property
    def _device(self) -> int:
        return self._root.stat().st_dev

    def look(self) -> Look[Dropped]:
        folders = [str(self._root)]
        while folders:
            folder = folders.pop()
            entries = self._entries(folder)
            if entries is None:
                continue
            files: dict[str, os.DirEntry[str]] = {}
            for entry in entries:
                if entry.is_symlink():
                    self._wait(entry, Why.LINK)
                elif entry.is_dir(follow_symlinks=False):
                    folders += self._subfolder(entry)
                elif entry.is_file(follow_symlinks=False):
                    files[entry.name] = entry
            self._judge_all(folder, files)
        ready = sorted(self._ready, key=lambda dropped: dropped.location)
        return Look(tuple(ready), tuple(sorted(self._waiting, key=lambda w: w.path)))

    # ------------------------------------------------------------------ folders

    def _entries(self, folder: str) -> list[os.DirEntry[str]] | None:
        top = folder == str(self._root)
        try:
            with os.scandir(folder) as scan:
                found = [entry for entry in scan if not (top and entry.name in RESERVED)]
        except OSError as error:
            if top:
                raise StoreDown(
                    f"the drop folder {printable(folder)} cannot be read ({error.strerror}): make it again, or mount it"
                ) from error
            if error.errno != errno.ENOENT:
                self._waiting.append(Waiting(self._name(folder), Why.UNREADABLE))
            return None
        return sorted(found, key=lambda entry: entry.name)

    def _subfolder(self, entry: os.DirEntry[str]) -> list[str]:
        if entry.name.startswith(".") and not self._rules.hidden:
            return []
        try:
            device = entry.stat(follow_symlinks=False).st_dev
        except FileNotFoundError:
            return []
        if device != self._device:
            self._wait(entry, Why.ELSEWHERE)
            return []
        return [entry.path]

    # -------------------------------------------------------------------- files

    def _judge_all(self, folder: str, files: dict[str, os.DirEntry[str]]) -> None:
        if not files:
            return
        writable = os.access(folder, os.W_OK | os.X_OK)
        for name, entry in files.items():
            if is_ignored(self._name(entry.path), self._rules):
                continue
            owner = self._owner(name)
            if owner is not None:
                if owner not in files:
                    self._wait(entry, Why.LONE_SIDECAR)
            elif not writable:
                self._wait(entry, Why.CLOSED)
            else:
                self._judge(entry, files)

    def _owner(self, name: str) -> str | None:
        """The file that a sidecar speaks of; a sidecar of a sidecar is a file like any other."""
        owner = name.removesuffix(SIDECAR)
        return owner if self._rules.sidecars and owner not in {name, ""} and not owner.endswith(SIDECAR) else None

    def _judge(self, entry: os.DirEntry[str], files: dict[str, os.DirEntry[str]]) -> None:
        sidecar = files.get(entry.name + SIDECAR) if self._owner(entry.name + SIDECAR) is not None else None
        both = [entry] if sidecar is None else [entry, sidecar]
        try:
            stats = [each.stat(follow_symlinks=False) for each in both]
        except FileNotFoundError:
            return  # it went while we looked
        # ctime, because writing, renaming and copying with old times all set it.
        touched_ns = max(stat.st_ctime_ns for stat in stats)
        age_ns = self._now_ns - touched_ns
        if age_ns < 0:  # written while we look
            age_ns = self._clock() - touched_ns
        # A stamp that lies well ahead was set before the clock was put back, and by nobody since. Where nothing has
        # to rest, one that lies a little ahead is no reason to wait either.
        if self._settle_ns and -_CLOCKS_APART_NS <= age_ns < self._settle_ns:
            self._wait(entry, Why.YOUNG, (self._settle_ns - age_ns) / 1e9)
        elif stats[0].st_size == 0 and any(entry.name + ending in files for ending in _DOWNLOADS):
            self._wait(entry, Why.DOWNLOADING)
        elif any(is_open_for_writing(Path(each.path)) for each in both):
            self._wait(entry, Why.IN_USE)
        else:
            self._ready.append(Dropped(Path(entry.path), Path(sidecar.path) if sidecar is not None else None))

    def _wait(self, entry: os.DirEntry[str], why: Why, rests_in_s: float = 0.0) -> None:
        path = self._name(entry.path)
        if not is_ignored(path, self._rules):
            self._waiting.append(Waiting(path, why, rests_in_s))

    def _name(self, path: str) -> str:
        return unicodedata.normalize("NFC", printable(path[self._below :]))

"""Files of a folder on this machine: listed cheaply, in one order, always."""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.sources.patterns import matches
from schemas.errors import ConfigError

EVERYTHING = ("**",)

_TEMPORARY = ("~$", ".~lock.")
_TEMPORARY_ENDINGS = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file as the folder shows it. `path` is relative, with `/`, in NFC; `location` opens it."""

    path: str
    location: Path
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """All files in the order of their paths.

    `complete` is False when a part of the folder could not be read: then what is not listed may
    still be there, and nothing may be retired for it. `problems` are sentences.
    """

    files: tuple[ListedFile, ...]
    complete: bool
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FolderRules:
    """Patterns as `ingest.sources.patterns` reads them."""

    include: tuple[str, ...] = EVERYTHING
    exclude: tuple[str, ...] = ()
    hidden: bool = False


def list_folder(root: Path, rules: FolderRules, skip: Path | None = None) -> Listing:
    """Everything below `root` but `skip` (docstrata's own home). Links to folders are not followed."""
    if not root.is_dir():
        raise ConfigError(f"{root} is not a folder; name one that holds documents, or a single file")
    if skip is not None and skip.resolve() == root.resolve():
        raise ConfigError(f"{root} is docstrata's own home; give another folder, or another --home")
    collected = _Collected(root)
    below = len(os.path.join(root, ""))  # noqa: PTH118 - a Path has no slash at its end
    for entry in _walk(root, rules, skip, collected.problems):
        collected.add(entry.path[below:], Path(entry.path), entry.stat, rules)
    return collected.listing(complete=not collected.problems)


def list_files(root: Path, files: list[Path]) -> Listing:
    """Single files of a folder: never a complete listing."""
    collected = _Collected(root)
    for file in sorted(set(files)):
        collected.add(file.relative_to(root).as_posix(), file, file.stat)
    return collected.listing(complete=False)


def printable(path: str | Path) -> str:
    """Bytes of a name that are not UTF-8 are shown as `\\xNN`, so that every store can hold it."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


class _Collected:
    """The files found so far, by path."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._found: dict[str, ListedFile] = {}
        self.problems: list[str] = []

    def add(
        self, name: str, location: Path, stat: Callable[[], os.stat_result], rules: FolderRules | None = None
    ) -> None:
        path = unicodedata.normalize("NFC", printable(name))
        try:
            seen = stat()
        except OSError as error:
            self.problems.append(f"{path} cannot be looked at: {error.strerror}")
            return
        if path in self._found:
            self.problems.append(
                f"two names in {printable(self._root)} are the same in Unicode's composed form: {path}"
            )
            return
        self._found[path] = ListedFile(
            path=path,
            location=location,
            size=seen.st_size,
            mtime_ns=seen.st_mtime_ns,
            ctime_ns=seen.st_ctime_ns,
            inode=seen.st_ino,
            ignored=rules is not None and _is_ignored(path, rules),
        )

    def listing(self, *, complete: bool) -> Listing:
        files = tuple(self._found[path] for path in sorted(self._found))
        return Listing(files, complete=complete, problems=tuple(self.problems))


def _walk(root: Path, rules: FolderRules, skip: Path | None, problems: list[str]) -> Iterator[os.DirEntry[str]]:
    folders = [str(root)]
    skipped = str(skip.resolve()) if skip is not None else None
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as scan:
                # Sorted: which of two names that are one in NFC is taken must not be chance.
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            problems.append(f"the folder {printable(folder)} cannot be read: {error.strerror}")
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                hidden = entry.name.startswith(".") and not rules.hidden
                if not hidden and (skipped is None or str(Path(entry.path).resolve()) != skipped):
                    folders.append(entry.path)
            elif _is_file(entry, problems):
                yield entry


def _is_file(entry: os.DirEntry[str], problems: list[str]) -> bool:
    try:
        return entry.is_file()
    except OSError as error:
        if error.errno != errno.ELOOP:  # a link that leads to itself is no file, and never was one
            problems.append(f"{printable(entry.path)} cannot be looked at: {error.strerror}")
        return False


def _is_ignored(path: str, rules: FolderRules) -> bool:
    name = path.rsplit("/", 1)[-1].lower()
    if name.startswith(".") and not rules.hidden:
        return True
    if name.startswith(_TEMPORARY) or name.endswith(_TEMPORARY_ENDINGS):
        return True
    if rules.include != EVERYTHING and not any(matches(path, pattern) for pattern in rules.include):
        return True
    return any(matches(path, pattern) for pattern in rules.exclude)

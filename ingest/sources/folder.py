"""Files of a folder on this machine: listed cheaply, in one order, always."""

from __future__ import annotations

import errno
import glob
import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ingest.raw_names import printable
from ingest.sources.patterns import matches
from schemas.errors import ConfigError

EVERYTHING = ("**",)

SIDECAR = ".meta.json"
"""`report.pdf.meta.json` holds what is known of `report.pdf`."""

_TEMPORARY = ("~$", ".~lock.")
_TEMPORARY_ENDINGS = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file as the folder shows it. `path` is relative, with `/`, in NFC; `lies_at` opens it.

    `sidecar` is the file beside it that holds its metadata. A member of an archive has `top`, the
    path of the listed file that it came out of, and lies where it was unpacked.

    An object elsewhere has `remote`, its name for fsspec, and lies nowhere until it was fetched. Where its
    store tells its content by an ETag, a version or a checksum it is `tagged`, and `inode` is a number made of
    that: no time stamp is asked. A `size` of -1 is not known.
    """

    path: str
    lies_at: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    ignored: bool = False
    sidecar: ListedFile | None = None
    top: str = ""
    origin: str = ""
    remote: str = ""
    tagged: bool = False

    @property
    def location(self) -> Path:
        """Made when it is asked for: a `Path` costs more than all else about a file that did not change."""
        return Path(self.lies_at)

    @property
    def uri(self) -> str:
        """Where a person finds it."""
        return self.origin or self.location.as_uri()

    @property
    def stamp(self) -> str:
        """Changes when the sidecar does; empty where there is none."""
        beside = self.sidecar
        if beside is None:
            return ""
        if beside.tagged:
            return f"{beside.size}:{beside.inode}"
        return f"{beside.size}:{beside.mtime_ns}:{beside.ctime_ns}:{beside.inode}"

    @property
    def touched_ns(self) -> int:
        """When it, or its sidecar, was touched last; long ago where that is not asked."""
        last = 0 if self.tagged else max(self.mtime_ns, self.ctime_ns)
        return max(last, self.sidecar.touched_ns) if self.sidecar else last


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
    sidecars: bool = True


def list_folder(
    root: Path, rules: FolderRules, skip: Path | None = None, scope: tuple[str, ...] = EVERYTHING
) -> Listing:
    """Everything below `root` but `skip` (docstrata's own home), as far as it is in `scope`. Links to folders
    are not followed."""
    if not root.is_dir():
        raise ConfigError(f"{root} is not a folder; name one that holds documents, or a single file")
    if skip is not None and skip.resolve() == root.resolve():
        raise ConfigError(f"{root} is docstrata's own home; give another folder, or another --home")
    collected = Collected(printable(root))
    below = len(os.path.join(root, ""))  # noqa: PTH118 - a Path has no slash at its end
    for entry in _walk(root, rules, skip, collected.problems):
        collected.add(entry.path[below:], entry.path, entry.stat, rules)
    return collected.listing(complete=not collected.problems, sidecars=rules.sidecars, scope=scope)


def list_files(root: Path, files: list[Path], *, sidecars: bool = True) -> Listing:
    """Single files of a folder, and their sidecars: never a complete listing."""
    collected = Collected(printable(root))
    beside = (file.with_name(file.name + SIDECAR) for file in files) if sidecars else ()
    for file in sorted({*files, *(file for file in beside if file.is_file())}):
        collected.add(file.relative_to(root).as_posix(), str(file), file.stat)
    return collected.listing(complete=False, sidecars=sidecars)


def is_ignored(path: str, rules: FolderRules) -> bool:
    """By its name, or by the user's patterns."""
    name = path.rsplit("/", 1)[-1].lower()
    if name.startswith(".") and not rules.hidden:
        return True
    if name.startswith(_TEMPORARY) or name.endswith(_TEMPORARY_ENDINGS):
        return True
    if rules.include != EVERYTHING and not any(matches(path, pattern) for pattern in rules.include):
        return True
    return bool(rules.exclude) and any(matches(path, pattern) for pattern in rules.exclude)


def in_scope(path: str, scope: tuple[str, ...]) -> bool:
    """Whether any of the patterns of a source matches; a listing tells of nothing else."""
    if scope == EVERYTHING:
        return True
    plain, patterns = _parted(scope)
    # Of thousands of plain paths none is tried: a file, or a folder above it, is one of them.
    names = path.split("/")
    if plain and any("/".join(names[:end]) in plain for end in range(1, len(names) + 1)):
        return True
    return any(matches(path, pattern) for pattern in patterns)


def exactly(paths: Iterable[str]) -> tuple[str, ...]:
    """A scope of these paths, whatever signs they have."""
    return tuple(f"/{glob.escape(path)}" for path in sorted(paths))


@lru_cache(maxsize=16)
def _parted(scope: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    plain = frozenset(p[1:] for p in scope if p.startswith("/") and not p.endswith("/") and glob.escape(p) == p)
    return plain, tuple(p for p in scope if p[1:] not in plain)


def composed(name: str) -> str:
    """A path as documents have it: printable, and in NFC."""
    return name if name.isascii() else unicodedata.normalize("NFC", printable(name))


class Collected:
    """The files found so far, by path. `root` is as it is printed."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._found: dict[str, ListedFile] = {}
        self.problems: list[str] = []

    def add(
        self, name: str, lies_at: str, stat: Callable[[], os.stat_result], rules: FolderRules | None = None
    ) -> None:
        path = composed(name)
        try:
            seen = stat()
        except OSError as error:
            self.problems.append(f"{path} cannot be looked at: {error.strerror}")
            return
        self.put(
            ListedFile(
                path=path,
                lies_at=lies_at,
                size=seen.st_size,
                mtime_ns=seen.st_mtime_ns,
                ctime_ns=seen.st_ctime_ns,
                inode=seen.st_ino,
                ignored=rules is not None and is_ignored(path, rules),
            )
        )

    def put(self, file: ListedFile) -> None:
        """The first of two names that are one is kept."""
        if file.path in self._found:
            self.problems.append(f"two names in {self._root} are the same in Unicode's composed form: {file.path}")
            return
        self._found[file.path] = file

    def listing(self, *, complete: bool, sidecars: bool, scope: tuple[str, ...] = EVERYTHING) -> Listing:
        found = _with_sidecars(self._found) if sidecars else self._found
        if scope != EVERYTHING:
            inside = {path: file for path, file in found.items() if in_scope(path, scope)}
            bound = {file.sidecar.path for file in inside.values() if file.sidecar is not None}
            found = inside | {path: found[path] for path in bound}
        files = tuple(found[path] for path in sorted(found))
        return Listing(files, complete=complete, problems=tuple(self.problems))


def _with_sidecars(found: dict[str, ListedFile]) -> dict[str, ListedFile]:
    """Each bound to what it speaks of, and no document of its own. One without such a file is a
    file like any other."""
    bound = dict(found)
    for path, sidecar in found.items():
        owner = found.get(path.removesuffix(SIDECAR)) if path.endswith(SIDECAR) else None
        if owner is not None and not owner.path.endswith(SIDECAR):
            bound[path] = replace(sidecar, ignored=True)
            bound[owner.path] = replace(bound[owner.path], sidecar=sidecar)
    return bound


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

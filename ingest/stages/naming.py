"""Which sources a request names, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.catalog.catalog import Catalog
from ingest.raw_names import printable
from ingest.sources.folder import EVERYTHING, ListedFile
from ingest.sources.places import Place, Root, last_name, place_of, shown, split_url
from ingest.sources.remote import Kind, Remote
from schemas.errors import ConfigError
from schemas.ids import digest
from schemas.source import SourceKind


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A folder or a prefix, a part of it (`scope`, patterns), or single files of one.

    `files` of a URL are names below it; `listed` are objects that were listed before. `stands_for` is the
    folder that the files were claimed from: the one that a person knows. `inbox`: a drop folder at a URL.
    """

    tenant: str
    name: str
    kind: SourceKind
    root: Root
    files: tuple[Root, ...] = ()
    stands_for: Root | None = None
    scope: tuple[str, ...] = EVERYTHING
    listed: tuple[ListedFile, ...] = ()
    inbox: bool = False

    @property
    def lies_at(self) -> str:
        """The root as text that every store can hold."""
        return printable(shown(self.stands_for or self.root))


def name_sources(
    catalog: Catalog,
    tenant: str,
    paths: Sequence[Path | str],
    name: str | None,
    kind: SourceKind,
    *,
    stands_for: Root | None = None,
    inbox: bool = False,
    scope: tuple[str, ...] = EVERYTHING,
) -> Iterator[SourceSpec]:
    """One source a folder or prefix, one for the globs and one for the single files of each. Raises `ConfigError`,
    and `StoreDown` for a URL that cannot be reached."""
    taken = catalog.files.roots(tenant)
    named = _Named(frozenset(taken.values()))
    for path in paths:
        named.add(path, inbox=inbox)
    if name is not None and named.count != 1:
        raise ConfigError("--source names one source: give one folder or URL, or files of one folder")
    for root in named.folders:
        known_as = _default_name(taken, stands_for or root)
        yield SourceSpec(tenant, name or known_as, kind, root, stands_for=stands_for, inbox=inbox, scope=scope)
    for root, patterns in named.globs.items():
        yield SourceSpec(tenant, name or _default_name(taken, root), kind, root, scope=tuple(patterns))
    for root, files in named.singles.items():
        yield SourceSpec(tenant, name or _default_name(taken, root), kind, root, tuple(files))


@dataclass(slots=True)
class _Named:
    """What was asked for, each place once."""

    known: frozenset[str]
    folders: dict[Root, None] = field(default_factory=dict)
    globs: dict[Root, dict[str, None]] = field(default_factory=dict)
    singles: dict[Root, dict[Root, None]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.folders) + len(self.globs) + len(self.singles)

    def add(self, path: Path | str, *, inbox: bool) -> None:
        place = place_of(path)
        root = place.root
        if place.pattern:
            self._add_glob(place, path)
        elif isinstance(root, str):
            self._add_url(root, is_folder=inbox or root in self.known or str(path).endswith("/"))
        elif root.is_dir():
            self.folders[root] = None
        elif root.is_file():
            self.singles.setdefault(root.parent, {})[root] = None
        else:
            raise ConfigError(f"there is no file or folder at {printable(shown(root))}; check the path")

    def _add_glob(self, place: Place, path: Path | str) -> None:
        if isinstance(place.root, Path) and not place.root.is_dir():
            raise ConfigError(f"there is no folder {printable(place.root)}, where {printable(path)} begins")
        self.globs.setdefault(place.root, {})[place.pattern] = None

    def _add_url(self, url: str, *, is_folder: bool) -> None:
        kind = Kind.FOLDER if is_folder else Remote(url).kind()
        if kind is Kind.NOTHING:
            raise ConfigError(f"there is nothing at {url}; check the URL")
        if kind is Kind.FOLDER:
            self.folders[url] = None
            return
        root, name = split_url(url)
        self.singles.setdefault(root, {})[name] = None


def _default_name(taken: dict[str, str], root: Root) -> str:
    """The folder's own name; with a piece of its path's digest where another folder has that name."""
    lies_at = printable(shown(root))
    for name, known in taken.items():
        if known == lies_at:
            return name
    name = printable(last_name(root)) or "root"
    if name in taken:
        name = f"{name}-{digest(lies_at.encode())[:6]}"
    taken[name] = lies_at
    return name

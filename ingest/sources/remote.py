"""Objects and files that fsspec reaches: listed in one go, fetched one by one.

The one place that calls a driver. What drivers raise is told in sentences (`remote_errors`): what a person has to
mend is a `ConfigError`, what may pass by itself a `StoreDown`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

import fsspec
from fsspec.callbacks import Callback

from ingest.sources.folder import (
    EVERYTHING,
    SIDECAR,
    Collected,
    FolderRules,
    ListedFile,
    Listing,
    composed,
    is_ignored,
)
from ingest.sources.object_facts import tag_of, time_ns_of
from ingest.sources.remote_errors import driver_missing, told_of
from schemas.errors import ConfigError, DocstrataError

STATE = ".docstrata"
"""At the top of a prefix: never documents."""

_OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "oci", "r2"})
"""There a bucket has to be there, and a prefix is there when an object is."""
_FLAT = frozenset({"memory"})
"""There nothing has to be there."""

_GRAIN_NS = 2 * 10**9
"""Some servers' time stamps are whole seconds, or by a clock of their own: one that is younger at the
listing may be that of a later write too."""
_NEVER_OLD = sys.maxsize
"""A time stamp that no listing believes: of what tells nothing of its content."""


class Kind(StrEnum):
    FILE = "file"
    FOLDER = "folder"
    NOTHING = "nothing"


class Stopped(Exception):
    """A transfer that nobody waits for any more."""


class Remote:
    """What lies at and below a URL. Calls may come from several threads where `threads` says so."""

    def __init__(self, url: str) -> None:
        """Raises `ConfigError`, or `MissingExtra` where the driver is not installed. Asks the network nothing."""
        self.url = url
        scheme = url.partition("://")[0].rpartition("::")[2]
        # fsspec ships no types: its file system objects are Any by nature.
        self._fs: Any
        try:
            self._fs, root = fsspec.core.url_to_fs(url)
        except ImportError as error:
            raise driver_missing(url, scheme, error) from error
        except ValueError as error:
            raise ConfigError(f"{url} is no URL that fsspec knows: {error}") from error
        except Exception as error:  # a driver may sign in at once
            raise told_of(self.url, error) from error
        self._root = str(root).rstrip("/")
        self._scheme = scheme

    @property
    def threads(self) -> int:
        """How many transfers may go on at once: drivers with a connection of their own have one."""
        return 4 if self._fs.async_impl else 1

    # -------------------------------------------------------------------- looking

    def kind(self) -> Kind:
        """Raises `ConfigError`, `StoreDown`."""
        with self._told():
            self._fs.invalidate_cache()
            try:
                info = self._fs.info(self._root)
            except FileNotFoundError:
                return Kind.NOTHING
        return Kind.FILE if info.get("type") == "file" else Kind.FOLDER

    def listing(
        self,
        rules: FolderRules,
        *,
        scope: tuple[str, ...] = EVERYTHING,
        skip: str = "",
        without: frozenset[str] = frozenset(),
    ) -> Listing:
        """All below the URL, as far as it is in `scope`; but for what lies at the URL `skip`, and in the folders
        `without` at the top. Raises `ConfigError`, `StoreDown`: never half of it."""
        with self._told():
            self._fs.invalidate_cache()
            found = self._find_without(without) if without else self._find(self._root)
            if not found:
                self._require_there()
            self._fs.invalidate_cache()  # it holds as much memory as the listing
        collected = Collected(self.url)
        for name in sorted(found):
            file = self._listed(name, found[name], rules)
            if file is not None and not (skip and file.origin.startswith(skip)):
                collected.put(file)
        return collected.listing(complete=not collected.problems, sidecars=rules.sidecars, scope=scope)

    def single(self, names: tuple[str, ...], *, sidecars: bool) -> Listing:
        """Objects below the URL by their names, and their sidecars: never a complete listing."""
        collected = Collected(self.url)
        beside = {name + SIDECAR for name in names} if sidecars else set()
        with self._told():
            self._fs.invalidate_cache()
            for name in sorted({*names, *beside}):
                try:
                    info = self._fs.info(self.at(name))
                except FileNotFoundError:
                    if name not in beside:
                        collected.problems.append(f"{composed(name)} cannot be looked at: it is gone")
                    continue
                file = self._listed(self.at(name), info, None)
                if file is not None:
                    collected.put(file)
        return collected.listing(complete=False, sidecars=sidecars)

    def seen(self, name: str) -> ListedFile | None:
        """One object below the URL, as it is now."""
        with self._told():
            self._fs.invalidate_cache()
            try:
                return self._listed(self.at(name), self._fs.info(self.at(name)), None)
            except FileNotFoundError:
                return None

    def _find(self, path: str) -> Mapping[str, Mapping[str, object]]:
        try:
            found: Mapping[str, Mapping[str, object]] = self._fs.find(path, detail=True)
        except FileNotFoundError:
            return {}
        return found

    def _find_without(self, names: frozenset[str]) -> Mapping[str, Mapping[str, object]]:
        """A level at the top, so that what is left out is not listed: it may be all that was ever taken in."""
        try:
            top = self._fs.ls(self._root, detail=True)
        except FileNotFoundError:
            return {}
        found: dict[str, Mapping[str, object]] = {}
        for entry in top:
            name = str(entry["name"]).rstrip("/")
            if entry.get("type") == "file":
                found[str(entry["name"])] = entry
            elif self.below(name) not in names:
                found.update(self._find(name))
        return found

    def _require_there(self) -> None:
        """Nothing was found: that a prefix is empty is no trouble, that its bucket is gone is."""
        if self._scheme in _FLAT:
            return
        bucket = self._root.split("/", 1)[0]
        what = f"no bucket '{bucket}'" if self._scheme in _OBJECT_STORES else f"nothing at {self.url}"
        try:
            self._fs.info(bucket if self._scheme in _OBJECT_STORES else self._root)
        except FileNotFoundError as error:
            raise ConfigError(f"there is {what}: check {self.url}; nothing was taken from the index") from error

    def _listed(self, name: str, info: Mapping[str, object], rules: FolderRules | None) -> ListedFile | None:
        below = self.below(name)
        folders = below.split("/")[:-1]
        if info.get("type", "file") != "file" or not below or below.endswith("/") or below.startswith(f"{STATE}/"):
            return None
        if rules is not None and not rules.hidden and any(folder.startswith(".") for folder in folders):
            return None
        path = composed(below)
        size = info.get("size")
        mtime_ns = time_ns_of(info)
        tag = tag_of(info)
        origin = f"{self.url}/{below}"
        return ListedFile(
            path=path,
            lies_at=origin,
            size=size if isinstance(size, int) else -1,
            mtime_ns=mtime_ns,
            ctime_ns=mtime_ns + _GRAIN_NS if mtime_ns else _NEVER_OLD,
            inode=tag,
            ignored=rules is not None and is_ignored(path, rules),
            origin=origin,
            remote=name,
            tagged=bool(tag),
        )

    def below(self, name: str) -> str:
        """The name below the URL of what fsspec calls `name`."""
        return name.removeprefix(self._root).removeprefix("/")

    # ------------------------------------------------------------------- fetching

    def get(self, name: str, to: Path, stopped: Callable[[], bool]) -> None:
        """Fetches an object, by its name for fsspec. Raises `FileNotFoundError` and `PermissionError` for what is
        its own trouble, `StoreDown`, and `Stopped`."""
        with self._told(of_one=True):
            self._fs.get_file(name, str(to), callback=_Watched(stopped))

    def read(self, name: str) -> bytes | None:
        """A small object below the URL, whole; None when it is gone."""
        with self._told():
            try:
                content: bytes = self._fs.cat_file(self.at(name))
            except FileNotFoundError:
                return None
        return content

    # ------------------------------------------------------------------- changing

    def names(self, folder: str) -> list[str]:
        """Of all objects in a folder below the URL."""
        with self._told():
            self._fs.invalidate_cache()
            return sorted(self.below(name) for name in self._find(self.at(folder)))

    def exists(self, name: str) -> bool:
        with self._told():
            self._fs.invalidate_cache()
            return bool(self._fs.exists(self.at(name)))

    def time_ns(self, name: str) -> int:
        """When it was written, by the clock of the store."""
        with self._told():
            self._fs.invalidate_cache()
            return time_ns_of(self._fs.info(self.at(name)))

    def write(self, name: str, content: bytes) -> None:
        with self._told():
            self._make_folder(name)
            self._fs.pipe_file(self.at(name), content)

    def copy(self, name: str, to: str) -> None:
        """Within the store, where its driver can; else by way of this machine."""
        with self._told():
            self._make_folder(to)
            try:
                self._fs.cp_file(self.at(name), self.at(to))
            except NotImplementedError:
                with self._fs.open(self.at(name), "rb") as source, self._fs.open(self.at(to), "wb") as target:
                    shutil.copyfileobj(source, target)

    def remove(self, name: str) -> None:
        """Also when it is gone."""
        with self._told(), suppress(FileNotFoundError):
            self._fs.rm_file(self.at(name))

    def _make_folder(self, name: str) -> None:
        if self._scheme not in _OBJECT_STORES | _FLAT:
            self._fs.makedirs(self.at(name).rpartition("/")[0], exist_ok=True)

    def at(self, name: str) -> str:
        """What fsspec calls the object `name` below the URL."""
        return f"{self._root}/{name}"

    # ------------------------------------------------------------------- errors

    @contextmanager
    def _told(self, *, of_one: bool = False) -> Iterator[None]:
        try:
            yield
        except (DocstrataError, Stopped):
            raise
        except Exception as error:
            if of_one and isinstance(error, FileNotFoundError | PermissionError):
                raise
            raise told_of(self.url, error) from error


class _Watched(Callback):  # type: ignore[misc] # fsspec ships no types
    """Ends a transfer between two of its blocks."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        super().__init__()
        self._stopped = stopped

    def relative_update(self, inc: int = 1) -> None:
        if self._stopped():
            raise Stopped
        super().relative_update(inc)

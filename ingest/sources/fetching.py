"""Objects on their way to a parser: a few are fetched ahead, and each is removed when it was used.

So a bucket may be larger than the disk. What a planned run prepares is kept, within limits, for the
publishing that reads it once more.
"""

from __future__ import annotations

import re
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from threading import Event
from types import TracebackType
from typing import Self

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from ingest.sources.folder import ListedFile
from ingest.sources.places import split_url
from ingest.sources.remote import Remote, Stopped
from schemas.errors import ConfigError, StoreDown
from schemas.ids import fingerprint

_AHEAD = 8
"""Files that wait, fetched, for whoever reads them."""
_AHEAD_BYTES = 512 * 2**20
_ATTEMPTS = 3
_LONGEST = 60
"""Characters of a name: file systems count in bytes."""
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class Fetched:
    """`listed` lies on this machine, unless there is `trouble` with it, or it was not worth fetching."""

    listed: ListedFile
    trouble: OSError | None = None


@dataclass(frozen=True, slots=True)
class FetchPlaces:
    """`own`: a folder of one user, empty at the beginning and gone at the end. `kept`: of all who share the
    home; up to `keep_bytes` of it are filled, none when 0. `least_room`: bytes of the disk that stay free."""

    own: Path
    kept: Path
    keep_bytes: int
    least_room: int


class Fetcher:
    """Fetches in the order in which files are asked for. To be used as a context manager, by one thread."""

    def __init__(self, remote: Remote, places: FetchPlaces) -> None:
        self._remote = remote
        self._places = places
        self._stop = Event()
        self._threads = ThreadPoolExecutor(remote.threads, thread_name_prefix="fetch")
        self._kept_bytes = _size_of(places.kept) if places.keep_bytes else 0

    def fetched(self, files: Iterable[ListedFile], wanted: Callable[[ListedFile], bool]) -> Iterator[Fetched]:
        """Every file, in order; one that is not `wanted` as it is. Raises `StoreDown` when the source is away, or
        the disk is full."""
        source = iter(files)
        ahead: deque[tuple[Future[Fetched], int]] = deque()
        following = next(source, None)
        while following is not None or ahead:
            while following is not None and len(ahead) < _AHEAD:
                size = _bytes_of(following) if wanted(following) else 0
                pending = sum(size for _, size in ahead)
                if ahead and (pending + size > _AHEAD_BYTES or not self._has_room(pending + size)):
                    break
                if size and not ahead:
                    self._require_room(size, following)
                ahead.append((self._begin(following, fetch=wanted(following)), size))
                following = next(source, None)
            yield ahead.popleft()[0].result()

    def release(self, listed: ListedFile) -> None:
        """Nobody needs it any more, but the publishing where it is kept for that."""
        for file in (listed, listed.sidecar):
            if file is not None and file.remote and file.location.parent == self._places.own:
                self._put_away(file)

    def close(self) -> None:
        self._stop.set()
        self._threads.shutdown(cancel_futures=True)
        shutil.rmtree(self._places.own, ignore_errors=True)

    def __enter__(self) -> Self:
        shutil.rmtree(self._places.own, ignore_errors=True)
        self._places.own.mkdir(parents=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # ------------------------------------------------------------------- one file

    def _begin(self, file: ListedFile, *, fetch: bool) -> Future[Fetched]:
        if fetch:
            return self._threads.submit(self._fetch, file)
        done: Future[Fetched] = Future()
        done.set_result(Fetched(file))
        return done

    def _fetch(self, file: ListedFile) -> Fetched:
        try:
            here = self._here(file)
            sidecar = self._here(file.sidecar) if file.sidecar is not None else None
        except (FileNotFoundError, PermissionError) as error:
            return Fetched(file, error)
        return Fetched(replace(here, sidecar=sidecar))

    def _here(self, file: ListedFile) -> ListedFile:
        """Whole, or not at all: what is fetched has another name until its end."""
        target = self._places.own / _cache_name(file)
        if not self._was_kept(file, target):
            partial = target.with_name(f"{target.name}.partial")
            self._get(file.remote, partial)
            partial.rename(target)
        size = target.stat().st_size
        if file.size not in {-1, size}:
            target.unlink()
            raise FileNotFoundError(f"{file.origin} changed after it was listed")
        return replace(file, lies_at=str(target), size=size)

    @retry(
        retry=retry_if_exception_type(StoreDown),
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_exponential(multiplier=0.2, max=5),
        reraise=True,
    )
    def _get(self, name: str, to: Path) -> None:
        if self._stop.is_set():
            raise Stopped
        try:
            self._remote.get(name, to, self._stop.is_set)
        except BaseException:
            to.unlink(missing_ok=True)
            raise

    def _was_kept(self, file: ListedFile, target: Path) -> bool:
        """A second name for it: whoever removes the first takes nothing away here."""
        if not (file.tagged or file.mtime_ns):
            return False
        try:
            target.hardlink_to(self._places.kept / target.name)
        except OSError:  # it was not kept, or this file system has no second names
            return False
        return True

    def _put_away(self, file: ListedFile) -> None:
        kept = self._places.kept / file.location.name
        if self._kept_bytes + file.size <= self._places.keep_bytes:
            kept.parent.mkdir(parents=True, exist_ok=True)
            file.location.rename(kept)
            self._kept_bytes += file.size
            return
        file.location.unlink(missing_ok=True)
        if not self._places.keep_bytes:
            kept.unlink(missing_ok=True)

    # ----------------------------------------------------------------------- room

    def _has_room(self, size: int) -> bool:
        return shutil.disk_usage(self._places.own).free - size >= self._places.least_room

    def _require_room(self, size: int, file: ListedFile) -> None:
        if not self._has_room(size):
            free = shutil.disk_usage(self._places.own).free
            raise StoreDown(
                f"there is no room to fetch {file.origin} ({size / 2**20:.0f} MiB; {free / 2**20:.0f} MiB are left of"
                f" the disk of {self._places.own.parent}, {self._places.least_room / 2**20:.0f} of them stay free):"
                " make room and run again, nothing that was finished is lost",
                free=free,
            )


def fetch_one(url: str, into: Path) -> Path:
    """An object under its own name. Raises `ConfigError` when it is not there, `StoreDown`."""
    parent, name = split_url(url)
    to = into / (name[-_LONGEST:] or "object")
    remote = Remote(parent)
    try:
        remote.get(remote.at(name), to, lambda: False)
    except FileNotFoundError as error:
        raise ConfigError(f"there is no file at {url}; check the URL") from error
    except PermissionError as error:
        raise ConfigError(f"{url} may not be read: check the credentials in the environment") from error
    return to


def _cache_name(file: ListedFile) -> str:
    """Of this object in this state, wherever and by whomever it is fetched. With its ending: some readers ask."""
    suffix = PurePosixPath(file.path).suffix
    known = [file.origin, file.size, file.inode, 0 if file.tagged else file.mtime_ns]
    return fingerprint(known)[:32] + (suffix if _SUFFIX.fullmatch(suffix) else "")


def _bytes_of(file: ListedFile) -> int:
    beside = file.sidecar.size if file.sidecar is not None else 0
    return max(file.size, 0) + max(beside, 0)


def _size_of(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.iterdir()) if folder.is_dir() else 0

"""The artifact store: packs of compressed frames, and originals, on any fsspec URL.

A pack is written under a temporary name, flushed and renamed; its name is the digest of its
bytes, so writing the same pack twice is harmless and a half-written one is never read.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from io import BufferedReader
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import fsspec
import zstandard
from fsspec.implementations.local import LocalFileSystem

from ingest.pack_index import INDEX_TAIL, FrameEntry, PackIndex, decode_index, encode_index, index_size
from schemas.artifact import ArtifactRef
from schemas.errors import ConfigError, MissingExtra, StoreDown
from schemas.ids import digest

_LEVEL = 3
_BLOCK = 1024 * 1024
_NAME_LENGTH = len("/00/.pack") + 64
"""Of a pack behind its stage."""
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_RIGHTS = frozenset({errno.EACCES, errno.EROFS, errno.EPERM})


class DamagedArtifact(StoreDown):
    """A frame that is not what was written: it has to be made again."""

    code = "damaged_artifact"

    def __init__(self, ref: ArtifactRef) -> None:
        super().__init__(f"the artifact {ref.pack} is missing or damaged", key=ref.key)
        self.ref = ref


class _Changed(Exception):
    """The bytes are not, or no longer, those of the digest."""


class ArtifactStore:
    """Artifacts below `url` (a folder, or `s3://bucket/prefix` with the matching fsspec driver)."""

    def __init__(self, url: str) -> None:
        # fsspec ships no types: its file system objects are Any by nature.
        self._fs: Any
        self._fs, self._root = _file_system(url)
        self._local = isinstance(self._fs, LocalFileSystem)

    def write_pack(
        self, stage: str, frames: Sequence[tuple[str, bytes]], *, vector_keys: Sequence[str] = (), fingerprint: str = ""
    ) -> list[ArtifactRef]:
        """Writes `(input key, content)` frames as one pack. `vector_keys` and `fingerprint` are for its
        index, where it holds a matrix of vectors. Raises `StoreDown`."""
        compressor = zstandard.ZstdCompressor(level=_LEVEL)
        packed: list[bytes] = []
        entries: list[FrameEntry] = []
        offset = 0
        for key, content in frames:
            frame = compressor.compress(content)
            entries.append(FrameEntry(key=key, digest=digest(content), offset=offset, length=len(frame)))
            packed.append(frame)
            offset += len(frame)
        index = PackIndex(stage=stage, frames=tuple(entries), vector_keys=tuple(vector_keys), fingerprint=fingerprint)
        return self._write_pack(packed, index)

    def _write_pack(self, frames: Sequence[bytes], index: PackIndex) -> list[ArtifactRef]:
        body = b"".join([*frames, encode_index(index)])
        name = digest(body)
        pack = f"{index.stage}/{name[:2]}/{name}.pack"
        self._write(pack, body)
        return index.refs(pack)

    def stages(self) -> list[str]:
        """Those that have packs. Raises `StoreDown`."""
        with self._translated("list stages"):
            try:
                found = self._fs.ls(self._root, detail=False)
            except FileNotFoundError:
                return []
        names = {str(path).rstrip("/").rpartition("/")[2] for path in found}
        return sorted(names - {"original"})

    def packs(self, stage: str) -> list[str]:
        """The names of all packs of a stage, in order. Raises `StoreDown`."""
        with self._translated(f"list {stage}"):
            try:
                found = self._fs.find(self._path(stage))
            except FileNotFoundError:
                return []
        return sorted(str(path)[-(len(stage) + _NAME_LENGTH) :] for path in found if str(path).endswith(".pack"))

    def pack_sizes(self, stage: str) -> dict[str, int]:
        """Bytes of all packs of a stage, as they lie. Raises `StoreDown`."""
        with self._translated(f"list {stage}"):
            try:
                found = self._fs.find(self._path(stage), detail=True)
            except FileNotFoundError:
                return {}
        sizes = {str(path): int(details["size"]) for path, details in found.items() if str(path).endswith(".pack")}
        return {path[-(len(stage) + _NAME_LENGTH) :]: size for path, size in sizes.items()}

    def is_whole(self, pack: str) -> bool:
        """Whether it is there and its bytes are those that it is named by; read to its end. Raises `StoreDown`."""
        return self._digest_of(self._path(pack)) == pack.rpartition("/")[2].removesuffix(".pack")

    def is_original_whole(self, sha256: str) -> bool:
        """The same of an original. Raises `StoreDown`."""
        return self._digest_of(self._path(f"original/{sha256[:2]}/{sha256}")) == sha256

    def _digest_of(self, path: str) -> str | None:
        with self._translated(f"read {path}"):
            try:
                with self._fs.open(path, "rb") as file:
                    hasher = hashlib.sha256()
                    while block := file.read(_BLOCK):
                        hasher.update(block)
            except FileNotFoundError:
                return None
        return hasher.hexdigest()

    def read_index(self, pack: str) -> PackIndex | None:
        """What the pack says of itself; None where it is damaged, or was written before packs did.
        Raises `StoreDown`."""
        with self._translated(f"read {pack}"):
            try:
                tail: bytes = self._fs.tail(self._path(pack), INDEX_TAIL)
                size = index_size(tail)
                if size is not None and size > len(tail):
                    tail = self._fs.tail(self._path(pack), size)
            except FileNotFoundError:
                return None
        return decode_index(tail)

    def read(self, ref: ArtifactRef) -> bytes:
        """The content of a frame, verified. Raises `StoreDown`, or `DamagedArtifact` when it has to be made again."""
        frame = self._frame(ref)
        try:
            # Not in one call: that would believe a damaged header's size and ask for the memory.
            content = zstandard.ZstdDecompressor().decompressobj().decompress(frame)
        except zstandard.ZstdError as error:
            raise DamagedArtifact(ref) from error
        if digest(content) != ref.digest:
            raise DamagedArtifact(ref)
        return content

    def remove(self, ref: ArtifactRef) -> None:
        """The pack that it lies in, with all that lies there. Raises `StoreDown`."""
        with self._translated(f"remove {ref.pack}"), suppress(FileNotFoundError):
            self._fs.rm_file(self._path(ref.pack))

    def repack(self, refs: Sequence[ArtifactRef]) -> list[ArtifactRef]:
        """Frames of one pack, as they lie there, in a new one. Raises `StoreDown`, `DamagedArtifact`."""
        frames = [self._frame(ref) for ref in refs]
        starts = accumulate(map(len, frames), initial=0)
        entries = tuple(
            FrameEntry(key=ref.key, digest=ref.digest, offset=start, length=len(frame))
            for ref, frame, start in zip(refs, frames, starts, strict=False)
        )
        return self._write_pack(frames, PackIndex(stage=refs[0].stage, frames=entries))

    def is_older(self, pack: str, than: datetime) -> bool:
        """By the store's own clock; False where it is gone. Raises `StoreDown`."""
        with self._translated(f"look at {pack}"):
            try:
                modified: datetime = self._fs.modified(self._path(pack))
            except FileNotFoundError:
                return False
        return modified < than

    def remove_pack(self, pack: str) -> None:
        """Raises `StoreDown`."""
        with self._translated(f"remove {pack}"), suppress(FileNotFoundError):
            self._fs.rm_file(self._path(pack))

    def originals(self) -> list[str]:
        """Digests of all originals that are kept, in order. Raises `StoreDown`."""
        with self._translated("list originals"):
            try:
                found = self._fs.find(self._path("original"))
            except FileNotFoundError:
                return []
        return sorted(str(path).rpartition("/")[2] for path in found)

    @contextmanager
    def original(self, sha256: str) -> Iterator[Path | None]:
        """A file with those bytes, while it is needed; None where they are not kept. Raises `StoreDown`."""
        name = self._path(f"original/{sha256[:2]}/{sha256}")
        if self._local:
            path = Path(name)
            yield path if path.is_file() else None
            return
        with TemporaryDirectory() as folder:
            copy: Path | None = Path(folder) / sha256
            with self._translated(f"read {name}"):
                try:
                    self._fs.get_file(name, str(copy))
                except FileNotFoundError:
                    copy = None
            yield copy

    def remove_original(self, sha256: str) -> None:
        """Raises `StoreDown`."""
        name = f"original/{sha256[:2]}/{sha256}"
        with self._translated(f"remove {name}"), suppress(FileNotFoundError):
            self._fs.rm_file(self._path(name))

    def put_original(self, sha256: str, path: Path) -> bool:
        """Keeps a copy of a source file under its digest, once. False when the file cannot be opened
        any more, or does not hold those bytes: then nothing is kept. Raises `StoreDown`."""
        name = f"original/{sha256[:2]}/{sha256}"
        with self._translated(f"write {name}"):
            if self._fs.exists(self._path(name)):
                return True
            try:
                source = path.open("rb")
            except OSError:
                return False
            with source:
                try:
                    self._copy(source, name, sha256)
                except _Changed:
                    return False
        return True

    def _copy(self, source: BufferedReader, name: str, sha256: str) -> None:
        if self._local:
            with _replacing(Path(self._path(name))) as target:
                _copy_checked(source, target, sha256)
            return
        # An object cannot be taken back once it is there: it is read to its end first.
        if hashlib.file_digest(source, "sha256").hexdigest() != sha256:
            raise _Changed
        self._fs.put_file(os.fspath(source.name), self._path(name))

    def _write(self, name: str, body: bytes) -> None:
        with self._translated(f"write {name}"):
            if not self._local:
                self._fs.pipe_file(self._path(name), body)  # object stores put whole objects or none
                return
            with _replacing(Path(self._path(name))) as file:
                file.write(body)

    def _frame(self, ref: ArtifactRef) -> bytes:
        """As it is stored."""
        with self._translated(f"read {ref.pack}"):
            try:
                frame: bytes = self._fs.cat_file(self._path(ref.pack), start=ref.offset, end=ref.offset + ref.length)
            except FileNotFoundError as error:
                raise DamagedArtifact(ref) from error
        if len(frame) != ref.length:
            raise DamagedArtifact(ref)
        return frame

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextmanager
    def _translated(self, action: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in _NO_ROOM:
                what_to_do = "the disk is full: make room and run again, nothing that was finished is lost"
            elif error.errno in _NO_RIGHTS:
                what_to_do = "the folder is not writable for this user"
            else:
                what_to_do = str(error)
            raise StoreDown(f"cannot {action} below {self._root}: {what_to_do}", errno=error.errno) from error


def _file_system(url: str) -> tuple[Any, str]:
    """fsspec's file system and the path in it. A plain path is never read as a URL: `::` may be in its name."""
    if "://" not in url:
        return LocalFileSystem(), str(Path(url).expanduser().absolute())
    try:
        fs, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise MissingExtra(f"store.url = {url} needs a driver that is not installed: {error}") from error
    except ValueError as error:
        raise ConfigError(f"store.url = {url} is not a folder or a URL that fsspec knows: {error}") from error
    return fs, str(root).rstrip("/")


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    """A file that takes the target's place, on the disk, when all went well, and is gone otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _copy_checked(source: BinaryIO, target: BinaryIO, sha256: str) -> None:
    hasher = hashlib.sha256()
    while block := source.read(_BLOCK):
        hasher.update(block)
        target.write(block)
    if hasher.hexdigest() != sha256:
        raise _Changed

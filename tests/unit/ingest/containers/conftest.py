"""Files that hold others, made small and on the spot."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Found:
    """A file as discovery hands it over."""

    path: Path
    name: str
    media_type: str


MakeZip = Callable[[Mapping[str, bytes]], Found]
MakeTar = Callable[[Mapping[str, bytes], str], Found]
MakeFile = Callable[[str, str, bytes], Found]


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    def make(name: str, media_type: str, data: bytes) -> Found:
        path = tmp_path / name
        path.write_bytes(data)
        return Found(path, name, media_type)

    return make


@pytest.fixture
def make_zip(make_file: MakeFile) -> MakeZip:
    def make(members: Mapping[str, bytes]) -> Found:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return make_file("files.zip", "application/zip", made.getvalue())

    return make


@pytest.fixture
def make_tar(make_file: MakeFile) -> MakeTar:
    def make(members: Mapping[str, bytes], packing: str = "") -> Found:
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode=f"w:{packing}") as archive:
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size, info.mtime = len(data), 1_700_000_000
                archive.addfile(info, io.BytesIO(data))
        types = {
            "": "application/x-tar",
            "gz": "application/gzip",
            "bz2": "application/x-bzip2",
            "xz": "application/x-xz",
        }
        return make_file(f"files.tar.{packing}".strip("."), types[packing], made.getvalue())

    return make

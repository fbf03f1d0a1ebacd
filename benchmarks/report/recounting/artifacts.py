"""Artifacts, read frame by frame."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zstandard

from recounting.spans import Record

INDEXED = b"dsindex1"
"""The end of a pack that has an index."""


@dataclass(frozen=True, slots=True)
class Artifacts:
    catalog: sqlite3.Connection
    store: Path

    def of_key(self, stage: str, key: str) -> Record | None:
        """None where none of the frames that have it is there as it was written."""
        return self._read(stage, "key", key)

    def of_digest(self, stage: str, digest: str) -> Record | None:
        return self._read(stage, "digest", bytes.fromhex(digest))

    def _read(self, stage: str, column: str, value: str | bytes) -> Record | None:
        rows = self.catalog.execute(
            "SELECT hex(digest), name, start, length FROM artifacts JOIN packs USING (pack_no)"
            f" WHERE stage = ? AND {column} = ?",
            (stage, value),
        )
        for digest, pack, start, length in rows.fetchall():
            try:
                with (self.store / pack).open("rb") as file:
                    file.seek(start)
                    content = _unpacked(file.read(length))
            except (FileNotFoundError, zstandard.ZstdError):
                continue
            if hashlib.sha256(content).hexdigest() == digest.lower():
                record: Record = json.loads(content)
                return record
        return None


def vector_pack(path: Path) -> tuple[str, list[str], Any] | None:
    """Fingerprint, keys and matrix of a pack of vectors, by the index at its end."""
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return None
    length, magic = struct.unpack("<I8s", body[-12:])
    if magic != INDEXED:
        return None
    index = json.loads(_unpacked(body[-12 - length : -12]))
    (frame,) = index["frames"]
    content = _unpacked(body[frame["offset"] :][: frame["length"]])
    keys = list(index["vector_keys"])
    return index["fingerprint"], keys, np.frombuffer(content, dtype="<f4").reshape(len(keys), -1)


def _unpacked(frame: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(frame)

"""A power cut after `flush`: the engine's log is on the disk, of its other files any part may be."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from sparse_copies import copied

from ingest.sinks import edge
from ingest.sinks.edge import EdgeIndex
from ingest.vectors import CollectionSpec, IndexPoint, PayloadFilter, SparseWeights

SPEC = CollectionSpec(name="c", dimension=4, fingerprint="f")
EVERYTHING = PayloadFilter({"tenant": "t"}, history=True)
PAGE = 4096


def rows(start: int, count: int) -> list[IndexPoint]:
    weights = SparseWeights(np.array([1, 2], dtype=np.uint32), np.array([1, 1], dtype=np.float32))
    return [
        IndexPoint(
            str(UUID(int=number)),
            {"tenant": "t", "current": False, "to_seq": 2**53, "text": f"row {number} " * 40},
            np.array([1, number, 0, 0], dtype=np.float32),
            weights,
        )
        for number in range(start, start + count)
    ]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_after_a_power_cut_all_that_was_flushed_is_there(tmp_path: Path, share: float) -> None:
    """`share`: of the pages of the other files that had reached the disk."""
    directory, before, cut = tmp_path / "index", tmp_path / "before", tmp_path / "cut"
    index = EdgeIndex(directory)
    index.ensure(SPEC)
    index.insert(rows(0, 300))
    index.close()
    copied(directory, before)
    index.insert(rows(300, 300))
    index.make_current([row.id for row in rows(100, 300)])
    index.flush()
    copied(directory, cut)
    written = sorted(map(repr, index.scroll(EVERYTHING, with_vectors=True)))
    index.close()

    rng = random.Random(1)
    for file in (cut / "c" / "shard" / "segments").rglob("*"):
        if file.is_file():
            old = before / file.relative_to(cut)
            file.write_bytes(_mixed(old.read_bytes() if old.is_file() else b"", file.read_bytes(), share, rng))
    after = EdgeIndex(cut)
    after.ensure(SPEC)
    assert sorted(map(repr, after.scroll(EVERYTHING, with_vectors=True))) == written
    assert after.count(PayloadFilter({"tenant": "t"})) == 300
    after.close()


@pytest.mark.parametrize("seed", range(12))
def test_a_kill_while_the_engine_writes_its_files_undoes_no_change(tmp_path: Path, seed: int) -> None:
    """The engine writes what it finds rows by before the rows themselves, and last what tells how far
    it has come. Killed in between it does the changes again, over indexes that show them already."""
    directory, before, after, cut = (tmp_path / name for name in ("index", "before", "after", "cut"))
    index = EdgeIndex(directory)
    index.ensure(SPEC)
    index.insert(rows(0, 60))
    index.make_current([row.id for row in rows(0, 60)])
    index.close()
    index.insert(rows(60, 60))
    index.make_current([row.id for row in rows(60, 60)])
    index.retire([row.id for row in rows(20, 60)], 7)
    index.withdraw([row.id for row in rows(0, 120)])
    written = sorted(map(repr, index.scroll(EVERYTHING, with_vectors=True)))
    copied(directory, before)
    index.close()
    copied(directory, after)

    copied(before, cut)
    rng = random.Random(seed)
    for part in sorted((after / "c" / "shard" / "segments").glob("*/payload_*")):
        for component in sorted(part.iterdir()) if part.name == "payload_index" else [part]:
            if component.is_dir() and rng.random() < 0.5:
                shutil.copytree(component, cut / component.relative_to(after), dirs_exist_ok=True)
    again = EdgeIndex(cut)
    again.ensure(SPEC)
    assert sorted(map(repr, again.scroll(EVERYTHING, with_vectors=True))) == written
    assert again.count(PayloadFilter({"tenant": "t"})) == 60
    again.close()


def _mixed(old: bytes, new: bytes, share: float, rng: random.Random) -> bytes:
    old = old.ljust(len(new), b"\0")
    return b"".join((new if rng.random() < share else old)[start : start + PAGE] for start in range(0, len(new), PAGE))


def test_all_files_are_written_when_much_lies_in_the_log_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(edge, "sync_log", lambda directory, name: synced.append(name))
    monkeypatch.setattr(edge, "_MOST_REPLAYED", 100)
    index = EdgeIndex(tmp_path / "index")
    index.ensure(SPEC)
    for start in range(0, 200, 50):
        index.insert(rows(start, 50))
        index.flush()
    index.close()
    assert synced == ["c", "c"]

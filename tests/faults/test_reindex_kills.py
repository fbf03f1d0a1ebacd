"""A home that is moved to another embedding, killed anywhere, and moved again, ends as one that never was."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import reindex_kills
from strata_fakes import Engine, HashEmbedder, engine

from ingest.stages.reindex import reindex

SEED = int(os.environ.get("DOCSTRATA_SEED", "20261128"))
KILLS = 12


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder and its home, with duplicates and history."""
    place = tmp_path_factory.mktemp("reindex-kills")
    folder = place / "docs"
    folder.mkdir()
    for number in range(12):
        text = "\n\n".join(f"## Part {part}\n\nThe part {part} of {number // 2} is told here." for part in range(6))
        (folder / f"{number}.md").write_text(f"# Document {number // 2}\n\n{text}\n")
    with engine(place / "home") as strata:
        strata.run(folder)
        (folder / "3.md").unlink()
        (folder / "5.md").write_text("# Document 5\n\nIt is another one now.\n")
        strata.run(folder)
    return place


def started(home: Path) -> subprocess.Popen[str]:
    paths = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(
        [sys.executable, reindex_kills.__file__, str(home)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == reindex_kills.READY
    return process


def copied(place: Path, name: str) -> Path:
    subprocess.run(["cp", "-a", "--sparse=always", place / "home", place / name], check=True)
    return place / name


def state(strata: Engine) -> dict[str, object]:
    """All that a reader or a later run could tell apart, but vectors."""
    tables = {
        "points": "point_id, chunk_id, doc_no, payload_digest, vector_key, survivor, from_seq, to_seq",
        "collections": "name, fingerprint, settings, dimension, state",
        "beside": "point_id, payload_digest, vector_key, to_seq",
        "intents": "seq",
    }
    rows = strata.context.catalog.database.rows
    found: dict[str, object] = {
        table: sorted(rows(f"SELECT {columns} FROM {table}"), key=repr) for table, columns in tables.items()
    }
    return found | {"index": {row.id: dict(row.payload) for row in strata.rows(history=True)}}


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_kills_at_random_moments_leave_no_trace_after_one_more_attempt(place: Path) -> None:
    unharmed = copied(place, "unharmed")
    process = started(unharmed)
    began = time.monotonic()
    assert process.wait(timeout=300) == 0
    seconds = time.monotonic() - began
    with engine(unharmed, HashEmbedder(16)) as strata:
        expected = state(strata)
        vectors = {row.id: row.dense for row in strata.rows(history=True)}
    rng, killed = random.Random(SEED), 0
    for number in range(KILLS):
        home = copied(place, f"home{number}")
        process = started(home)
        try:
            process.wait(timeout=seconds * (number + rng.random()) / KILLS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
        with engine(home, HashEmbedder(16)) as strata:
            reindex(strata.context, strata.parts)
            found = state(strata)
            for part, wanted in expected.items():
                assert found[part] == wanted, f"{part} differs after kill {number}"
            for row in strata.rows(history=True):
                assert (row.dense is None) == (vectors[row.id] is None)
                if row.dense is not None:
                    np.testing.assert_allclose(row.dense, vectors[row.id], atol=1e-6)
            again = strata.run(place / "docs")
            assert (again.embedded, again.written, again.retired) == (0, 0, 0)
    assert killed > KILLS // 2

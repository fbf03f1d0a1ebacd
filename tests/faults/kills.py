"""Kills a real run at random moments and compares what one clean run makes of it.

Run as a script it takes a folder in (the process that is killed); imported, it holds the comparison.
With `light` the vectors are hashes: a process that loads the model works seven seconds before it begins.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import numpy as np

from ingest.api import settings_for
from ingest.config import Settings
from ingest.context import Context, open_context
from ingest.embed.base import Embedder
from ingest.stages.parts import Parts
from ingest.vectors import PayloadFilter

State = dict[str, object]

_EVERY_ROW = PayloadFilter(equals={}, history=True, all_tenants=True)

_OVERRIDES = {"run.batch_chunks": 12, "parse.workers": 1, "store.keep_originals": False}
_READY = "ready"

_TABLES = {
    "documents": "doc_no, doc_id, tenant, source, path, version, sha256, chunk_key, previous_doc_id, live, stale, top",
    "versions": "doc_no, version, seq, sha256, chunk_key, gone",
    "points": "point_id, chunk_id, doc_no, payload_digest, vector_key, survivor, from_seq, to_seq",
    "survivors": "survivor_no, chunk_id, tenant, doc_no, text_digest, point_id, seq, place",
    "bands": "band, survivor_no",
    "files": "tenant, source, path, size, sha256, status, top",
    "failures": "tenant, source, path, key",
    "commits": "seq",
    "intents": "seq",
}
"""What must be equal: all but times and the numbers of runs."""


def settings() -> Settings:
    return settings_for(overrides=_OVERRIDES)


def take_in(inbox: Path, home: Path, *, light: bool) -> None:
    """One run in this process; says when its imports are done, so that the kill hits the work."""
    if light:
        sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "property")]
        _embed_lightly()
    else:
        import_module("sentence_transformers")  # else the kill would hit the import, which is long

    from ingest.api import Docstrata

    with Docstrata(home, settings()) as strata:
        sys.stdout.write(_READY + "\n")
        sys.stdout.flush()
        strata.run([inbox])


def _embed_lightly() -> None:
    from strata_fakes import HashEmbedder

    from ingest.stages import parts

    class SlowEmbedder(HashEmbedder):
        """Leaves a kill the time to come while texts are embedded."""

        def embed(self, *arguments: object, **options: object) -> object:
            time.sleep(0.03)
            return super().embed(*arguments, **options)

    parts.SentenceTransformerEmbedder = lambda *_, **__: SlowEmbedder()


def clean_run(inbox: Path, home: Path, *, light: bool) -> float:
    """Seconds from ready to done."""
    process = _start(inbox, home, light)
    began = time.monotonic()
    if process.wait(timeout=300) != 0:
        raise AssertionError(f"a clean run ended with exit code {process.returncode}")
    return time.monotonic() - began


def killed_run(inbox: Path, home: Path, after: float, *, light: bool) -> bool:
    """Kills the run and all its workers `after` seconds. False when it was done before."""
    process = _start(inbox, home, light)
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def moments(count: int, span: float, seed: int) -> list[float]:
    """Random moments of a run that takes `span` seconds, one in each of `count` equal parts."""
    rng = random.Random(seed)
    return [span * (part + rng.random()) / count for part in range(count)]


def state(home: Path, using: Settings | None = None, embedder: Embedder | None = None) -> State:
    """Everything that a reader or a later run could tell apart, but vectors."""
    with _opened(home, using, embedder) as (context, parts):
        found: State = {
            table: sorted(context.catalog.database.rows(f"SELECT {columns} FROM {table}"), key=repr)
            for table, columns in _TABLES.items()
        }
        found["index"] = {point.id: dict(point.payload) for point in parts.index.scroll(_EVERY_ROW)}
        return found


def vectors(home: Path, using: Settings | None = None, embedder: Embedder | None = None) -> dict[str, np.ndarray]:
    with _opened(home, using, embedder) as (_, parts):
        points = parts.index.scroll(_EVERY_ROW, with_vectors=True)
        return {point.id: point.dense for point in points if point.dense is not None}


@contextmanager
def _opened(home: Path, using: Settings | None, embedder: Embedder | None) -> Iterator[tuple[Context, Parts]]:
    context = open_context(home, using or settings())
    parts = Parts(context, embedder)
    try:
        yield context, parts
    finally:
        parts.close()
        context.close()


def _start(inbox: Path, home: Path, light: bool) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, __file__, str(inbox), str(home), "light" if light else "real"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    if process.stdout is None or process.stdout.readline().strip() != _READY:
        raise AssertionError(f"the run did not start: exit code {process.wait()}")
    return process


if __name__ == "__main__":
    take_in(Path(sys.argv[1]), Path(sys.argv[2]), light=sys.argv[3] == "light")

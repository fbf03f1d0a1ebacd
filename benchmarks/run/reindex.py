"""What moving a home to another collection costs beside embedding, and how long runs have to wait for it.

    PYTHONPATH=. python -m benchmarks.run.reindex --points 100000

The raw vectors are in the cache, as only the share of neighbours is another one.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from itertools import islice
from pathlib import Path

from benchmarks.run.made_home import MadeEmbedder, MadeHome, arrivals
from ingest.config import load_settings
from ingest.context import open_context
from ingest.stages.parts import Parts
from ingest.stages.reindex import reindex

_CHUNKS = 20
"""Of a document."""
_READS = 512
_TOGETHER = 50
"""Documents in a commit."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=20_000)
    points = parser.parse_args().points
    place = Path(tempfile.mkdtemp(prefix="docstrata-reindex-"))
    try:
        _fill(place, points)
        _move(place)
    finally:
        shutil.rmtree(place)


def _fill(place: Path, points: int) -> None:
    began = time.perf_counter()
    with MadeHome(place) as home:
        documents = arrivals(0, points // _CHUNKS, chunks=_CHUNKS)
        while some := list(islice(documents, _TOGETHER)):
            home.publish(some)
    took = time.perf_counter() - began
    print(f"filled: {points:,} points in {took:,.1f} s, {points / took:,.0f}/s; catalog {_catalog(place):,.1f} MiB")


def _move(place: Path) -> None:
    settings = load_settings(environ={}, overrides={"dedup.enabled": False, "embed.neighbour_share": 0.2})
    context = open_context(place, settings)
    embedder = MadeEmbedder(settings.embed)
    embedder.limit = _READS  # words of made texts fall into more tokens than real ones
    parts = Parts(context, embedder=embedder)
    done = reindex(context, parts)
    parts.close()
    context.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"moved: {done.copied:,} points in {done.seconds:,.1f} s, {done.copied / done.seconds:,.0f}/s, {done.embedded}"
        f" embedded; runs had to wait {done.exclusive_seconds:,.2f} s; catalog {_catalog(place):,.1f} MiB; peak of this"
        f" process, filling included, {peak:,.0f} MiB"
    )


def _catalog(place: Path) -> float:
    return sum(file.stat().st_size for file in place.glob("catalog.db*")) / 2**20


if __name__ == "__main__":
    main()

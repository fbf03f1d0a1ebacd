"""What do HNSW settings and quantization cost in recall, and what do they give in time and memory?

    python benchmarks/index/recall.py VECTORS.npy [--points 50000] [--queries 200] [--only NAME ...]

VECTORS.npy holds rows of unit length, float32: embedded passages. The last QUERIES of them are
asked for, the others are stored in an embedded index, as a run stores them. For every setting: how
many of the exact ten nearest are among the ten found (recall@10), the time of a search (median and
95th percentile, one at a time, with the filter of every search: tenant and current), how long the
graphs took to build, and what the index takes on the disk.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from uuid import UUID

import numpy as np

from ingest.sinks.edge import EdgeIndex
from ingest.vectors import CollectionSpec, IndexPoint, PayloadFilter, Quantization, Vectors, VectorTuning

SETTINGS = {
    "as it comes (m 16, ef 100)": VectorTuning(),
    "m 8, ef 64": VectorTuning(hnsw_m=8, hnsw_ef_construct=64),
    "m 16, ef 100, search ef 32": VectorTuning(hnsw_ef=32),
    "m 16, ef 100, search ef 256": VectorTuning(hnsw_ef=256),
    "m 32, ef 200": VectorTuning(hnsw_m=32, hnsw_ef_construct=200),
    "int8, not ranked anew": VectorTuning(quantization=Quantization.INT8, rescore=False, oversampling=1.0),
    "int8, ranked anew from 2 times": VectorTuning(quantization=Quantization.INT8),
    "binary, not ranked anew": VectorTuning(quantization=Quantization.BINARY, rescore=False, oversampling=1.0),
    "binary, ranked anew from 2 times": VectorTuning(quantization=Quantization.BINARY),
    "binary, ranked anew from 5 times": VectorTuning(quantization=Quantization.BINARY, oversampling=5.0),
}
WHERE = PayloadFilter({"tenant": "t"})
BEST = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors", type=Path)
    parser.add_argument("--points", type=int, default=50_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--only", nargs="*", help="settings whose names begin so")
    arguments = parser.parse_args()
    vectors = np.load(arguments.vectors)[: arguments.points + arguments.queries]
    stored, queries = vectors[: -arguments.queries], vectors[-arguments.queries :]
    print(f"{len(stored):,} vectors of {stored.shape[1]} dimensions, {len(queries)} queries\n")
    print("| setting | recall@10 | median ms | p95 ms | build s | MiB on disk |\n|---|---|---|---|---|---|")
    for name, tuning in SETTINGS.items():
        if not arguments.only or any(name.startswith(wanted) for wanted in arguments.only):
            with tempfile.TemporaryDirectory() as folder:
                print(f"| {name} | {' | '.join(measured(Path(folder), tuning, stored, queries))} |", flush=True)


def measured(folder: Path, tuning: VectorTuning, stored: Vectors, queries: Vectors) -> list[str]:
    index = EdgeIndex(folder, tuning=tuning)
    index.ensure(CollectionSpec("recall", stored.shape[1], "recall"))
    payload = {"tenant": "t", "current": True, "from_seq": 1}
    with index.session():
        index.insert([IndexPoint(str(UUID(int=n)), payload, vector) for n, vector in enumerate(stored)])
        began = time.perf_counter()
        index.optimize()
        built = time.perf_counter() - began
        exact = [{hit.id for hit in index.search_dense(query, WHERE, BEST, exact=True)} for query in queries]
        found, took = 0, []
        for query, best in zip(queries, exact, strict=True):
            began = time.perf_counter()
            hits = index.search_dense(query, WHERE, BEST)
            took.append(1000 * (time.perf_counter() - began))
            found += len(best & {hit.id for hit in hits})
    index.close()
    size = sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())
    return [
        f"{found / (BEST * len(queries)):.3f}",
        f"{statistics.median(took):.2f}",
        f"{statistics.quantiles(took, n=20)[-1]:.2f}",
        f"{built:.0f}",
        f"{size / 2**20:.0f}",
    ]


if __name__ == "__main__":
    main()

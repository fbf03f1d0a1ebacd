"""How fast docstrata publishes into the embedded engine, beside bare `upsert_points` of the same points.

    python benchmarks/run/publish.py [--batches 12] [--chunks 500] [--rounds 3]

Publishing is all of it: the manifests, the intent, fetching and mixing vectors, inserting, reading
back and comparing, making current, syncing, closing the intent in the catalog. The bare loop turns
the same vectors, sparse weights and payloads into `Point`s and upserts them into a shard with the
same payload indexes, 256 at a time, with one flush at its end. Both take turns, in one process,
each into a place of its own. Encoding for BM25 is timed by itself: the bare loop is given the weights.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from made_home import MadeHome, arrivals
from qdrant_edge import UpdateOperation

from ingest.embed.neighbours import mix
from ingest.search.bm25 import Bm25Encoder
from ingest.sinks.edge_collection import create_collection, open_collection
from ingest.sinks.edge_values import edge_point
from ingest.stages.payloads import embed_text_of
from ingest.stages.plan import embed_texts
from ingest.stages.vectors import VectorCache
from ingest.vectors import IndexPoint, SparseWeights

_TOGETHER = 256
_CHUNKS = 20


class TimedEncoder:
    """The encoder, and the seconds that it took."""

    def __init__(self, encoder: Bm25Encoder) -> None:
        self._encoder = encoder
        self.fingerprint = encoder.fingerprint
        self.seconds = 0.0

    def encode_passages(self, texts: Sequence[str]) -> list[SparseWeights]:
        began = time.perf_counter()
        weights = self._encoder.encode_passages(texts)
        self.seconds += time.perf_counter() - began
        return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=12)
    parser.add_argument("--chunks", type=int, default=500, help="of a batch, as run.batch_chunks")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    ours, bare, encoding = [], [], []
    with tempfile.TemporaryDirectory() as scratch, MadeHome(Path(scratch) / "home") as home:
        encoder = TimedEncoder(home.parts.encoder)
        home.parts.encoder = encoder
        documents = arguments.chunks // _CHUNKS
        for number in range(arguments.rounds):
            encoder.seconds, seconds, points = 0.0, 0.0, []
            for batch in range(arguments.batches):
                arrived = list(arrivals((number * arguments.batches + batch) * documents, documents, chunks=_CHUNKS))
                home.store(arrived)
                plan = home.plan(arrived)
                home.publisher.embed(plan)
                began = time.perf_counter()
                home.publisher.publish(plan)
                seconds += time.perf_counter() - began
                points.append(_points(home, plan))
            count = sum(map(len, points))
            ours.append(count / (seconds - encoder.seconds))
            encoding.append(count / encoder.seconds)
            bare.append(_bare(home, Path(scratch) / f"bare{number}", points))
            print(
                f"round {number + 1}: {count} points, docstrata {ours[-1]:.0f} points/s, bare {bare[-1]:.0f} points/s,"
                f" ratio {ours[-1] / bare[-1]:.2f}; encoding {encoding[-1]:.0f} texts/s",
                flush=True,
            )
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    print(
        f"medians: docstrata {statistics.median(ours):.0f} points/s, bare {statistics.median(bare):.0f} points/s,"
        f" ratio {ratio:.2f}; encoding {statistics.median(encoding):.0f} texts/s"
    )


def _points(home: MadeHome, plan: object) -> list[IndexPoint]:
    raw = VectorCache(home.context).get(home.parts.embedder, embed_texts(plan))
    share = home.settings.embed.neighbour_share
    encoder = Bm25Encoder(home.settings.bm25)
    return [
        IndexPoint(
            point.point_id,
            point.payload.model_copy(update={"current": True}).model_dump(mode="json"),
            mix(raw[point.vector.own], [raw[key] for key in point.vector.neighbours], share),
            encoder.encode_passages([embed_text_of(point.payload)])[0],
        )
        for point in plan.points
    ]


def _bare(home: MadeHome, folder: Path, batches: Sequence[Sequence[IndexPoint]]) -> float:
    """Points a second."""
    spec, tuning = home.parts.collection, home.settings.index.tuning
    create_collection(folder, spec, tuning)
    shard = open_collection(folder, spec, tuning)
    points = [point for batch in batches for point in batch]
    began = time.perf_counter()
    for start in range(0, len(points), _TOGETHER):
        shard.update(UpdateOperation.upsert_points([edge_point(one) for one in points[start : start + _TOGETHER]]))
    shard.flush()
    seconds = time.perf_counter() - began
    shard.close()
    return len(points) / seconds


if __name__ == "__main__":
    main()

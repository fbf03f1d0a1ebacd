"""The same questions put to docstrata's own search, through a run and Qdrant Edge: what a user gets.

    python benchmarks/chunk/search.py CORPUS [--targets 96 112 128 144 160] [--rrf-k 5] [--dense-weight 0.7] [--set K=V]

Five hits a question, both rankings fused; each target is a home of its own. Several values of
`--rrf-k` and `--dense-weight` are tried on the same homes.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from statistics import mean

from questions import DATA, Questions, load

from chunkers.retrieval_quality import Passage, gains, hit, overlap, precision_omega, reciprocal_rank
from ingest.api import Docstrata, inspect
from ingest.config import literal, load_settings
from ingest.options.index import SearchOptions
from schemas.base import Span
from schemas.point import SearchMode

K = 5
Spans = dict[tuple[str, str, int], tuple[Span, ...]]
"""Of a chunk, by path, section and position."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--targets", type=int, nargs="*", default=[96, 112, 128, 144, 160])
    parser.add_argument("--rrf-k", type=float, nargs="*", default=[SearchOptions().rrf_k])
    parser.add_argument("--dense-weight", type=float, nargs="*", default=[SearchOptions().full_dense_weight])
    parser.add_argument("--mode", type=SearchMode, default=SearchMode.HYBRID)
    parser.add_argument("--set", dest="settings", nargs="*", default=[], help="section.key=value, as for docstrata")
    arguments = parser.parse_args()
    told = {key: literal(value, key) for key, value in (pair.split("=", 1) for pair in arguments.settings)}
    questions = load(arguments.corpus)
    print("| target | k | dense weight | chunks | recall | precision_omega | IoU | hit@5 | MRR |")
    print("|---|---|---|---|---|---|---|---|---|")
    for target in arguments.targets:
        settings = {**told, "chunk.target_tokens": target}
        with tempfile.TemporaryDirectory() as home:
            folder = arguments.corpus / DATA / "corpora"
            spans = _taken_in(folder, Path(home), settings)
            for k, weight in product(arguments.rrf_k, arguments.dense_weight):
                fusion = {**settings, "search.rrf_k": k, "search.dense_weight": weight}
                line = _searched(questions, Path(home), fusion, spans, arguments.mode)
                print(f"| {target} | {k:g} | {weight:g} | {line} |", flush=True)


def _taken_in(folder: Path, home: Path, settings: Mapping[str, object]) -> Spans:
    chosen = load_settings(environ={}, overrides=settings)
    with Docstrata(home, chosen) as strata:
        strata.run([folder])
    return {
        (path.name, chunk.section, chunk.position): chunk.spans
        for path in sorted(folder.glob("*.md"))
        for chunk in inspect(path, chosen).chunks.chunks
    }


def _searched(questions: Questions, home: Path, settings: Mapping[str, object], spans: Spans, mode: SearchMode) -> str:
    passages = [Passage(path.removesuffix(".md"), where) for (path, _, _), where in spans.items()]
    overlaps, relevant = [], []
    with Docstrata(home, load_settings(environ={}, overrides=settings)) as strata:
        for asked, answer in zip(questions.asked, questions.answers, strict=True):
            found = [one.payload for one in strata.search(asked, limit=K, mode=mode).hits]
            chosen = [
                Passage(one.path.removesuffix(".md"), spans[one.path, one.section, one.position]) for one in found
            ]
            overlaps.append(overlap(answer, chosen))
            relevant.append(gains(answer, chosen))
    omega = mean(precision_omega(answer, passages) for answer in questions.answers)
    return (
        f"{len(passages)} | {100 * mean(one.recall for one in overlaps):.1f} | {100 * omega:.1f} |"
        f" {100 * mean(one.iou for one in overlaps):.2f} | {mean(hit(one, K) for one in relevant):.3f} |"
        f" {mean(map(reciprocal_rank, relevant)):.3f}"
    )


if __name__ == "__main__":
    main()

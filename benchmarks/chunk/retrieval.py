"""Recall, precision_omega and IoU of chunks over Chroma's questions, docstrata and its peers.

    python benchmarks/chunk/retrieval.py CORPUS [--sizes 80 100 128 160 200 256] [--only hybrid Recursive] [--gate]

Exactly five stored chunks a question, by the dot product of all-MiniLM-L6-v2's vectors alone: no
trimming, expansion or reranking. Chunks of all corpora lie in one index. A peer's chunk has the
vector that the model makes of it, as published; docstrata's has the default one (the mean of its
sentences' vectors and a share of its neighbours'). `--gate` compares hybrid with Recursive in
leave-one-corpus-out. Vectors are kept in `--vectors`, so that a second run is quick.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import mean

import numpy as np
from cutters import OWN, PEERS, Cutter, tokens
from embedded import Embedded, Reading, with_neighbours
from questions import Questions, load

from chunkers.retrieval_quality import Passage, gains, hit, ndcg, overlap, precision_omega, reciprocal_rank
from ingest.options.embed import EmbedOptions
from ingest.vectors import Vectors

K = 5
RESAMPLES = 10_000
TARGETS = (56, 64, 72, 80, 96, 112, 128, 160, 192, 224, 240)
SHARES = (0.2, 0.3, 0.4)


@dataclass(frozen=True, slots=True)
class Figures:
    """One value a question."""

    chunks: int
    tokens: float
    recall: list[float]
    omega: list[float]
    iou: list[float]
    hit: list[float]
    mrr: list[float]
    ndcg: list[float]

    def line(self, name: str) -> str:
        shares = (self.recall, self.omega, self.iou, self.hit)
        told = " | ".join(f"{100 * mean(values):.1f}" for values in shares)
        return f"| {name} | {self.chunks} | {self.tokens:.0f} | {told} | {mean(self.mrr):.3f} | {mean(self.ndcg):.3f} |"


class Bench:
    def __init__(self, questions: Questions, vectors: Path) -> None:
        self._questions = questions
        self._embedded: dict[Reading, Embedded] = {"whole": Embedded(vectors, "whole")}
        self._embedded["sentences"] = Embedded(vectors, "sentences")
        self._asked = self._embedded["whole"].questions(questions.asked)
        self._cut: dict[tuple[str, int], tuple[list[Passage], list[str]]] = {}

    @property
    def corpora(self) -> list[str]:
        return [answer.corpus for answer in self._questions.answers]

    def figures(self, name: str, cutter: Cutter, size: int, reading: Reading, share: float) -> Figures:
        if (name, size) not in self._cut:
            cut = cutter(self._questions.documents, size)
            self._cut[name, size] = [passage for passage, _ in cut], [text for _, text in cut]
        passages, texts = self._cut[name, size]
        vectors = with_neighbours(self._embedded[reading].passages(texts), passages, share)
        return self._scored(passages, texts, vectors)

    def keep(self) -> None:
        for embedded in self._embedded.values():
            embedded.keep()

    def _scored(self, passages: Sequence[Passage], texts: Sequence[str], vectors: Vectors) -> Figures:
        answers = self._questions.answers
        ranked = np.argsort(-(self._asked @ vectors.T), axis=1, kind="stable")[:, :50]
        found = [[passages[at] for at in row[:K]] for row in ranked]
        overlaps = [overlap(answer, chosen) for answer, chosen in zip(answers, found, strict=True)]
        relevant = [gains(answer, (passages[at] for at in row)) for answer, row in zip(answers, ranked, strict=True)]
        return Figures(
            chunks=len(passages),
            tokens=mean(tokens(text) for text in texts),
            recall=[one.recall for one in overlaps],
            omega=[precision_omega(answer, passages) for answer in answers],
            iou=[one.iou for one in overlaps],
            hit=[float(hit(one, K)) for one in relevant],
            mrr=[reciprocal_rank(one) for one in relevant],
            ndcg=[ndcg(one, gains(answer, passages), K) for one, answer in zip(relevant, answers, strict=True)],
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=[80, 100, 128, 160, 200, 256])
    parser.add_argument("--only", nargs="*", default=[*OWN, *PEERS], help="names of cutters")
    parser.add_argument("--gate", action="store_true", help="hybrid against Recursive, leave-one-corpus-out")
    parser.add_argument("--parts", action="store_true", help="what boundaries, sentences and neighbours each bring")
    parser.add_argument("--vectors", type=Path, default=Path(".docstrata/bench"), help="a folder to keep vectors in")
    arguments = parser.parse_args()
    bench = Bench(load(arguments.corpus), arguments.vectors)
    if arguments.gate:
        gate(bench)
    elif arguments.parts:
        parts(bench, arguments.sizes)
    else:
        curves(bench, arguments.only, arguments.sizes)
    bench.keep()


COLUMNS = "chunks | tokens | recall | precision_omega | IoU | hit@5 | MRR | nDCG@5"


def _head(first: str, columns: str = COLUMNS) -> str:
    return f"| {first} | {columns} |\n|---{'|---' * len(columns.split('|'))}|"


def curves(bench: Bench, names: Sequence[str], sizes: Sequence[int]) -> None:
    print(_head("cut by"))
    share = EmbedOptions().neighbour_share
    for name, size in product(names, sizes):
        own = name in OWN
        cutter = OWN[name] if own else PEERS[name]
        figures = bench.figures(name, cutter, size, "sentences" if own else "whole", share if own else 0.0)
        print(figures.line(f"{name} {size}"), flush=True)


def parts(bench: Bench, sizes: Sequence[int]) -> None:
    """The same chunks with other vectors, and other chunks with the same."""
    print(_head("cut by, read as, neighbours"))
    readings: tuple[Reading, ...] = ("whole", "sentences")
    for name, reading, share, size in product(("Recursive", "hybrid"), readings, (0.0, 0.3), sizes):
        cutter = OWN.get(name) or PEERS[name]
        print(bench.figures(name, cutter, size, reading, share).line(f"{name} {size}, {reading}, {share}"), flush=True)


def gate(bench: Bench) -> None:
    """For each size of Recursive: size and share of hybrid are chosen on the other corpora, as what
    finds most there among what is no less precise there, and judged on the one left out."""
    candidates = [
        bench.figures("hybrid", OWN["hybrid"], size, "sentences", share) for size, share in product(TARGETS, SHARES)
    ]
    where = np.array(bench.corpora)
    columns = "recall | hybrid | difference | 95 % interval | precision_omega | hybrid's"
    print(_head("Recursive", columns))
    for size in (80, 100, 128, 160, 200, 256):
        theirs = bench.figures("Recursive", PEERS["Recursive"], size, "whole", 0.0)
        ours, omega = _left_out(where, theirs, candidates)
        differences = ours - np.array(theirs.recall)
        low, high = _interval(differences)
        print(
            f"| {size} | {100 * mean(theirs.recall):.1f} | {100 * ours.mean():.1f} | {100 * differences.mean():+.1f} |"
            f" {100 * low:+.1f} to {100 * high:+.1f} | {100 * mean(theirs.omega):.1f} | {100 * omega.mean():.1f} |",
            flush=True,
        )


def _left_out(where: np.ndarray, theirs: Figures, candidates: Sequence[Figures]) -> tuple[np.ndarray, np.ndarray]:
    recall, omega = np.zeros(len(where)), np.zeros(len(where))
    for corpus in sorted(set(where)):
        left, others = where == corpus, where != corpus
        needed = np.array(theirs.omega)[others].mean()
        precise = [one for one in candidates if np.array(one.omega)[others].mean() >= needed]
        best = max(precise or candidates, key=lambda one: np.array(one.recall)[others].mean())
        recall[left], omega[left] = np.array(best.recall)[left], np.array(best.omega)[left]
    return recall, omega


def _interval(differences: np.ndarray) -> tuple[float, float]:
    """Percentiles of the mean over questions drawn again and again, always the same."""
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(differences), (RESAMPLES, len(differences)))
    low, high = np.percentile(differences[drawn].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


if __name__ == "__main__":
    main()

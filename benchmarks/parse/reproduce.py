"""Do our NID, TEDS and MHS give the published scores for the published predictions?

    python benchmarks/parse/reproduce.py CORPUS/opendataloader_bench [--tolerance .005]

For every engine whose predictions lie there: per document and metric against its
`evaluation.json`, and the means. Exit status 1 when any lies outside the tolerance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from scores.document import published_scores
from scores.reading import read

METRICS = ("nid", "nid_s", "teds", "teds_s", "mhs", "mhs_s")
_EXACT = 1e-6
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Compared:
    document: str
    ours: float | None
    published: float | None

    @property
    def difference(self) -> float:
        """1 where only one of the two has a score."""
        if self.ours is None or self.published is None:
            return float(self.ours is not self.published)
        return abs(self.ours - self.published)


def compare(folder: Path, engine: str) -> dict[str, list[Compared]]:
    published = json.loads((folder / "prediction" / engine / "evaluation.json").read_text("utf-8"))
    compared: defaultdict[str, list[Compared]] = defaultdict(list)
    for document in published["documents"]:
        name = document["document_id"]
        truth = (folder / "ground-truth" / "markdown" / f"{name}.md").read_text("utf-8")
        prediction = (folder / "prediction" / engine / "markdown" / f"{name}.md").read_text("utf-8")
        ours = published_scores(read(truth), read(prediction))
        for metric in METRICS:
            compared[metric].append(Compared(name, ours[metric], document["scores"][metric]))
    return compared


def show(engine: str, compared: dict[str, list[Compared]], tolerance: float) -> int:
    """How many lie outside the tolerance."""
    outside = 0
    for metric, rows in compared.items():
        scored = [(row.ours, row.published) for row in rows if row.ours is not None and row.published is not None]
        means = [fmean(values) for values in zip(*scored, strict=True)]
        exact = sum(row.difference <= _EXACT for row in rows)
        within = sum(row.difference <= tolerance for row in rows)
        outside += len(rows) - within
        print(
            f"{engine:12} {metric:7} {len(scored):4} {exact:6} {within:7}   {means[0]:.4f} {means[1]:9.4f}"
            f"   {abs(means[0] - means[1]):.5f}"
        )
        worst = sorted((row for row in rows if row.difference > _EXACT), key=lambda row: -row.difference)
        for row in worst[:_SHOWN]:
            print(f"    {row.document} ours {_figure(row.ours)} published {_figure(row.published)}")
    return outside


def _figure(score: float | None) -> str:
    return "none" if score is None else f"{score:.5f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tolerance", type=float, default=0.005)
    arguments = parser.parse_args()
    engines = sorted(path.parent.name for path in arguments.folder.glob("prediction/*/evaluation.json"))
    if not engines:
        sys.exit(
            f"there is no prediction/*/evaluation.json below {arguments.folder}: name opendataloader_bench's folder"
        )
    print("engine       metric  docs  exact  within  our mean published   difference")
    outside = sum(show(engine, compare(arguments.folder, engine), arguments.tolerance) for engine in engines)
    print(f"outside the tolerance of {arguments.tolerance}: {outside}")
    sys.exit(1 if outside else 0)


if __name__ == "__main__":
    main()

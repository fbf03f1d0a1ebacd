"""Counts anew every number of a chunk-quality report, and says where the two differ.

    python benchmarks/report/recount.py HOME REPORT.json

The definitions are those of `schemas/quality.py` and its neighbours; nothing of the engine is used, so that a mistake
there is not made twice: the catalog is read with sqlite3 and the artifacts frame by frame. Only the sentences, their
cohesion, and the words that lean on what stands elsewhere are the chunker's, because the report is defined by them.
What is set and not counted (the limits) is taken from the report. Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from recounting.catalog import Leaf, count_catalog
from recounting.checks import check_checks
from recounting.documents import Tally, count_documents
from recounting.evaluation import MEASURES, check_evaluation, check_retrieval_gates
from recounting.gates import gate_values
from recounting.rows import Row

LISTED = 200
GIVEN = {"home", "tenant", "source", "made_at", "findings_total", "chunks.unknown_warning"}
GIVEN |= {"as_of", "coherence.method", "coherence.looked_at", "redundancy.looked_at"}
GIVEN |= {f"chunks.lengths.{name}" for name in ("target", "minimum", "maximum", "limit")}
RETRIEVAL = ("evaluation", *(f"gates.min_{name}." for name in MEASURES))
GIVEN_BELOW = (
    *RETRIEVAL,
    *("reasons.", "findings.", "trend.", "changes."),
    *("parsing", "duplication", "fit", "segmentation", "drift"),
)
"""Settings, words, what `check_findings` looks at, what was told before, and what is recounted apart."""
KEYED = {"sources": "name", "gates": "name"}
WORST_FIRST = ("bad", "look", "good")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path, metavar="HOME")
    parser.add_argument("report", type=Path, metavar="REPORT.json")
    arguments = parser.parse_args()
    if not (arguments.home / "catalog.db").is_file():
        parser.error(f"{arguments.home} is not a home: it has no catalog.db")
    try:
        report = json.loads(arguments.report.read_text("utf-8"))
    except (OSError, ValueError) as error:
        parser.error(f"{arguments.report} is not the JSON of a report: {error}")
    address = f"file:{quote(str(arguments.home.absolute() / 'catalog.db'))}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as catalog:
        rows = list(compare(report, catalog, arguments.home / "artifacts"))
    show(rows)
    differing = [row for row in rows if not row[3]]
    if differing:
        print(f"\n{len(differing)} of {len(rows)} differ:")
        show(differing)
        return 1
    print(f"\nall {len(rows)} agree")
    return 0


def compare(report: Mapping[str, Any], catalog: sqlite3.Connection, store: Path) -> Iterator[Row]:
    """Rows of name, report, recount, equal. A number that is not counted here is a difference too."""
    tally = Tally(report["chunks"]["lengths"], report["chunks"]["unknown_warning"])
    recount = count_catalog(catalog, report)
    recount |= count_documents(catalog, store, report["tenant"], report["source"], tally)
    recount |= gate_values(recount, report)
    recount["verdict"] = verdict(report)
    told = dict(leaves(report))
    for name in sorted(told.keys() | recount.keys()):
        is_limit = name.startswith("gates.") and name.endswith(".limit")
        if is_limit or name in GIVEN or name.startswith(GIVEN_BELOW):
            continue
        ours = recount.get(name, "(not counted)")
        theirs = told.get(name, "(not there)")
        yield name, theirs, ours, same(name, theirs, ours)
    yield from check_bins(report["chunks"]["lengths"], tally)
    yield from check_findings(report, tally)
    yield from check_checks(report, catalog, store)
    yield from check_evaluation(report, catalog)
    yield from check_retrieval_gates(report)


def leaves(value: object, name: str = "") -> Iterator[tuple[str, Leaf]]:
    """Every number and word with its dotted name; the bins of lengths are looked at apart."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "schema_version" and f"{name}.{key}" != "chunks.lengths.bins":
                yield from leaves(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            key = inner[KEYED[name]] if name in KEYED else place
            yield from leaves(inner, f"{name}.{key}")
    elif isinstance(value, str | int | float | bool | None):
        yield name, value


def same(name: str, report: Leaf, recount: Leaf) -> bool:
    """A report may tell its times in whole seconds."""
    if name.endswith("_at") and isinstance(report, str) and isinstance(recount, str):
        return abs((datetime.fromisoformat(report) - datetime.fromisoformat(recount)).total_seconds()) < 1
    if isinstance(report, float) and isinstance(recount, int | float):
        return math.isclose(report, recount, rel_tol=1e-9, abs_tol=1e-12)
    return type(report) is type(recount) and report == recount


def verdict(report: Mapping[str, Any]) -> str:
    """The gravest of the reasons. A gate that is not passed has to have one."""
    severities = [reason["severity"] for reason in report["reasons"]]
    if severities != sorted(severities, key=WORST_FIRST.index):
        return "(the reasons are not in order)"
    if not severities and not all(gate["passed"] for gate in report["gates"]):
        return "(a gate is not passed, and no reason says so)"
    return severities[0] if severities else "good"


def check_bins(lengths: Mapping[str, Any], tally: Tally) -> Iterator[Row]:
    """The bins adjoin, end at whole sixteenths of the budget, and hold every chunk."""
    bins, budget, largest = lengths["bins"], tally.budget, max(tally.lengths, default=0)
    if not bins and not tally.lengths:
        return
    wide = 16 + (largest > budget)
    yield "bins", len(bins), wide, len(bins) == wide
    first = None
    for place, each in enumerate(bins):
        exact = budget * (place + 1) / 16 if place < 16 else largest
        begins = each["first"] in {0, 1} if first is None else each["first"] == first
        yield f"bins.{place}.first", each["first"], first if first is not None else 1, begins
        yield f"bins.{place}.last", each["last"], exact, abs(each["last"] - exact) < 1
        held = sum(each["first"] <= length <= each["last"] for length in tally.lengths)
        yield f"bins.{place}.chunks", each["chunks"], held, held == each["chunks"]
        first = each["last"] + 1
    held = sum(each["chunks"] for each in bins)
    yield "bins, all", held, len(tally.lengths), held == len(tally.lengths)


def check_findings(report: Mapping[str, Any], tally: Tally) -> Iterator[Row]:
    """By what is wrong with which document. Where not all are listed, those that are have to be right."""
    findings, total = report["findings"], report["findings_total"]
    told = {(each["code"], each["source"], each["path"]): each["count"] for each in findings}
    yield "findings_total", total, len(tally.findings), total == len(tally.findings)
    yield "findings, listed once each", len(told), min(total, LISTED), len(told) == len(findings) == min(total, LISTED)
    for key in sorted(told.keys() | (tally.findings.keys() if total <= LISTED else set())):
        ours, theirs = tally.findings.get(key, 0), told.get(key, 0)
        yield f"finding {key[0]}: {key[1]} {key[2]}", theirs, ours, theirs == ours


def show(rows: list[Row]) -> None:
    wide = min(max(len(row[0]) for row in rows), 80)
    print(f"{'':{wide}}  {'report':>16}  {'recount':>16}")
    for name, report, recount, equal in rows:
        print(f"{name:{wide}}  {_shown(report):>16}  {_shown(recount):>16}  {'ok' if equal else 'DIFFERS'}")


def _shown(value: Leaf) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


if __name__ == "__main__":
    sys.exit(main())

"""Duplicates among chunks, lines in margins, and word diffs."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from recounting.catalog import OPEN
from recounting.reading import Reading
from recounting.rows import Row, row
from recounting.spans import Record


class Duplication:
    def __init__(self) -> None:
        self._margins: Counter[str] = Counter()

    def add(self, reading: Reading) -> None:
        self._margins.update(set(reading.chunk_set.get("furniture") or ()))

    def rows(self, report: Mapping[str, Any], catalog: sqlite3.Connection) -> Iterator[Row]:
        told = report["duplication"]
        kinds, clusters = _clusters(report, catalog)
        for name in ("chunks", "exact", "near", "apart", "unexplained"):
            yield row(f"duplication.{name}", told[name], kinds[name])
        yield row("duplication.clusters_total", told["clusters_total"], len(clusters))
        if report["source"] is None:
            many = sum(len(documents) >= told["boilerplate_documents"] for documents in clusters.values())
            yield row("duplication.boilerplate_clusters", told["boilerplate_clusters"], many)
        yield row("duplication.margin_lines_total", told["margin_lines_total"], len(self._margins))
        for one in told["margin_lines"]:
            yield row(f"margin line {one['text'][:40]}", one["documents"], self._margins[one["text"]])
        yield _diff_row(told)


def _clusters(report: Mapping[str, Any], catalog: sqlite3.Connection) -> tuple[Counter[str], dict[bytes, set[str]]]:
    """How many chunks of each kind, and which documents have one that is left out, by what stands for it."""
    kinds: Counter[str] = Counter()
    clusters: defaultdict[bytes, set[str]] = defaultdict(set)
    rows = catalog.execute(
        "SELECT p.survivor, k.kind, d.doc_id"
        " FROM points p JOIN documents d USING (doc_no) LEFT JOIN duplicates k USING (point_id)"
        " WHERE p.to_seq = ? AND d.tenant = ? AND ? IN ('', d.source)",
        (OPEN, report["tenant"], report["source"] or ""),
    )
    for survivor, kind, doc_id in rows:
        kinds["chunks"] += 1
        if survivor is not None:
            kinds[kind or "unexplained"] += 1
            clusters[survivor].add(doc_id)
        elif kind == "apart":
            kinds["apart"] += 1
    return kinds, clusters


def _diff_row(told: Record) -> Row:
    """A diff is right when its pieces give both passages again, white space aside."""
    pairs = [(cluster["kept"], copy["passage"], copy) for cluster in told["clusters"] for copy in cluster["left_out"]]
    pairs += [(one["other"], one["passage"], one) for one in told["kept_apart"] if one["other"] is not None]
    right = sum(_is_right(kept["text"], other["text"], holder["diff"]) for kept, other, holder in pairs)
    return row("word diffs that give both passages", len(pairs), right)


def _is_right(kept: str, other: str, pieces: list[dict[str, str]]) -> bool:
    if not pieces:
        gone = not (kept and other)  # the artifact of one of them
        return gone or kept == other
    own = "".join(piece["text"] for piece in pieces if piece["side"] != "left_out")
    others = "".join(piece["text"] for piece in pieces if piece["side"] != "kept")
    return _ink(own) == _ink(kept) and _ink(others) == _ink(other)


def _ink(text: str) -> str:
    return "".join(text.split())

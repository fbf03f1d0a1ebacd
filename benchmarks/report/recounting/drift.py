"""How far the documents of the last run are from those before."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from scipy.spatial.distance import jensenshannon

from recounting.catalog import OPEN
from recounting.reading import Reading, twentieth
from recounting.rows import Row, near, row
from recounting.spans import Record

BUDGET_PARTS = 16


@dataclass(frozen=True, slots=True)
class _Document:
    doc_id: str
    run: int | None
    chunks: int
    tokens: int
    unknown: int
    spreads: Mapping[str, Counter[Any]]
    """By the names of the report's lines."""


class Drift:
    def __init__(self, lengths: Mapping[str, Any]) -> None:
        limit = lengths["limit"]
        self._budget = lengths["maximum"] if limit is None else min(lengths["maximum"], limit)
        self._documents: list[_Document] = []

    def add(self, reading: Reading) -> None:
        chunks, shares = reading.chunk_set["chunks"], reading.chunk_set["unknown_shares"]
        lengths = [chunk["token_count"] for chunk in chunks]
        bins: Counter[int] = Counter()
        for thousandths, pages in reading.confidences.items():
            bins[twentieth(thousandths)] += pages
        self._documents.append(
            _Document(
                doc_id=reading.live.doc_id,
                run=reading.run,
                chunks=len(chunks),
                tokens=sum(lengths),
                unknown=sum(round(share * length) for share, length in zip(shares, lengths, strict=True)),
                spreads={
                    "formats": Counter([reading.media_type]),
                    "languages": Counter(chunk["language"] or "" for chunk in chunks),
                    "token_lengths": Counter(self._part(length) for length in lengths),
                    "ocr_confidence": bins,
                },
            )
        )

    def _part(self, tokens: int) -> int:
        return min(BUDGET_PARTS * tokens // (self._budget + 1), BUDGET_PARTS)

    def rows(self, told: Record, catalog: sqlite3.Connection) -> Iterator[Row]:
        (number,) = catalog.execute("SELECT number FROM runs WHERE run_id = ?", (told["run_id"],)).fetchone()
        new = [one for one in self._documents if one.run == number]
        before = [one for one in self._documents if one.run != number]
        yield row("drift.new_documents", told["new_documents"], len(new))
        yield row("drift.before_documents", told["before_documents"], len(before))
        duplicates = _duplicates(catalog)
        for line in told["lines"]:
            measure, name = line["name"], f"drift.{line['name']}.distance"
            if measure == "unknown_tokens":
                shares = [sum(one.unknown for one in side) / sum(one.tokens for one in side) for side in (before, new)]
                yield near(name, line["distance"], abs(shares[0] - shares[1]))
            elif measure == "duplicates":
                shares = [_duplicate_share(side, duplicates) for side in (before, new)]
                yield near(name, line["distance"], abs(shares[0] - shares[1]))
            else:
                sums = [sum((one.spreads[measure] for one in side), Counter()) for side in (before, new)]
                both = all(side.total() for side in sums)
                yield near(name, line["distance"], _distance(*sums)) if both else row(name, line["distance"], None)


def _duplicates(catalog: sqlite3.Connection) -> dict[str, int]:
    rows = catalog.execute(
        "SELECT d.doc_id, count(*) FROM points p JOIN documents d USING (doc_no)"
        " WHERE p.to_seq = ? AND p.survivor IS NOT NULL GROUP BY d.doc_id",
        (OPEN,),
    )
    return {str(UUID(bytes=doc_id)): count for doc_id, count in rows}


def _duplicate_share(side: Sequence[_Document], duplicates: Mapping[str, int]) -> float:
    left_out = sum(min(duplicates.get(one.doc_id, 0), one.chunks) for one in side)
    return left_out / sum(one.chunks for one in side)


def _distance(before: Counter[Any], new: Counter[Any]) -> float:
    groups = sorted(before.keys() | new.keys(), key=str)
    shares = [[side[group] / side.total() for group in groups] for side in (before, new)]
    return float(jensenshannon(*shares, base=2))

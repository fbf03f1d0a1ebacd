"""Counts anew what a report checked: the definitions are those of `schemas.{parsing,duplication,fit,drift}`.

The catalog is read with sqlite3, artifacts frame by frame, packs of vectors by their own index, and distances are
scipy's. The engine's are only the terms that BM25 counts and the plain readings of originals, because the report is
defined by them; which documents are held against their originals, and what is made of the findings, is not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from recounting.artifacts import Artifacts
from recounting.catalog import OPEN, Live, live_documents
from recounting.drift import Drift
from recounting.duplication import Duplication
from recounting.fit import Fit
from recounting.ids import chunk_id
from recounting.paragraphs import Paragraphs
from recounting.parsing import Parsing
from recounting.reading import Reading
from recounting.rows import Row
from recounting.segmentation import Segmentation, han_rows
from recounting.spans import Record
from recounting.vectors import vector_rows

SAMPLED = 1000
"""Chunks of which tokens and Han words are counted again."""


def check_checks(report: Mapping[str, Any], catalog: sqlite3.Connection, store: Path) -> Iterator[Row]:
    """Rows of name, report, recount, equal."""
    if report["parsing"] is None:
        return
    artifacts = Artifacts(catalog, store)
    recount = _Recount(report, artifacts)
    for live in live_documents(catalog, report["tenant"]):
        reading = _read(artifacts, live) if report["source"] in {None, live.source} else None
        if reading is not None:
            recount.add(reading)
    yield from recount.rows()


def _read(artifacts: Artifacts, live: Live) -> Reading | None:
    chunk_set = artifacts.of_key("chunk", live.chunk_key)
    if chunk_set is None:
        return None
    manifest = artifacts.of_key("version", f"{live.doc_id}/{live.version}") or {}
    return Reading(
        live=live,
        media_type=(manifest.get("file") or {}).get("media_type", ""),
        run=manifest.get("run_number"),
        chunk_set=chunk_set,
        parse=artifacts.of_digest("parse", chunk_set["document"]) if chunk_set["document"] else None,
    )


class _Recount:
    def __init__(self, report: Mapping[str, Any], artifacts: Artifacts) -> None:
        self._report = report
        self._artifacts = artifacts
        self._sample = _Sample(_sampled_ids(report, artifacts.catalog))
        self._parsing = Parsing()
        self._paragraphs = Paragraphs(artifacts)
        self._duplication = Duplication()
        self._fit = Fit()
        self._segmentation = Segmentation()
        self._drift = Drift(report["chunks"]["lengths"])

    def add(self, reading: Reading) -> None:
        self._sample.add(reading)
        self._parsing.add(reading)
        self._paragraphs.add(reading)
        self._duplication.add(reading)
        self._fit.add(reading)
        self._segmentation.add(reading)
        self._drift.add(reading)

    def rows(self) -> Iterator[Row]:
        report, catalog, sampled = self._report, self._artifacts.catalog, self._sample.chunks
        yield from self._parsing.rows(report["parsing"])
        yield from self._paragraphs.rows(report["parsing"]["paragraphs"])
        yield from self._duplication.rows(report, catalog)
        yield from self._fit.rows(report["fit"], len(sampled))
        if report["fit"]["vectors"] is not None:
            yield from vector_rows(report["fit"]["vectors"], self._artifacts)
        yield from self._segmentation.rows(report["segmentation"]["borders"])
        yield from han_rows(report["segmentation"]["han"], sampled)
        if report["drift"] is not None:
            yield from self._drift.rows(report["drift"], catalog)


@dataclass(slots=True)
class _Sample:
    ids: set[str]
    chunks: list[Record] = field(default_factory=list)

    def add(self, reading: Reading) -> None:
        chunks = reading.chunk_set["chunks"]
        self.chunks += [chunk for chunk in chunks if chunk_id(reading.live.doc_id, chunk) in self.ids]


def _sampled_ids(report: Mapping[str, Any], catalog: sqlite3.Connection) -> set[str]:
    rows = catalog.execute(
        "SELECT p.chunk_id FROM points p JOIN documents d USING (doc_no) WHERE p.to_seq = ? AND d.live = 1"
        " AND d.tenant = ? AND ? IN ('', d.source) ORDER BY p.chunk_id LIMIT ?",
        (OPEN, report["tenant"], report["source"] or "", SAMPLED),
    )
    return {str(UUID(bytes=row[0])) for row in rows}

"""What a catalog and an index hold in the end, by content: without the numbers of commits, which tell how work was
shared out. For either database and either engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.api import Docstrata
from ingest.config import load_settings
from ingest.vectors import PayloadFilter
from schemas.point import OPEN

Rows = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class EndState:
    """`documents` and `versions`: every row, so that one that is there twice shows. `points`: what the catalog says is
    current; `searchable`: what the index does, with its text."""

    documents: Rows
    versions: Rows
    points: Rows
    searchable: Rows


def end_state(home: Path, config: Path | None = None, overrides: Mapping[str, object] | None = None) -> EndState:
    with Docstrata(home, load_settings(config, {}, overrides)) as strata:
        catalog = strata._context.catalog.database
        current = PayloadFilter({"tenant": "default"}, history=False)
        found = [point.payload for point in strata._parts.index.scroll(current)]
        return EndState(
            documents=catalog.rows(
                "SELECT source, path, doc_id, version, sha256, chunk_key, live, stale FROM documents"
                " ORDER BY source, path"
            ),
            versions=catalog.rows(
                "SELECT d.path, v.version, v.sha256, v.chunk_key, v.gone FROM versions v"
                " JOIN documents d ON d.doc_no = v.doc_no ORDER BY d.path, v.version"
            ),
            points=catalog.rows(
                "SELECT d.path, p.chunk_id, p.payload_digest, p.vector_key, p.survivor FROM points p"
                " JOIN documents d ON d.doc_no = p.doc_no WHERE p.to_seq = ? ORDER BY d.path, p.chunk_id",
                (OPEN,),
            ),
            searchable=sorted((row["path"], row["chunk_id"], row["text"]) for row in found),
        )

"""What a new collection must show before it is searched: counts, passages that find themselves, and
questions whose answers are known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.catalog.beside import PointCounts
from ingest.context import Context
from ingest.search.request import is_empty_question
from ingest.search.searcher import Searcher, SearchRequest
from ingest.sinks.base import VectorIndex
from ingest.vectors import IndexPoint, PayloadFilter
from schemas.errors import ConfigError

AMONG = 5
"""A document is found when one of its passages is among so many."""

_TIES = 64
_ROUNDING = 1e-4
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Canary:
    """A question, and the path of a document that answers it."""

    question: str
    path: str


def read_canaries(file: Path) -> tuple[Canary, ...]:
    """A line a question: `{"question": "…", "path": "manuals/pump.pdf"}`. Raises `ConfigError`."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the questions in {file} cannot be read: {error}") from error
    return tuple(_canary(file, number, line) for number, line in enumerate(lines, 1) if line.strip())


def _canary(file: Path, number: int, line: str) -> Canary:
    try:
        found = json.loads(line)
        canary = Canary(str(found["question"]), str(found["path"]))
    except (ValueError, KeyError, TypeError):
        raise ConfigError(
            f'line {number} of {file} is not of the form {{"question": "…", "path": "…"}}', line=number
        ) from None
    if is_empty_question(canary.question):
        raise ConfigError(f"line {number} of {file}: the question is empty", line=number)
    return canary


def unanswered(searcher: Searcher, tenant: str, canaries: Sequence[Canary]) -> list[Canary]:
    """Those whose document is not among the first hits."""
    return [
        canary
        for canary in canaries
        if canary.path
        not in {
            hit.payload.path
            for hit in searcher.search(SearchRequest(query=canary.question, tenant=tenant, limit=AMONG)).hits
        }
    ]


def require_answers(searcher: Searcher, context: Context, canaries: Sequence[Canary]) -> None:
    """Raises `ConfigError`: whoever asks these questions would be served worse than before."""
    missed = unanswered(searcher, context.settings.tenant, canaries)
    if missed:
        some = "; ".join(f"'{canary.question}' ({canary.path})" for canary in missed[:_SHOWN])
        raise ConfigError(
            f"{len(missed)} of {len(canaries)} questions do not find their document among the first {AMONG} passages:"
            f" {some}. Nothing was switched; without --canary the collection is taken as it is, and 'docstrata reindex"
            " --give-up' removes it",
            missed=len(missed),
        )


def miscounted(index: VectorIndex, expected: dict[str, PointCounts]) -> str:
    """What differs from the catalog, as a sentence; empty where nothing does."""
    for tenant, counts in expected.items():
        of_tenant = {"tenant": tenant}
        found = PointCounts(
            current=index.count(PayloadFilter(of_tenant)),
            duplicates=index.count(PayloadFilter(of_tenant, duplicates=True)),
            all=index.count(PayloadFilter(of_tenant, history=True)),
        )
        if found != counts:
            return (
                f"of the tenant '{tenant}' the catalog knows {counts.current:,} current points"
                f" ({counts.duplicates:,} duplicates) and {counts.all:,} in all, the collection holds"
                f" {found.current:,} ({found.duplicates:,}) and {found.all:,}"
            )
    return ""


def lost(index: VectorIndex, points: Sequence[IndexPoint]) -> list[str]:
    """Ids of points that do not find themselves first by their own vector, or not at all by their words."""
    return [point.id for point in points if not (_by_vector(index, point) and _by_words(index, point))]


def _by_vector(index: VectorIndex, point: IndexPoint) -> bool:
    """Others that say the very same may stand beside it."""
    if point.dense is None:
        return True
    where = PayloadFilter({"tenant": str(point.payload["tenant"])})
    hits = index.search_dense(point.dense, where, _TIES, exact=True)
    best = hits[0].score if hits else 0.0
    return any(hit.id == point.id and hit.score >= max(best, 1.0) - _ROUNDING for hit in hits)


def _by_words(index: VectorIndex, point: IndexPoint) -> bool:
    if point.sparse is None or not point.sparse.indices.size:
        return True
    where = PayloadFilter({"tenant": str(point.payload["tenant"]), "chunk_id": str(point.payload["chunk_id"])})
    return any(hit.id == point.id for hit in index.search_sparse(point.sparse, where, 1))

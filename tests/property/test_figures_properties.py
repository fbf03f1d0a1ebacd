"""Figures are sums: neither the order of documents nor how they are grouped means anything."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from quality_documents import chunks, document

from chunkers.cohesion import LexicalCohesion
from chunkers.options import ChunkOptions
from ingest.catalog.rows import DocumentRow
from ingest.reports.document_figures import DocumentFigures, Limits, figures_of
from ingest.reports.lengths import Budget
from ingest.reports.picks import Picks
from ingest.reports.totals import Totals
from schemas.chunk import ChunkSet
from schemas.figures import SAMPLED, WORST

LIMITS = Limits(budget=40, minimum=24, target=30, unknown_warning=0.3)
WORDS = ("the pump", "It runs.", "Because of oil", "a valve:", "two bar.", "阀门关闭。", "and so on")


@st.composite
def documents(draw: st.DrawFn) -> tuple[DocumentRow, DocumentFigures | None]:
    number = draw(st.integers(0, 10**6))
    texts = draw(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), max_size=5))
    row = DocumentRow(
        doc_id=f"d{number}", source=draw(st.sampled_from("ab")), path=f"{number}.md", version=1, sha256="",
        chunk_key="", live=True, stale=draw(st.booleans()),
    )  # fmt: skip
    if not texts:
        return row, None
    kinds = [draw(st.sampled_from(["paragraph", "heading", "table", "list_item"])) for _ in texts]
    made = document(*zip(kinds, texts, strict=True))
    found = chunks(made, *texts)
    shares = tuple(draw(st.floats(0, 1)) for _ in found)
    judged = draw(st.booleans())
    chunk_set = ChunkSet(document="", chunks=tuple(found), unknown_shares=shares)
    media_type = draw(st.sampled_from(["text/markdown", "text/plain"]))
    return row, figures_of(chunk_set, made if judged else None, LIMITS, LexicalCohesion(), media_type)


def told(found: list[tuple[DocumentRow, DocumentFigures | None]]) -> dict[str, object]:
    totals = Totals(Budget(ChunkOptions(), 40), LIMITS.unknown_warning, "lexical", Picks(frozenset()))
    for row, figures in found:
        totals.add(row, figures)
    return {
        "records": [
            totals.pages(), totals.chunks(), totals.tables(), totals.integrity(), totals.joints(), totals.headings(),
            totals.standing(), totals.coherence(), totals.redundancy(), totals.completeness(), totals.distributions(),
            totals.groups.told(totals.budget), totals.by_fault(), totals.gravest(),
        ],
        "worst": totals.picks.worst(),
        "sample": totals.picks.sample(),
        "faulty": totals.faulty,
    }  # fmt: skip


MANY = st.lists(documents(), max_size=8, unique_by=lambda each: each[0].doc_id)


@settings(max_examples=40, deadline=None)
@given(MANY, st.integers())
def test_the_order_of_documents_means_nothing(
    found: list[tuple[DocumentRow, DocumentFigures | None]], seed: int
) -> None:
    shuffled = random.Random(seed).sample(found, len(found))
    assert told(shuffled) == told(found)


@settings(max_examples=40, deadline=None)
@given(MANY)
def test_groups_add_up_to_the_whole_and_distributions_hold_every_value(
    found: list[tuple[DocumentRow, DocumentFigures | None]],
) -> None:
    totals = Totals(Budget(ChunkOptions(), 40), LIMITS.unknown_warning, "lexical", Picks(frozenset()))
    for row, figures in found:
        totals.add(row, figures)
    groups = totals.groups.told(totals.budget)
    for by in {group.by for group in groups}:
        own = [group for group in groups if group.by is by]
        assert sum(group.chunks for group in own) == totals.chunks().total
        assert sum(group.faulty for group in own) == totals.faulty
        assert sum(group.right for group in own) == totals.headings().right
        assert sum(group.inside_sentence for group in own) == totals.joints().inside_sentence
    for each in totals.distributions():
        assert sum(part.count for part in each.bins) == each.count
    assert len(totals.picks.worst()) == min(totals.faulty, WORST)
    assert len(totals.picks.sample()) == min(totals.chunks().total, SAMPLED)


@settings(max_examples=40, deadline=None)
@given(documents())
def test_figures_that_were_kept_are_those_that_were_counted(found: tuple[DocumentRow, DocumentFigures | None]) -> None:
    _, figures = found
    if figures is not None:
        assert DocumentFigures.model_validate_json(figures.model_dump_json()) == figures

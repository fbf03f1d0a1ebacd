"""What a report says of change: the documents of the last run against those that were there before."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import Record

FEWEST_DOCUMENTS = 20
"""On each side, with which a distance is judged at all."""
MOST_DOCUMENTS = 10_000
"""On each side that are looked at: those with the least `doc_id`, which is a digest."""
SHUFFLES = 1_000
CHANCE = 0.999
"""Part of the shuffles whose distance a real one has to exceed."""


class Distance(StrEnum):
    """`jensen_shannon`: the Jensen-Shannon distance of two distributions: the root of the divergence to base
    2, from 0 (equal) to 1 (nothing in common). `difference`: of two shares, without its sign."""

    JENSEN_SHANNON = "jensen_shannon"
    DIFFERENCE = "difference"


class DriftGroup(Record):
    """One value of a distribution: its share before and in the last run."""

    name: str
    before: float
    new: float


class DriftLine(Record):
    """One measure. `before_documents`, `new_documents`: those with anything to count. `before`, `new`: the share
    (difference), or the mean of the measure where it has one (jensen_shannon; None where it has none).

    `chance`: documents are dealt to the two sides by lot, as many to each, `SHUFFLES` times; this is the distance
    that `CHANCE` of these do not exceed. Whole documents are dealt, because chunks of one document are alike.
    `beyond`: the distance is larger, and there are `FEWEST_DOCUMENTS` on each side. With fewer, `chance` is None.

    `groups`: by name; token_lengths and ocr_confidence name their bins by number, from 00.

    unknown_tokens: share of the chunks' tokens that are unknown to the embedder. languages: chunks by language.
    token_lengths: chunks by sixteenths of the budget, 16 for what is above it. duplicates: share of chunks that are
    left out as near or exact duplicates, by the rows of the index. ocr_confidence: pages that OCR read by twentieths.
    formats: documents by media type.
    """

    name: str
    distance_by: Distance
    before_documents: int
    new_documents: int
    before: float | None
    new: float | None
    groups: tuple[DriftGroup, ...]
    distance: float | None
    chance: float | None
    beyond: bool


class Drift(Record):
    """`run_id`: the last run that took documents in; `new_documents`: live documents whose current version it
    published; `before_documents`: the other live ones. Nothing is measured where one of the two is empty."""

    run_id: str
    new_documents: int
    before_documents: int
    lines: tuple[DriftLine, ...]

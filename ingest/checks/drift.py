"""The documents of the last run against those before them: `schemas.drift`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.checks.facts import DocumentFacts
from schemas.drift import (
    CHANCE,
    FEWEST_DOCUMENTS,
    MOST_DOCUMENTS,
    SHUFFLES,
    Distance,
    Drift,
    DriftGroup,
    DriftLine,
)

Counts = NDArray[np.float64]
"""A row for each document, a column for each group."""

_SEED = 20_240_229
_AT_ONCE = 50
"""Shuffles that are held in memory together."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A document, and whether the last run took it in. `duplicates`: rows of it that are left out."""

    doc_id: str
    new: bool
    media_type: str
    duplicates: int
    facts: DocumentFacts


@dataclass(frozen=True, slots=True)
class _Table:
    """`groups` name the columns; of a share there are two, what it is of and the rest, and they have no names."""

    counts: Counts
    groups: Sequence[str]


def drift(run_id: str, documents: Sequence[Arrived]) -> Drift:
    new, before = ([one for one in documents if one.new is side] for side in (True, False))
    looked_at = [one for side in (before, new) for one in sorted(side, key=lambda one: one.doc_id)[:MOST_DOCUMENTS]]
    lines = _lines(looked_at) if new and before else ()
    return Drift(run_id=run_id, new_documents=len(new), before_documents=len(before), lines=tuple(lines))


def _lines(documents: Sequence[Arrived]) -> list[DriftLine]:
    facts = [one.facts for one in documents]
    new = np.array([one.new for one in documents])
    languages = [{name: counts.chunks for name, counts in one.languages.items()} for one in facts]
    tokens = [sum(counts.tokens for counts in one.languages.values()) for one in facts]
    unknown = [sum(counts.unknown for counts in one.languages.values()) for one in facts]
    chunks = [one.chunks for one in facts]
    return [
        _share("unknown_tokens", new, unknown, tokens),
        _spread("languages", new, languages),
        _spread("token_lengths", new, [_named(one.lengths, 2) for one in facts], means=(tokens, chunks)),
        _share("duplicates", new, [one.duplicates for one in documents], chunks),
        _spread(
            "ocr_confidence",
            new,
            [_named(one.confidence.bins, 2) for one in facts],
            means=([one.confidence.thousandths / 1000 for one in facts], [one.confidence.pages for one in facts]),
        ),
        _spread("formats", new, [{one.media_type: 1} for one in documents]),
    ]


def _named(counts: Mapping[int, int], width: int) -> dict[str, int]:
    return {f"{number:0{width}}": count for number, count in counts.items()}


def _spread(
    name: str,
    new: NDArray[np.bool_],
    counts: Sequence[Mapping[str, int]],
    means: tuple[Sequence[float], Sequence[int]] | None = None,
) -> DriftLine:
    names = sorted({group for own in counts for group in own})
    table = np.array([[own.get(group, 0) for group in names] for own in counts], dtype=np.float64)
    mean = _ratios(new, *means) if means is not None else (None, None)
    return _line(name, Distance.JENSEN_SHANNON, new, _Table(table.reshape(len(counts), len(names)), names), mean)


def _share(name: str, new: NDArray[np.bool_], part: Sequence[int], whole: Sequence[int]) -> DriftLine:
    table = np.array([part, whole], dtype=np.float64).T
    table[:, 1] -= table[:, 0]
    return _line(name, Distance.DIFFERENCE, new, _Table(table, ()), _ratios(new, part, whole))


def _ratios(new: NDArray[np.bool_], parts: Sequence[float], wholes: Sequence[int]) -> tuple[float | None, float | None]:
    part, whole = np.array(parts, dtype=np.float64), np.array(wholes, dtype=np.float64)
    before, arrived = (
        float(part[side].sum() / whole[side].sum()) if whole[side].sum() else None for side in (~new, new)
    )
    return before, arrived


def _line(
    name: str,
    by: Distance,
    new: NDArray[np.bool_],
    table: _Table,
    means: tuple[float | None, float | None],
) -> DriftLine:
    counts, groups = table.counts, table.groups
    counted = counts.sum(axis=1) > 0
    counts, new = counts[counted], new[counted]
    arrived = int(new.sum())
    before = len(new) - arrived
    own = others = np.zeros(len(groups))
    distance = chance = None
    if arrived and before:
        others, own = _shares(counts[~new].sum(axis=0)), _shares(counts[new].sum(axis=0))
        distance = float(_distances(by, own[None], others[None])[0])
        if min(arrived, before) >= FEWEST_DOCUMENTS:
            chance = _chance(by, counts, arrived)
    return DriftLine(
        name=name,
        distance_by=by,
        before_documents=before,
        new_documents=arrived,
        before=means[0],
        new=means[1],
        groups=tuple(
            DriftGroup(name=group, before=float(earlier), new=float(later))
            for group, earlier, later in zip(groups, others, own, strict=False)
        ),
        distance=distance,
        chance=chance,
        beyond=distance is not None and chance is not None and distance > chance,
    )


def _chance(by: Distance, counts: Counts, arrived: int) -> float:
    """The distance that lots rarely exceed; the same lots in every report."""
    lots = np.random.default_rng(_SEED)
    total = counts.sum(axis=0)
    found: list[NDArray[np.float64]] = []
    for _ in range(SHUFFLES // _AT_ONCE):
        order = lots.random((_AT_ONCE, len(counts))).argpartition(arrived - 1, axis=1)[:, :arrived]
        dealt = np.zeros((_AT_ONCE, len(counts)))
        np.put_along_axis(dealt, order, 1.0, axis=1)
        own = dealt @ counts
        found.append(_distances(by, _shares(own), _shares(total - own)))
    return float(np.quantile(np.concatenate(found), CHANCE))


def _shares(counts: Counts) -> Counts:
    whole = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(counts, whole, out=np.zeros_like(counts), where=whole > 0))


def _distances(by: Distance, own: Counts, others: Counts) -> NDArray[np.float64]:
    """Of rows of shares."""
    if by is Distance.DIFFERENCE:
        return np.asarray(np.abs(own[:, 0] - others[:, 0]))
    middle = (own + others) / 2
    divergence = (_divergence(own, middle) + _divergence(others, middle)) / 2
    return np.asarray(np.sqrt(np.maximum(divergence, 0.0)))


def _divergence(shares: Counts, middle: Counts) -> NDArray[np.float64]:
    ratio = np.divide(shares, middle, out=np.ones_like(shares), where=shares > 0)
    return np.asarray((shares * np.log2(ratio)).sum(axis=1))

from __future__ import annotations

from collections import Counter

import pytest

from chunkers.options import ChunkOptions
from ingest.reports.lengths import Budget, token_lengths
from schemas.chunk_counts import TokenLengths


def lengths(*tokens: int, maximum: int = 256, limit: int | None = 256) -> TokenLengths:
    options = ChunkOptions(max_tokens=maximum, target_tokens=20, min_tokens=10)
    return token_lengths(Counter(tokens), Budget(options, limit))


@pytest.mark.parametrize(("maximum", "limit", "budget"), [(256, 512, 256), (256, 128, 128), (256, None, 256)])
def test_the_budget_is_the_smaller_of_what_is_wanted_and_what_is_read(
    maximum: int, limit: int | None, budget: int
) -> None:
    assert lengths(maximum=maximum, limit=limit).budget == budget


def test_chunks_outside_of_the_limits_are_counted() -> None:
    found = lengths(9, 10, 100, 256, 257, 300)
    assert (found.below_minimum, found.over_budget, found.smallest, found.largest) == (1, 2, 9, 300)


@pytest.mark.parametrize(
    ("tokens", "median", "p95"),
    [((7,), 7, 7), ((1, 2), 1, 2), ((1, 2, 3), 2, 3), (tuple(range(1, 101)), 50, 95), ((5,) * 19 + (90,), 5, 5)],
)
def test_quantiles_are_lengths_that_occur(tokens: tuple[int, ...], median: int, p95: int) -> None:
    found = lengths(*tokens)
    assert (found.median, found.p95) == (median, p95)


def test_no_chunks_have_no_lengths() -> None:
    found = lengths()
    assert (found.smallest, found.median, found.p95, found.largest) == (None, None, None, None)
    assert sum(each.chunks for each in found.bins) == 0


@pytest.mark.parametrize("maximum", [16, 17, 100, 250, 256, 8192])
def test_bins_adjoin_hold_every_chunk_and_end_at_the_budget(maximum: int) -> None:
    tokens = [0, 1, 15, 16, maximum - 1, maximum, maximum + 1, 3 * maximum]
    options = ChunkOptions(max_tokens=maximum, target_tokens=16, min_tokens=0)
    bins = token_lengths(Counter(tokens), Budget(options, None)).bins
    assert (bins[0].first, bins[-1].last) == (0, 3 * maximum)
    assert all(bins[at].last + 1 == bins[at + 1].first for at in range(len(bins) - 1))
    assert sum(each.chunks for each in bins) == len(tokens)
    assert (bins[-1].first, bins[-1].chunks) == (maximum + 1, 2)


def test_there_is_no_bin_above_the_budget_where_nothing_is() -> None:
    bins = lengths(5, 256).bins
    assert (len(bins), bins[-1].last, bins[-1].chunks) == (16, 256, 1)

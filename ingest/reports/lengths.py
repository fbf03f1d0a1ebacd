"""Token lengths against what is allowed. What is counted is defined in `schemas.chunk_counts`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, pairwise

from chunkers.options import ChunkOptions
from schemas.chunk_counts import LengthBin, TokenLengths

_BINS = 16


@dataclass(frozen=True, slots=True)
class Budget:
    """`limit`: tokens that the embedder reads, where that is known."""

    options: ChunkOptions
    limit: int | None

    @property
    def tokens(self) -> int:
        return self.options.max_tokens if self.limit is None else min(self.options.max_tokens, self.limit)


def token_lengths(counts: Counter[int], budget: Budget) -> TokenLengths:
    """`counts`: chunks by their number of tokens."""
    return TokenLengths(
        target=budget.options.target_tokens,
        minimum=budget.options.min_tokens,
        maximum=budget.options.max_tokens,
        limit=budget.limit,
        budget=budget.tokens,
        below_minimum=sum(number for tokens, number in counts.items() if tokens < budget.options.min_tokens),
        over_target=sum(number for tokens, number in counts.items() if tokens > budget.options.target_tokens),
        over_budget=sum(number for tokens, number in counts.items() if tokens > budget.tokens),
        smallest=min(counts, default=None),
        p05=_quantile(counts, 5),
        p25=_quantile(counts, 25),
        median=_quantile(counts, 50),
        p75=_quantile(counts, 75),
        p95=_quantile(counts, 95),
        largest=max(counts, default=None),
        bins=_bins(counts, budget.tokens),
    )


def _quantile(counts: Counter[int], percent: int) -> int | None:
    """The least length that `percent` of the chunks do not exceed."""
    ascending = sorted(counts)
    for tokens, so_far in zip(ascending, accumulate(counts[tokens] for tokens in ascending), strict=True):
        if so_far * 100 >= percent * counts.total():
            return tokens
    return None


def _bins(counts: Counter[int], budget: int) -> tuple[LengthBin, ...]:
    edges = sorted({round(at * budget / _BINS) for at in range(_BINS + 1)})
    largest = max(counts, default=0)
    if largest > budget:
        edges.append(largest)
    found = []
    for number, (before, last) in enumerate(pairwise(edges)):
        first = before + 1 if number else 0  # a text without a token is in the first one
        found.append(LengthBin(first=first, last=last, chunks=sum(counts[n] for n in range(first, last + 1))))
    return tuple(found)

"""How texts are put together for the model, and what happens when that was too much."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Self

import numpy as np

from ingest.embed.base import Advance
from ingest.vectors import Vectors


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices, longest texts first: each batch is padded to its first text, and
    `longest * count <= budget` unless it is a single text.

    Longest first, so that memory runs out at the beginning or not at all.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    start = 0
    while start < len(order):
        count = max(1, budget // max(1, lengths[order[start]]))
        yield order[start : start + count]
        start += count


class Scaled:
    """Tells of `whole` things done while `parts` of them are, whole ones only."""

    def __init__(self, advance: Advance, parts: int, whole: int) -> None:
        self._advance = advance
        self._parts = parts
        self._whole = whole
        self._done = self._told = 0

    @classmethod
    def of(cls, advance: Advance | None, parts: int, whole: int) -> Self | None:
        return cls(advance, parts, whole) if advance is not None else None

    def __call__(self, done: int) -> None:
        self._done += done
        reached = self._done * self._whole // self._parts
        self._advance(reached - self._told)
        self._told = reached


def encode_or_halve(encode: Callable[[list[str]], Vectors], texts: list[str], too_much: type[BaseException]) -> Vectors:
    """`encode(texts)`, or its halves after one another when it raises `too_much`.

    A single text that is still too much raises it.
    """
    try:
        return encode(texts)
    except too_much:
        if len(texts) == 1:
            raise
    middle = len(texts) // 2
    return np.concatenate(
        [encode_or_halve(encode, texts[:middle], too_much), encode_or_halve(encode, texts[middle:], too_much)]
    )

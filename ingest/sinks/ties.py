"""One order for equal scores, which engines return as they come."""

from __future__ import annotations

from collections.abc import Callable

from ingest.vectors import ScoredPoint

_SPARE = 8


def best_first(fetch: Callable[[int], list[ScoredPoint]], limit: int) -> list[ScoredPoint]:
    """The `limit` best points, ties by id.

    `fetch(n)` gives the engine's n best. It is asked for more as long as the last one ties with
    the one at the limit: which of the tied make the cut must not be the engine's accident.
    """
    if limit < 1:
        return []
    size = limit + _SPARE
    points = fetch(size)
    while len(points) == size and points[-1].score == points[limit - 1].score:
        size *= 2
        points = fetch(size)
    return sorted(points, key=lambda point: (-point.score, point.id))[:limit]

"""A chunk's vector takes in a share of its neighbours': what surrounds a passage tells what it is about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.vectors import Vector


def beside(place: int, count: int) -> list[int]:
    """The places of the chunks before and after one of `count`, where they are."""
    return [near for near in (place - 1, place + 1) if 0 <= near < count]


def mix(own: Vector, neighbours: Sequence[Vector], share: float) -> Vector:
    """`own + share * sum(neighbours)`, of length 1 again. All of shape (dimension,) and of length 1.

    The own vector itself where nothing is mixed in, and where the sum is nothing: neighbours that
    say the very opposite leave no direction.
    """
    if not neighbours or share == 0:
        return own
    # Added one by one: numpy's own sum costs several times as much for two short rows.
    near = neighbours[0]
    for neighbour in neighbours[1:]:
        near = near + neighbour
    mixed = own + np.float32(share) * near
    length = np.sqrt(mixed.dot(mixed))
    return own if length < _NOTHING else np.asarray(mixed / length, dtype=np.float32)


_NOTHING = 1e-6
"""A shorter sum is rounding, not direction."""

"""`semantic`: boundaries where the meaning of neighbouring sentences turns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from chunkers.base import SentenceVectors
from chunkers.cohesion import NoCohesion
from chunkers.embedding_cohesion import EmbeddingCohesion
from chunkers.options import Limits
from chunkers.packers import Ends
from chunkers.packing import COHESIVE, Room, joint_costs, pack
from chunkers.units import Joint, Unit
from schemas.document import Document

_WEIGHT = 0.5
"""What one standard deviation of cohesion at a joint is worth, against 1.0 for a chunk of twice the
target. `hybrid` goes by the cohesion itself: in a text of one subject its sizes stay balanced, here they do not."""
_SHARPEST = 2.0
"""Standard deviations beyond which a turn counts no more."""
_GAIN = 2 * _WEIGHT * _SHARPEST
"""The most that one place can be better than another: what must stay together is dearer still."""


class TurnPacker:
    """The partition with the sharpest turns between its chunks, by dynamic programming. How sharp a
    turn is, is told against the other joints of the stretch, as percentiles do; unlike with a
    threshold, sizes count too. Headings, lead-ins, tables and the limits bind as they do `hybrid`."""

    def __init__(self, vectors: SentenceVectors) -> None:
        self._cohesion = EmbeddingCohesion(vectors)
        self.fingerprint = f"turns-1+{self._cohesion.fingerprint}"

    def of(self, document: Document) -> Ends:
        return partial(self._ends, document.text)

    def _ends(self, text: str, units: Sequence[Unit], room: Room, limits: Limits) -> list[int]:
        sizes = [unit.size for unit in units]
        costs = joint_costs(text, units, sum(sizes), limits, NoCohesion())
        if sum(sizes) > limits.minimum and len(units) > 2:
            turns = self._turns([text[unit.start : unit.end] for unit in units])
            for at, turn in enumerate(turns, start=1):
                if units[at].joint in COHESIVE:
                    costs[at] += _WEIGHT * turn
                elif units[at].joint > Joint.SENTENCE:
                    costs[at] += _GAIN
        return pack(sizes, costs, room, limits, gain=_GAIN)

    def _turns(self, texts: Sequence[str]) -> list[float]:
        """Cohesion at each joint in standard deviations from the mean: lowest where the text turns."""
        strengths = np.asarray(self._cohesion.joints(texts))
        spread = float(strengths.std())
        if spread == 0.0:
            return [0.0] * len(strengths)
        return [float(turn) for turn in np.clip((strengths - strengths.mean()) / spread, -_SHARPEST, _SHARPEST)]

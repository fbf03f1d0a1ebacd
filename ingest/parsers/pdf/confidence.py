"""How sure OCR was of a text that is put together from several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_FEW = 4
_SURE = 0.9


def mean_confidence(parts: Iterable[tuple[float | None, int]]) -> float | None:
    """The mean of confidences, each weighed by the length of its text; None where no part has
    one. Parts without one (from a text layer) are certain and do not count."""
    total = length = 0.0
    for confidence, weight in parts:
        if confidence is not None and weight:
            total += confidence * weight
            length += weight
    return total / length if length else None


def is_no_text(lines: Sequence[tuple[str, float]]) -> bool:
    """Texts with their confidence: lone doubtful characters are a circle, an edge, two coloured fields."""
    return sum(len(text) for text, _ in lines) <= _FEW and all(confidence < _SURE for _, confidence in lines)

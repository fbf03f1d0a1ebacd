"""A document as its artifacts hold it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from recounting.catalog import Live
from recounting.spans import Record


@dataclass(frozen=True)
class Reading:
    """`run`: the number of the one that published its version. `parse`: None where it is not there."""

    live: Live
    media_type: str
    run: int | None
    chunk_set: Record
    parse: Record | None

    @cached_property
    def confidences(self) -> Counter[int]:
        """Thousandths of its pages' confidence, to how many pages have it."""
        pages = self.parse["pages"] if self.parse else ()
        return Counter(round(1000 * page["confidence"]) for page in pages if page.get("confidence") is not None)


def twentieth(thousandths: int) -> int:
    """The bin of a confidence; 1 is in the last."""
    return min(thousandths * 20 // 1000, 19)

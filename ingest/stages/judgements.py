"""Why rows of the index are duplicates, or are not: written down with them."""

from __future__ import annotations

from ingest.catalog.duplicates import APART, Duplicates
from ingest.catalog.plan import PlannedJudgement
from ingest.dedup.finder import Decision


class Judgements:
    """Of one plan. A row that takes another's place without a new decision keeps the old one's reason."""

    def __init__(self, duplicates: Duplicates) -> None:
        self._duplicates = duplicates
        self._made: list[PlannedJudgement] = []
        self._moved: dict[str, str] = {}

    def add(self, point_id: str, decision: Decision | None, old: str | None) -> None:
        """`old`: the row that stood for the chunk until now."""
        if decision is None:
            if old is not None and old != point_id:
                self._moved[old] = point_id
        elif (duplicate := decision.duplicate) is not None:
            self._made.append(
                PlannedJudgement(
                    point_id=point_id, kind=duplicate.kind, similarity=duplicate.similarity, reason=duplicate.reason
                )
            )
        elif (other := decision.kept_apart) is not None:
            self._made.append(
                PlannedJudgement(
                    point_id=point_id, kind=APART, similarity=other.similarity, reason=other.reason, other=other.other
                )
            )

    def all(self) -> tuple[PlannedJudgement, ...]:
        kept = self._duplicates.judgements(self._moved)
        moved = (judgement.model_copy(update={"point_id": self._moved[old]}) for old, judgement in kept.items())
        return (*self._made, *moved)

"""Publish: intent, write, verify, make current, retire, close. A crash anywhere is rolled forward.

A reader never sees a hole; for a moment it may see old and new, and collapses by chunk id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from ingest.catalog.plan import PlannedPoint, PublishPlan
from ingest.context import Context
from ingest.logs import get_logger
from ingest.stages.index_rows import index_rows
from ingest.stages.manifests import Manifests
from ingest.stages.parts import Parts
from ingest.stages.plan import embed_texts
from ingest.stages.vectors import VectorCache
from schemas.errors import DocstrataError, InvariantError, SinkDown
from schemas.point import VALIDITY, PointPayload

_log = get_logger(__name__)

_WRITE = 256
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Embedded:
    """Texts of a plan that went through the model, and that had a vector already."""

    made: int
    reused: int


class Publisher:
    """Carries plans out. Carrying one out twice is the same as once."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._parts = parts
        self._vectors = VectorCache(context)
        self._manifests = Manifests(context)

    def heal(self) -> int:
        """Rolls forward what a crash left open. Returns the number of commits."""
        plans = self._context.catalog.history.open_intents()
        for plan in plans:
            self._context.progress.say(f"finishing commit {plan.seq}, which was interrupted")
            _log.warning("commit.resumed", extra={"facts": {"seq": plan.seq}})
            self._vectors.fill(self._parts.embedder, embed_texts(plan))
            self._carry_out(plan)
        return len(plans)

    def embed(self, plan: PublishPlan) -> Embedded:
        """Makes the vectors that the plan needs and nobody has made."""
        texts = embed_texts(plan)
        made = self._vectors.fill(self._parts.embedder, texts) if texts else 0
        return Embedded(made, len(texts) - made)

    def publish(self, plan: PublishPlan) -> None:
        """The vectors are there; now the promise, then the deed."""
        promised = self._manifests.promised(plan)
        self._context.catalog.history.open_intent(promised)
        self._carry_out(promised)

    def _carry_out(self, plan: PublishPlan) -> None:
        if plan.points or plan.retire:
            for attempt in Retrying(
                retry=retry_if_exception_type(SinkDown),
                stop=stop_after_attempt(_ATTEMPTS),
                wait=wait_exponential(multiplier=0.5, max=20),
                before_sleep=_tell_retry,
                reraise=True,
            ):
                with attempt, self._parts.index.session():
                    self._write(plan)
        self._context.catalog.history.close_intent(plan)

    def _write(self, plan: PublishPlan) -> None:
        index = self._parts.index
        self._check_open(plan)
        vectors = self._vectors.get(self._parts.embedder, embed_texts(plan))
        # Inserted and not upserted: a point that is there was made current by an attempt before, or
        # by another process, and writing it again would hide it.
        written: dict[str, Mapping[str, object]] = {}
        for points in _batches(plan.points):
            rows = index_rows(points, vectors, self._parts.encoder, self._context.settings.embed.neighbour_share)
            written.update((row.id, row.payload) for row in rows)
            index.insert(rows)
        for points in _batches(plan.points):
            self._verify(points, written)
        self._check_open(plan)
        index.make_current([point.point_id for point in plan.points])
        index.retire(plan.retire, plan.seq)
        # The intent may be closed only when a power cut can no longer undo what it promised.
        index.flush()

    def _check_open(self, plan: PublishPlan) -> None:
        """A process that was paused, or cut off, may wake up here after another has finished its
        commit and gone on: the history may have lost some of these rows since. What it has just
        inserted goes again; all else that follows would change nothing.
        """
        if self._context.catalog.history.is_open(plan):
            return
        self._parts.index.withdraw([point.point_id for point in plan.points])
        raise InvariantError(
            "another run has finished this commit and taken over this home; this one stops without harm", seq=plan.seq
        )

    def _verify(self, points: Sequence[PlannedPoint], written: Mapping[str, Mapping[str, object]]) -> None:
        """What the index gives back is what was planned."""
        found = self._parts.index.retrieve([point.point_id for point in points])
        for point in points:
            stored = found.get(point.point_id)
            if stored is None:
                raise SinkDown("a point that was written is not in the index", point=point.point_id)
            planned = written[point.point_id]
            if stored.payload == planned or _is_the_same(stored.payload, planned):
                continue
            # Written another way, as by another release, it may still say the same.
            if PointPayload.model_validate(stored.payload).digest() != point.payload_digest:
                raise InvariantError("a point in the index is not what was written", point=point.point_id)


def _tell_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome is not None else None
    code = error.code if isinstance(error, DocstrataError) else type(error).__name__
    _log.warning("index.retried", extra={"facts": {"attempt": state.attempt_number, "code": code}})


def _is_the_same(stored: Mapping[str, object], written: Mapping[str, object]) -> bool:
    """But for the row's validity, which an attempt before may have changed."""
    return stored.keys() == written.keys() and all(
        stored[name] == value for name, value in written.items() if name not in VALIDITY
    )


def _batches(points: Sequence[PlannedPoint]) -> Iterator[Sequence[PlannedPoint]]:
    for start in range(0, len(points), _WRITE):
        yield points[start : start + _WRITE]

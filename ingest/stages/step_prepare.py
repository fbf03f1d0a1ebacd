"""The step of a run that parses and chunks a batch of its plan."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingest.catalog.measures import Measure
from ingest.context import Context, require_room
from ingest.logs import about, get_logger
from ingest.stages.handover import ANYTHING, Handover, is_carried_out
from ingest.stages.naming import SourceSpec
from ingest.stages.notes import BatchNote, DoneNote, Refusal, unquoted
from ingest.stages.outcomes import Outcome, Prepared, Rejected
from ingest.stages.prepare import Preparer
from ingest.stages.request import RunRequest, list_source
from schemas.ids import doc_id

_log = get_logger(__name__)

_FLUSH_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """Counted in files and members."""

    prepared: int
    failed: int


def prepare_batch(context: Context, name: str) -> PreparedBatch:
    """Parses and chunks a batch, as far as that was not done before: nothing of a plan that was carried out.
    Raises `ConfigError` without such a plan."""
    context.home.require_writable()
    about_batch = about(batch=name, stage="parse", tenant=context.settings.tenant)
    with about_batch, context.tracing.span("prepare", {"batch": name, "tenant": context.settings.tenant}):
        return _prepare(context, name)


def _prepare(context: Context, name: str) -> PreparedBatch:
    require_room(context)
    handover = Handover(context.catalog.artifacts, context.store)
    if is_carried_out(handover, name):
        return PreparedBatch(prepared=0, failed=0)
    batch = handover.get(name, BatchNote)
    request = batch.request.request()
    preparer = Preparer(
        context,
        reprocess=request.reprocess,
        retry_failed=request.retry_failed,
        scratch=name.replace("/", "-"),
        keep_fetched=True,
    )
    discovery = list_source(context, _spec(context, batch, request), request, frozenset(batch.again))
    context.progress.expect("parse", len(discovery.changed))
    count, began = _Count(), time.perf_counter()
    for outcome in _stored(context, preparer, preparer.outcomes(discovery)):
        count.add(outcome)
        _tell(context, outcome, batch.source)
    refused = {group: Refusal.of(each) for group, each in preparer.refused.items()}
    done = DoneNote(chunks=tuple(count.chunks), refused=refused, attempt=preparer.attempt_key(ANYTHING))
    handover.put(f"{name}/done", done)
    _measure(context, count, time.perf_counter() - began)
    return PreparedBatch(prepared=len(count.chunks), failed=count.failed)


@dataclass(slots=True)
class _Count:
    """`chunks`: of each document its id and the key of its chunk set. `read`: pages, by how each was read."""

    chunks: list[tuple[str, str]] = field(default_factory=list)
    failed: int = 0
    read: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        if isinstance(outcome, Prepared):
            file = outcome.file
            self.chunks.append((doc_id(file.tenant, file.source, file.path), outcome.chunk_key))
            self.read.update(outcome.pages or {})
        self.failed += isinstance(outcome, Rejected)


def _tell(context: Context, outcome: Outcome, source: str) -> None:
    if not outcome.listed.top:
        context.progress.advance("parse")
    if isinstance(outcome, Rejected):
        with about(file=outcome.listed.path, source=source):
            _log.warning("file.refused", extra={"facts": {"code": outcome.error.code}})
        context.progress.say(f"{outcome.listed.path} ({outcome.error.code}): {outcome.error.message}")


def _measure(context: Context, count: _Count, seconds: float) -> None:
    """The run that publishes finds all of this done: what it took is told here or nowhere."""
    more = [(Measure.PAGES, method, float(pages)) for method, pages in count.read.items()]
    more.append((Measure.STAGE_SECONDS, "parse", seconds))
    context.catalog.measures.add(context.settings.tenant, more, context.clock())
    facts = {"prepared": len(count.chunks), "failed": count.failed, "seconds": round(seconds, 3)}
    _log.info("batch.prepared", extra={"facts": facts})


def _spec(context: Context, batch: BatchNote, request: RunRequest) -> SourceSpec:
    return SourceSpec(
        context.settings.tenant,
        batch.source,
        request.kind,
        unquoted(batch.root),
        tuple(unquoted(file) for file in batch.files),
        request.stands_for,
        listed=tuple(each.file() for each in batch.objects),
    )


def _stored(context: Context, preparer: Preparer, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    """The outcomes, their artifacts stored now and then: what was done is kept when the step is killed."""
    frames: dict[str, dict[str, bytes]] = {}
    size = 0
    for outcome in outcomes:
        if isinstance(outcome, Prepared):
            for stage, key, content in outcome.frames:
                frames.setdefault(stage, {})[key] = content
                size += len(content)
        if size >= _FLUSH_BYTES:
            _store(context, frames)
            preparer.stored()
            frames, size = {}, 0
        yield outcome
    _store(context, frames)


def _store(context: Context, frames: Mapping[str, Mapping[str, bytes]]) -> None:
    for stage, contents in frames.items():
        context.catalog.artifacts.adopt(context.store.write_pack(stage, list(contents.items())))

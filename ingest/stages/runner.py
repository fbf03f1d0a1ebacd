"""The runner: one source after the other, batch by batch, from files to published versions.

Files are taken in the order of their paths and published in batches that close when they hold
enough chunks. So a run that was interrupted goes on with the very batches that it would have
made, and ends in the same state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from ingest.catalog.plan import PlannedFile
from ingest.catalog.rows import DocumentRow, FileRow
from ingest.context import Context, require_room, run_lock
from ingest.logs import about, get_logger
from ingest.stages.discover import Discovery
from ingest.stages.intake import Intake, Moved, opened_state
from ingest.stages.measuring import Recounting, recount
from ingest.stages.naming import SourceSpec
from ingest.stages.outcomes import Opened, Outcome, Prepared, Refused, Rejected
from ingest.stages.parts import Parts
from ingest.stages.plan import Arrival, Batch, Planner
from ingest.stages.planner import make_planner
from ingest.stages.prepare import Preparer
from ingest.stages.publish import Publisher
from ingest.stages.request import RunRequest, failed_again, list_source
from ingest.stages.tally import Tally
from schemas.errors import DocstrataError
from schemas.ids import fingerprint
from schemas.report import RunSummary

_log = get_logger(__name__)

_TRIED_ENOUGH = 20
"""Files that must have been tried before their share of failures says anything."""

_UNREAD_SHARE = 0.05
"""Of a run's chunks: below it, a foreign quotation or a name list is no reason to warn."""


class RunFailed(DocstrataError):
    """The run went to its end, but too much of it failed to be trusted."""

    code = "run_failed"

    def __init__(self, message: str, summary: RunSummary) -> None:
        super().__init__(message)
        self.summary = summary


def run(
    context: Context, parts: Parts, request: RunRequest, refused: Mapping[str, Refused] | None = None
) -> RunSummary:
    """Takes the paths in. Raises `RunFailed` above the limit of failures, `ConfigError` before anything is done.

    `refused`: what could not be read a moment ago, by chunk group, and need not be tried again.
    """
    specs = request.specs(context)
    _ = parts.collection  # refuses another model's home before any work is done
    with run_lock(context, wait=request.wait):
        _ = parts.collection  # the home may have moved to another model while this waited
        started = context.clock()
        run_id = fingerprint([started, [spec.name for spec in specs]])[:12]
        number = context.catalog.runs.begin(run_id, started, context.settings.tenant)
        summary, state = None, "interrupted"
        about_run = about(run=run_id, tenant=context.settings.tenant)
        with about_run, context.tracing.span("run", {"run": run_id, "tenant": context.settings.tenant}):
            _log.info("run.began", extra={"facts": {"sources": len(specs)}})
            try:
                tally = Tally()
                _Run(context, parts, request, number, tally, refused=refused or {}).take_in(specs)
                summary = tally.summary(run_id, recount(context))
                _check_share(context, tally, summary)
                state = "done"
            except DocstrataError as error:
                state = "failed"
                _log.error("run.failed", extra={"facts": {"code": error.code}})
                raise
            finally:
                context.catalog.runs.finish(number, state, context.clock(), summary)
            _log.info("run.ended", extra={"facts": _told(summary)})
    return summary


def _told(summary: RunSummary) -> dict[str, int | float]:
    counts = ("seen", "parsed", "unchanged", "duplicates", "failed", "removed", "written", "retired")
    return {**{name: getattr(summary, name) for name in counts}, "seconds": summary.seconds["total"]}


def dry_run(context: Context, request: RunRequest) -> list[Discovery]:
    """What a run would look at: nothing is read but folders, nothing is written but the home."""
    return [list_source(context, spec, request) for spec in request.specs(context)]


def _listed(discovery: Discovery) -> dict[str, int]:
    return {
        "files": len(discovery.listing.files),
        "changed": len(discovery.changed),
        "unchanged": discovery.unchanged,
        "vanished": len(discovery.vanished),
    }


def _check_share(context: Context, tally: Tally, summary: RunSummary) -> None:
    limit = context.settings.run.max_failure_share
    if tally.tried >= _TRIED_ENOUGH and tally.broken > limit * tally.tried:
        raise RunFailed(
            f"{tally.broken} of {tally.tried} files that were tried failed, the limit is {limit:.0%}: look at"
            " 'docstrata failures' before you trust what was taken in",
            summary,
        )


@dataclass(slots=True)
class _Open:
    """The batch that is being filled."""

    arrivals: list[Arrival] = field(default_factory=list)
    opened: list[PlannedFile] = field(default_factory=list)
    departures: list[DocumentRow] = field(default_factory=list)
    chunks: int = 0

    def closed(self, departing: frozenset[str]) -> Batch:
        gone = frozenset(row.doc_id for row in self.departures)
        return Batch(tuple(self.arrivals), tuple(self.opened), tuple(self.departures), departing=departing | gone)


class _Run:
    def __init__(
        self,
        context: Context,
        parts: Parts,
        request: RunRequest,
        number: int,
        tally: Tally,
        *,
        refused: Mapping[str, Refused],
    ) -> None:
        self._context = context
        self._parts = parts
        self._request = request
        self._number = number
        self._tally = tally
        self._publisher = Publisher(context, parts)
        self._preparer = Preparer(
            context, reprocess=request.reprocess, retry_failed=request.retry_failed, refused=refused
        )
        self._intake = Intake(context, tally)
        self._recounting = Recounting(context)

    def take_in(self, specs: list[SourceSpec]) -> None:
        require_room(self._context)
        with self._stage("publish"):
            self._publisher.heal()
        for spec in specs:
            self._context.catalog.files.remember_source(spec.tenant, spec.name, spec.kind, spec.lies_at)
            with about(source=spec.name):
                with self._stage("discover"):
                    again = failed_again(self._context, spec, self._request, self._preparer.attempt_key)
                    discovery = list_source(self._context, spec, self._request, again)
                    _log.info("source.listed", extra={"facts": _listed(discovery)})
                self._take_in_source(discovery)
        if self._tally.unread > _UNREAD_SHARE * self._tally.chunks:
            self._intake.warn(
                f"{self._tally.unread} of {self._tally.chunks} chunks are in a language that"
                f" {self._context.settings.embed.model} cannot read: they are found by their words, not by their"
                " meaning; set embed.model to a multilingual model and use another --home"
            )

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        with about(stage=name), self._tally.timed(name), self._context.tracing.span(name):
            yield

    # ----------------------------------------------------------------- a source

    def _take_in_source(self, discovery: Discovery) -> None:
        tally, progress = self._tally, self._context.progress
        tally.seen += len(discovery.listing.files)
        tally.unchanged += discovery.unchanged
        tally.failed += discovery.still_failed
        tally.ignored += discovery.ignored
        for warning in discovery.warnings:
            self._intake.warn(warning)
        progress.expect("parse", len(discovery.changed))
        departing = frozenset(row.doc_id for row in discovery.vanished)
        moved = Moved.of(discovery)
        renamed_before = tally.renamed
        batch = _Open()
        touched: list[FileRow] = []
        for outcome in self._timed_outcomes(discovery):
            if not outcome.listed.top:
                progress.advance("parse")
            if isinstance(outcome, Rejected) and outcome.held.present - {outcome.listed.path}:
                # What it holds is published before it is written off until it changes.
                self._publish(batch.closed(departing))
                batch = _Open()
            with about(file=outcome.listed.path, stage="parse"):
                self._take(outcome, discovery, moved, batch, touched)
            if batch.chunks >= self._context.settings.run.batch_chunks:
                self._publish(batch.closed(departing))
                batch = _Open()
        self._publish(batch.closed(departing))
        self._settle(discovery, touched, departing)
        tally.removed += len({row.listed_as for row in discovery.vanished}) - (tally.renamed - renamed_before)

    def _take(self, outcome: Outcome, discovery: Discovery, moved: Moved, batch: _Open, touched: list[FileRow]) -> None:
        """One file, into the batch or aside."""
        if isinstance(outcome, Prepared):
            batch.arrivals.append(self._intake.arrive(outcome, discovery, moved))
            batch.chunks += len(outcome.chunks.chunks)
            batch.departures += self._intake.left_behind(outcome, discovery)
        elif isinstance(outcome, Opened):
            self._intake.count_opened(outcome, moved)
            if not outcome.listed.top:
                batch.opened.append(opened_state(outcome, discovery))
                batch.departures += self._intake.left_behind(outcome, discovery)
        else:
            self._intake.set_aside(outcome, discovery, touched)

    def _timed_outcomes(self, discovery: Discovery) -> Iterator[Outcome]:
        outcomes = self._preparer.outcomes(discovery)
        while True:
            # No span: each file has one, with what the workers did meanwhile.
            with about(stage="parse"), self._tally.timed("parse"):
                outcome = next(outcomes, None)
            if outcome is None:
                return
            yield outcome

    def _settle(self, discovery: Discovery, touched: list[FileRow], departing: frozenset[str]) -> None:
        """After the last file: what vanished is retired, what was only touched is noted."""
        spec = discovery.spec
        if discovery.vanished:
            forgotten = tuple((spec.name, path) for path in sorted({row.listed_as for row in discovery.vanished}))
            self._publish(Batch(departures=discovery.vanished, forgotten=forgotten, departing=departing))
        self._context.catalog.files.settle(spec.tenant, spec.name, self._number, touched, discovery.vanished_failures)

    # ---------------------------------------------------------------- publishing

    def _publish(self, batch: Batch) -> None:
        if not (batch.arrivals or batch.opened or batch.departures or batch.forgotten):
            return
        tally, progress = self._tally, self._context.progress
        require_room(self._context)
        with self._stage("store"):
            self._store(batch)
        with self._stage("dedup"):
            plan = self._planner.plan(batch, self._number)
        if plan.is_empty:
            self._context.catalog.history.settle_files(plan)
            return
        with self._stage("embed"):
            embedded = self._publisher.embed(plan)
        tally.embedded += embedded.made
        tally.reused += embedded.reused
        progress.expect("publish", len(plan.points))
        with self._stage("publish"):
            self._publisher.publish(plan)
            facts = {"written": len(plan.points), "retired": len(plan.retire), "embedded": embedded.made}
            _log.info("batch.published", extra={"facts": facts})
        progress.advance("publish", len(plan.points))
        tally.written += len(plan.points)
        tally.retired += len(plan.retire)
        self._recounting.now_and_then()

    def _store(self, batch: Batch) -> None:
        """The batch's artifacts, a pack a stage."""
        frames: dict[str, dict[str, bytes]] = {}
        for arrival in batch.arrivals:
            for stage, key, content in arrival.prepared.frames:
                frames.setdefault(stage, {})[key] = content
        for stage, contents in frames.items():
            self._context.catalog.artifacts.adopt(self._context.store.write_pack(stage, list(contents.items())))
        self._preparer.stored()

    @cached_property
    def _planner(self) -> Planner:
        return make_planner(self._context, self._parts)

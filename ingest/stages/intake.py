"""Intake: what the outcome of a file means for the run's counts, for quarantine, and for what came with it."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.catalog.plan import PlannedFile
from ingest.catalog.rows import DocumentRow, FileRow
from ingest.context import Context
from ingest.logs import get_logger
from ingest.sources.folder import ListedFile
from ingest.stages.discover import Discovery
from ingest.stages.outcomes import Moving, Opened, Prepared, Rejected, Same
from ingest.stages.plan import Arrival, file_state
from ingest.stages.tally import Tally
from ingest.workers.child import TRACEBACK
from schemas.errors import InvariantError, UnsupportedFormat
from schemas.ids import doc_id
from schemas.report import Failure

_log = get_logger(__name__)

PAGE_FAILED = "page_failed"
"""The code of a failure that is a page's; the file's others are taken in."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What vanished, by its bytes: it may turn up under another name. Archives are known by theirs."""

    documents: dict[str, DocumentRow]
    archives: frozenset[str]

    @classmethod
    def of(cls, discovery: Discovery) -> Moved:
        documents = {row.sha256: row for row in discovery.vanished}
        tops = {row.top for row in discovery.vanished if row.top and row.top not in discovery.documents}
        return cls(documents, frozenset(discovery.known[top].sha256 for top in tops if top in discovery.known))


class Intake:
    """Counts every file once, whatever became of it."""

    def __init__(self, context: Context, tally: Tally) -> None:
        self._context = context
        self._tally = tally
        self._seen_content: set[str] = set()

    def left_behind(self, outcome: Prepared | Opened, discovery: Discovery) -> list[DocumentRow]:
        """Documents that came with this file before, and no longer do."""
        for warning in outcome.held.warnings:
            self.warn(warning)
        if outcome.listed.top:
            return []
        here = outcome.held.present.union(outcome.held.failing)
        return [row for row in discovery.by_top.get(outcome.listed.path, ()) if row.path not in here]

    def arrive(self, prepared: Prepared, discovery: Discovery, moved: Moved) -> Arrival:
        file = prepared.file
        tally = self._tally
        previous = moved.documents.pop(file.sha256, None) if file.path not in discovery.documents else None
        if prepared.listed.top:
            tally.members += 1
        elif previous is not None:
            tally.renamed += 1
            tally.unchanged += 1
        elif self._is_copy(prepared):
            tally.duplicates += 1
        else:
            tally.parsed += 1
        self._seen_content.add(file.sha256)
        chunks = len(prepared.chunks.chunks)
        _log.debug("file.prepared", extra={"facts": {"chunks": chunks, "adopted": prepared.pages is None}})
        self._tell_pages(prepared, discovery)
        tally.tried += 1
        tally.read += prepared.pages is not None
        tally.adopted += prepared.pages is None
        tally.pages.update(prepared.pages or {})
        tally.chunks += len(prepared.chunks.chunks)
        limit = self._context.settings.search.unknown_warning
        tally.unread += sum(share > limit for share in prepared.chunks.unknown_shares)
        if self._context.settings.store.keep_originals:
            with tally.timed("store"):
                kept = self._context.store.put_original(file.sha256, prepared.listed.location)
            if not kept:
                self.warn(f"{file.path} changed or went away after it was read: its original is not kept")
        return Arrival(prepared, discovery.listed_at_ns, previous.doc_id if previous is not None else None)

    def _tell_pages(self, prepared: Prepared, discovery: Discovery) -> None:
        """Pages that the document is without. They are told beside the counts of files."""
        spec, listed, failed = discovery.spec, prepared.listed, prepared.chunks.failed_pages
        failures = [
            Failure(
                key=prepared.chunk_key,
                source=spec.name,
                path=listed.path,
                uri=listed.uri,
                stage="parse",
                page=page.number,
                code=PAGE_FAILED,
                message=f"page {page.number} could not be read, the others were taken in: {page.reason}",
            )
            for page in failed
        ]
        self._context.catalog.files.keep_page_failures(spec.tenant, spec.name, listed.path, listed.top, failures)
        if failed:
            self._tally.pages_failed += len(failed)
            _log.warning("file.pages_failed", extra={"facts": {"pages": len(failed)}})
            pages = "A page" if len(failed) == 1 else f"{len(failed)} pages"
            self.warn(f"{pages} of {listed.path} could not be read: 'docstrata failures' says which, and why")

    def count_opened(self, opened: Opened, moved: Moved) -> None:
        tally = self._tally
        if opened.listed.top:
            tally.members += 1
        elif opened.sha256 in moved.archives:
            tally.renamed += 1
            tally.unchanged += 1
        elif opened.sha256 in self._seen_content:
            tally.duplicates += 1
        else:
            tally.parsed += 1
        self._seen_content.add(opened.sha256)

    def _is_copy(self, prepared: Prepared) -> bool:
        """The very bytes of another file: of this run, or of a live document elsewhere."""
        file = prepared.file
        if file.sha256 in self._seen_content:
            return True
        own = doc_id(file.tenant, file.source, file.path)
        return self._context.catalog.history.has_content(file.tenant, file.sha256, apart_from=own)

    def set_aside(self, outcome: Rejected | Same | Moving, discovery: Discovery, touched: list[FileRow]) -> None:
        if outcome.listed.top:
            self._set_member_aside(outcome, discovery)
            return
        tally, listed = self._tally, outcome.listed
        if isinstance(outcome, Moving):
            tally.ignored += 1
            _log.warning("file.in_motion")
            self.warn(f"{listed.path} changed or went away while it was read; the next run takes it")
        elif isinstance(outcome, Same):
            tally.failed += outcome.failed
            tally.unchanged += not outcome.failed
            touched.append(_row(listed, discovery, outcome.sha256, "failed" if outcome.failed else "ok"))
        else:
            tally.failed += 1
            self._quarantine(outcome, discovery)

    def _set_member_aside(self, outcome: Rejected | Same | Moving, discovery: Discovery) -> None:
        self._tally.members += 1
        if isinstance(outcome, Moving):
            raise InvariantError("a file that was unpacked is gone", path=outcome.listed.path)
        self._tally.members_failed += 1
        if isinstance(outcome, Rejected):
            self._quarantine(outcome, discovery)

    def _quarantine(self, rejected: Rejected, discovery: Discovery) -> None:
        spec, listed, error = discovery.spec, rejected.listed, rejected.error
        self._tally.tried += 1
        self._tally.broken += not isinstance(error, UnsupportedFormat)
        before = self._context.catalog.files.failure_of(spec.tenant, spec.name, listed.path)
        failure = Failure(
            key=rejected.key,
            source=spec.name,
            path=listed.path,
            uri=listed.uri,
            stage=rejected.stage,
            code=error.code,
            message=error.message,
            facts={name: fact for name, fact in error.facts.items() if name != TRACEBACK},
            traceback=str(error.facts.get(TRACEBACK, "")),
            attempts=before.attempts + 1 if before is not None and before.key == rejected.key else 1,
        )
        _log.warning("file.quarantined", extra={"facts": {"code": error.code, "attempts": failure.attempts}})
        row = _row(listed, discovery, rejected.sha256, "failed")
        self._context.catalog.files.quarantine(spec.tenant, row, failure)

    def warn(self, sentence: str) -> None:
        self._tally.warnings.append(sentence)
        self._context.progress.say(sentence)


def _row(listed: ListedFile, discovery: Discovery, sha256: str, status: str) -> FileRow:
    inside = bool(listed.top)  # when and where it was unpacked says nothing
    return FileRow(
        listed.path,
        listed.size,
        0 if inside else listed.mtime_ns,
        listed.ctime_ns,
        listed.inode,
        0 if inside else discovery.listed_at_ns,
        sha256,
        status,
        listed.top,
        listed.stamp,
    )


def opened_state(opened: Opened, discovery: Discovery) -> PlannedFile:
    spec, listed = discovery.spec, opened.listed
    return file_state(listed, spec.name, opened.sha256, discovery.listed_at_ns, opened.held.failing)

"""What an application imports: an opened home, and its calls.

```python
from ingest.api import Docstrata

with Docstrata(home="state") as strata:
    summary = strata.run(["documents"])
    for hit in strata.search("how long is the notice period?").hits:
        print(hit.payload.path, hit.payload.heading_path, hit.payload.text)
```
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.catalog.kept import Kind
from ingest.checks.tokens import Instruments
from ingest.config import Overrides, Settings, find_config, load_settings
from ingest.context import Clock, open_context
from ingest.embed.cache import vector_key
from ingest.embed.local_limit import local_limit
from ingest.embed.plain_tokens import plain_token_count
from ingest.evaluation.evaluate import MODES, Found, evaluate, find_truths
from ingest.evaluation.questions import QuestionSet, read_questions
from ingest.evaluation.starter import draw_starter
from ingest.evaluation.twins import Twin, find_twins
from ingest.locating.locate import locate
from ingest.locating.pictures import pictures
from ingest.locating.place import Place
from ingest.options.embed import EmbedOptions
from ingest.progress import Progress, Silent
from ingest.reports.attachments import Attachments, gather_attachments
from ingest.reports.collect import collect
from ingest.reports.compare import compare_runs
from ingest.reports.headlines import keep_report
from ingest.search.by_id import FoundChunk, find_chunk
from ingest.search.expander import Expander
from ingest.search.manifests import Manifests
from ingest.search.searcher import SearchRequest, SearchResult
from ingest.search.subtree import headings_below
from ingest.search.words import words
from ingest.sinks.payload_indexes import check_filter
from ingest.sources.inbox import Claim, Inbox
from ingest.stages import drop
from ingest.stages import restore as restoring
from ingest.stages.backup import BackedUp, backup
from ingest.stages.discover import Discovery
from ingest.stages.duplicate_lists import DuplicateList, list_duplicates
from ingest.stages.findings import Reconciled
from ingest.stages.inspect import Inspection, inspect_place
from ingest.stages.measuring import tell_report
from ingest.stages.parts import Parts
from ingest.stages.purge import Purged, purge
from ingest.stages.rebuild import rebuild_catalog
from ingest.stages.reconcile import reconcile
from ingest.stages.request import RunRequest
from ingest.stages.retention import Collected, collect_garbage
from ingest.stages.rollback import Rollback, dry_rollback, rollback
from ingest.stages.rollback_steps import RollbackRequest
from ingest.stages.runner import RunFailed, dry_run, run
from ingest.stages.status import Status, status_of
from ingest.stages.store_check import StoreCheck, check_store, forget_damaged
from ingest.stages.vector_export import Exported, export_vectors
from ingest.stages.vector_import import Imported, import_vectors
from ingest.stages.versions import DocumentDiff, DocumentVersions, diff_versions, list_versions
from ingest.tracing import Fact
from ingest.turns import TakesTurns
from ingest.vectors import FilterValue, PayloadFilter
from schemas.comparison import Comparison
from schemas.evaluation import Evaluation
from schemas.point import Expand, SearchMode
from schemas.quality import QualityReport
from schemas.report import Failure, RunSummary
from schemas.source import SourceKind

__all__ = [
    "Docstrata",
    "FoundChunk",
    "Inspection",
    "RunFailed",
    "Status",
    "inspect",
    "rebuild_catalog",
    "restore",
    "settings_for",
]

DEFAULT_HOME = Path(".docstrata")


def settings_for(config: Path | None = None, overrides: Overrides | None = None) -> Settings:
    """From `config`, else from `docstrata.toml` in the working folder, then environment and overrides."""
    return load_settings(config or find_config(Path.cwd()), overrides=overrides)


def inspect(path: Path | str, settings: Settings | None = None) -> Inspection:
    """What becomes of one file, or of an object at a URL. Raises `InputError` as a run would record it; touches no
    store."""
    return inspect_place(path, settings or settings_for())


def restore(
    file: Path | str, home: Path | str, *, dry_run: bool = False, progress: Progress | None = None
) -> restoring.Restored:
    """Makes a home of a backup, or with `dry_run` only checks that it could. Raises `ConfigError` where the
    home holds anything, and for a file that is damaged, cut short or of a newer release: nothing is left behind."""
    call = restoring.check if dry_run else restoring.restore
    return call(Path(file), Path(home), progress or Silent())


class Docstrata(TakesTurns):
    """An opened home. Close it, or use it as a context manager. Several threads may call it, and take turns: a
    search waits for a run that goes on in another thread. Open one more to search in between."""

    def __init__(
        self,
        home: Path | str = DEFAULT_HOME,
        settings: Settings | None = None,
        *,
        clock: Clock = time.time_ns,
        progress: Progress | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings or settings_for()
        self._context = open_context(Path(home), self.settings, clock=clock, progress=progress)
        self._parts = Parts(self._context)

    # ------------------------------------------------------------- taking in

    def run(
        self,
        paths: Iterable[Path | str],
        *,
        source: str | None = None,
        kind: SourceKind = SourceKind.MIRROR,
        reprocess: bool = False,
        retry_failed: bool = False,
        verify: bool = False,
        allow_vanish: bool = False,
        wait: bool = True,
    ) -> RunSummary:
        """Takes folders, files, globs and URLs in. Raises `ConfigError` before anything is done, `RunFailed` when
        too many files failed. Files at fault are in `failures()`, and counted as `failed`."""
        request = RunRequest(
            paths=tuple(paths),
            kind=kind,
            source=source,
            reprocess=reprocess,
            retry_failed=retry_failed,
            verify=verify,
            allow_vanish=allow_vanish,
            wait=wait,
        )
        return run(self._context, self._parts, request)

    def dry_run(
        self,
        paths: Iterable[Path | str],
        *,
        source: str | None = None,
        kind: SourceKind = SourceKind.MIRROR,
        verify: bool = False,
        allow_vanish: bool = False,
    ) -> list[Discovery]:
        """What a run would look at, a discovery a source; no file is opened."""
        request = RunRequest(
            paths=tuple(paths),
            kind=kind,
            source=source,
            verify=verify,
            allow_vanish=allow_vanish,
        )
        return dry_run(self._context, request)

    def failures(self, source: str | None = None) -> list[Failure]:
        """Files in quarantine, by source and path, then pages that documents were taken in without. Raises
        `ConfigError` for a source that is not there."""
        files, tenant = self._context.catalog.files, self.settings.tenant
        files.require_source(tenant, source)
        return files.failures(tenant, source) + files.page_failures(tenant, source)

    def status(self, runs: int = 5) -> Status:
        return status_of(self._context, runs)

    # ---------------------------------------------------------------- asking

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        mode: SearchMode = SearchMode.HYBRID,
        filters: Mapping[str, FilterValue | tuple[FilterValue, ...]] | None = None,
        under: str | None = None,
        as_of_ns: int | None = None,
        as_of_seq: int | None = None,
        expand: Expand | None = None,
        rerank: bool | None = None,
        explain: bool = False,
    ) -> SearchResult:
        """The best passages. `under`: below this heading, or several from above with " › " between; its number
        or beginning is enough. `as_of_ns`, `as_of_seq`: as the index was at that time, or after that commit;
        `ConfigError` where it cannot be looked back so far, or where no heading fits. `expand`: with the larger
        text around them, within `search.expand_tokens`. `rerank`: otherwise where `search.rerank_model` names a
        model. `explain`: with what each hit owes to what."""
        as_of = self._looked_back(as_of_ns, as_of_seq)
        request = SearchRequest(
            query=query,
            tenant=self.settings.tenant,
            limit=limit,
            mode=mode,
            equals=filters or {},
            under=under,
            as_of=as_of,
            rerank=rerank,
            explain=explain,
        )
        check_filter(request.where())  # before a model is loaded
        if self._context.catalog.collections.active() is None:
            return SearchResult((), ("nothing was taken in yet: begin with 'docstrata run FOLDER'",), as_of=as_of)
        with self._span("search", mode=mode.value, limit=limit):
            found = replace(self._parts.searcher.search(request), as_of=as_of)
        if as_of is None and found.hits:
            doc_ids = sorted({hit.payload.doc_id for hit in found.hits})
            found = replace(found, stale=self._context.catalog.versions.stale(doc_ids))
        return found if expand is None else self._expanded(found, expand, self.settings.search.expand_tokens)

    def headings(self, under: str | None = None) -> list[str]:
        """Headings that `search(under=…)` can be given, sorted; with `under` those that stand in one path with it.
        Raises `ConfigError` where that fits none."""
        if self._context.catalog.collections.active() is None:
            return []
        return headings_below(self._parts.index, PayloadFilter({"tenant": self.settings.tenant}), under)

    def chunk(
        self,
        chunk_id: str,
        *,
        around: Expand | None = None,
        tokens: int | None = None,
        as_of_ns: int | None = None,
        as_of_seq: int | None = None,
    ) -> FoundChunk:
        """A passage by its id, as hits tell it; with what stands `around` it, within `tokens`, else
        `search.expand_tokens`. As it is now, or was; `ConfigError` where there was none of that id."""
        as_of = self._looked_back(as_of_ns, as_of_seq)
        hit = find_chunk(self._parts.index, self.settings.tenant, chunk_id, as_of)
        if around is None:
            return FoundChunk(hit.payload, None, as_of)
        limit = tokens or self.settings.search.expand_tokens
        (expansion,) = self._expanded(SearchResult((hit,), as_of=as_of), around, limit).expansions
        return FoundChunk(hit.payload, expansion, as_of)

    def locate(self, chunk: str, *, version: int | None = None) -> Place:
        """Where a chunk stands: by its id, the beginning of the id, or `DOCUMENT#ORDINAL`; in the newest version that
        holds it, or in that of its document. Opens neither index nor model. Raises `ConfigError` when there is none."""
        return locate(self._context, chunk, version)

    def pictures(self, place: Place, *, dpi: float | None = None) -> list[bytes]:
        """The pages of a place with its boxes drawn on them, a PNG each. `dpi`: without it 110, and the pixels that an
        image file has. Raises `ConfigError` for what has no pages, or where the original is not kept."""
        return pictures(self._context, place, dpi)

    def versions(self, document: str) -> DocumentVersions:
        """What became of a document, named by its doc_id, its source and path, or its path or the end of it where
        no other has that. Raises `ConfigError` when there is none."""
        return list_versions(self._context, document)

    def diff(self, document: str, old: int | None = None, new: int | None = None) -> DocumentDiff:
        """How two versions of a document differ, chunk by chunk: the last and the one before, where none is named.
        Raises `ConfigError`."""
        return diff_versions(self._context, document, old, new)

    def duplicates(
        self,
        *,
        source: str | None = None,
        documents_only: bool = False,
        boilerplate_only: bool = False,
        limit: int = 20,
    ) -> DuplicateList:
        """What was left out as a duplicate and what stands for it, what was kept apart, and why. Opens
        neither index nor model. Raises `ConfigError` for a source that is not there."""
        return list_duplicates(
            self._context,
            source=source,
            documents_only=documents_only,
            boilerplate_only=boilerplate_only,
            limit=limit,
        )

    # --------------------------------------------------------------- judging

    def report(self, source: str | None = None) -> QualityReport:
        """How good the chunks of all live documents are, or of one source's. Changes nothing but what a monitor is
        told of it, waits for no run, opens neither index nor model, but for `[report] questions`, by which retrieval
        is evaluated first. Raises `ConfigError` for a source that is not there."""
        if self.settings.report.questions and source is None and self._context.catalog.collections.active():
            self.evaluate(self.settings.report.questions)
        embed = self._embed_options()
        instruments = Instruments(count_tokens=plain_token_count(embed), terms=words, vector_key=vector_key)
        with self._span("report"):
            limit = local_limit(embed)
            found = collect(self._context, token_limit=limit, source=source, keep=True, instruments=instruments)
        keep_report(self._context, found)
        tell_report(self._context, found)
        return found

    def compare(self, before: str, after: str, source: str | None = None) -> Comparison:
        """Two runs by their ids: the documents as they were live after each, what their chunks are like, and which
        documents got worse. Raises `ConfigError` for runs that are not there or that retention has not kept."""
        return compare_runs(self._context, before, after, token_limit=self._token_limit(), source=source)

    def attachments(self, report: QualityReport) -> Attachments:
        """What the page of a report shows beside its record: pictures of where the worst chunks stand. Raises
        `StoreDown`."""
        return gather_attachments(self._context, report)

    def evaluate(
        self, questions: Path | str | QuestionSet, *, k: int = 10, modes: Iterable[SearchMode] = MODES
    ) -> Evaluation:
        """How well the questions of a file are answered, each asked for `k` hits in every mode; kept, so that the next
        report shows it. Raises `ConfigError` that names what is wrong with the file, and where none of its documents
        is here."""
        found = evaluate(self._context, self._ask, _read(questions), k=k, modes=modes)
        kept, now = self._context.catalog.kept, self._context.clock()
        kept.put(Kind.EVALUATION, self.settings.tenant, found.model_dump_json(), now, run_id=found.run_id)
        return found

    def check_questions(self, questions: Path | str | QuestionSet) -> Found:
        """Where the answers of a questions file stand in this home. Asks nothing, and opens neither index nor model."""
        return find_truths(self._context, _read(questions))

    def quotation_twins(self, questions: Path | str | QuestionSet) -> tuple[Twin, ...]:
        """Other documents of this home in which quotations of a questions file stand, too. Asks nothing; reads the
        chunks of every live document."""
        asked = questions if isinstance(questions, QuestionSet) else read_questions(Path(questions))
        return find_twins(self._context, asked)

    def starter_questions(self, count: int = 100, seed: int = 0) -> str:
        """The lines of a questions file, drawn from headings and tables: a beginning, no measure of what people
        ask. Raises `ConfigError` where there is nothing to draw from."""
        return draw_starter(self._context, count, seed)

    # -------------------------------------------------------------- changing

    def rollback(
        self,
        document: str | None = None,
        *,
        to: int | None = None,
        run: str | None = None,
        dry_run: bool = False,
        allow_embed: bool = False,
        wait: bool = True,
    ) -> Rollback:
        """A document as it was in the version `to`, or all that the run `run` changed as it was before: published
        as new versions, from vectors that are kept; `allow_embed`: the model may make lost ones again.
        Raises `ConfigError`."""
        request = RollbackRequest(document, to, run, allow_embed=allow_embed, wait=wait)
        return dry_rollback(self._context, request) if dry_run else rollback(self._context, self._parts, request)

    def purge(self, document: str, *, dry_run: bool = False, wait: bool = True) -> Purged:
        """Removes a document everywhere: all versions, its artifacts, vectors and originals that no other document
        has. Raises `ConfigError`."""
        return purge(self._context, self._parts, document, dry_run=dry_run, wait=wait)

    def gc(self, *, dry_run: bool = False, wait: bool = True) -> Collected:
        """Removes what is older than `[retention]` says, and what nothing refers to."""
        return collect_garbage(self._context, self._parts, dry_run=dry_run, wait=wait)

    def reconcile(self, *, repair: bool = False, vectors: bool = False, wait: bool = True) -> Reconciled:
        """Compares catalog and index row by row, the stored `vectors` too if wished. With `repair` what
        differs is mended from artifacts and cached vectors; only then a run that goes on is waited for."""
        with self._span("reconcile"):
            return reconcile(self._context, self._parts, repair=repair, vectors=vectors, wait=wait)

    def check_store(self, *, repair: bool = False, wait: bool = True) -> StoreCheck:
        """Whether what is stored is what was written: every pack and every original is read and compared with its
        digest. With `repair` what is damaged is forgotten, so that a run with `reprocess` makes it again."""
        with self._span("check"):
            return forget_damaged(self._context, wait=wait) if repair else check_store(self._context)

    # ---------------------------------------------------- carrying elsewhere

    def export_vectors(self, file: Path | str, *, text: bool = True) -> Exported:
        """Writes a Parquet file: a row for each chunk of a live document with its raw vector, where it
        comes from and, with `text`, what was embedded. Raises `ConfigError` for a place that cannot be
        written."""
        return export_vectors(self._context, self._parts.embedder, Path(file), text=text)

    def import_vectors(self, file: Path | str) -> Imported:
        """Takes the vectors of an exported file: a text that has one here is not embedded. Raises
        `ConfigError` for vectors of another model, or other settings of `[embed]`."""
        return import_vectors(self._context, self._parts.embedder, Path(file))

    def backup(self, file: Path | str, *, wait: bool = True) -> BackedUp:
        """The whole home as one file, as it is between two runs; `restore` makes a home of it again. Raises
        `StoreDown` when a run holds the home and `wait` is false."""
        return backup(self._context, self._parts, Path(file), wait=wait)

    # --------------------------------------------------------- a drop folder

    def claim(self, inbox: Path | str | Inbox) -> Claim:
        """Moves what has come to rest in a drop folder to its `work`."""
        self._context.home.require_writable()
        folder = self._drop_folder(inbox)
        with folder.lock(say=self._context.progress.say):
            return folder.claim()

    def settle(self, inbox: Path | str | Inbox, source: str | None = None) -> drop.Settled:
        """Moves what was claimed, and what a run has dealt with, to `done` or `quarantine`."""
        return drop.settle(self._context, self._drop_folder(inbox), source)

    def take_in(self, inbox: Path | str | Inbox, source: str | None = None) -> drop.TakenIn:
        """Claims, runs and settles, and goes on with what an earlier call left. Raises `TransientError`
        when something is down or full: call again later."""
        return drop.take_in(self._context, self._parts, self._drop_folder(inbox), source)

    # --------------------------------------------------------------- closing

    def close(self) -> None:
        self._parts.close()
        self._context.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # ---------------------------------------------- what several of these do

    def _expanded(self, found: SearchResult, how: Expand, tokens: int) -> SearchResult:
        return Expander(Manifests(self._context), self._parts.counter, tokens, found.as_of).expand(found, how)

    def _span(self, name: str, **facts: Fact) -> AbstractContextManager[object]:
        return self._context.tracing.span(name, {"tenant": self.settings.tenant, **facts})

    def _looked_back(self, as_of_ns: int | None, as_of_seq: int | None) -> int | None:
        versions = self._context.catalog.versions
        return versions.looked_back(self.settings.tenant, as_of_ns, as_of_seq, self._context.clock())

    def _ask(self, question: str, *, limit: int, mode: SearchMode, under: str | None) -> SearchResult:
        return self.search(question, limit=limit, mode=mode, under=under)

    def _token_limit(self) -> int | None:
        """What the model reads that the home was filled with, where its files are on this disk."""
        return local_limit(self._embed_options())

    def _embed_options(self) -> EmbedOptions:
        """With the model that the home was filled with."""
        collection = self._context.catalog.collections.active()
        return self.settings.embed.model_copy(update={"model": collection.model} if collection else {})

    def _drop_folder(self, inbox: Path | str | Inbox) -> Inbox:
        if not isinstance(inbox, Path | str):
            return inbox
        return drop.drop_folder(inbox, self.settings, self._context.home.path)


def _read(questions: Path | str | QuestionSet) -> QuestionSet:
    return questions if isinstance(questions, QuestionSet) else read_questions(Path(questions))

"""A run in steps, for a scheduler: plan, prepare and embed batch by batch anywhere, then publish.

```
plan ─► prepare(batch) ─► embed(batch) ─► publish
         parse, chunk      vectors         the very run of the command line
```
All that comes before `publish` only fills what a run looks into first: artifacts by input key,
vectors by content. So a step may be repeated, killed or left out, and the end is the same.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from ingest.batches import Lane, batch_name, batch_names
from ingest.catalog.measures import Measure
from ingest.context import Context, require_room
from ingest.dedup.identity import identify
from ingest.embed.cache import vector_key
from ingest.embed.neighbours import beside
from ingest.logs import about, get_logger
from ingest.parsers.base import ParseInput
from ingest.sources.folder import ListedFile
from ingest.stages.discover import Discovery
from ingest.stages.handover import Handover, plan_name
from ingest.stages.lanes import lane_of_name, lanes_of, route_of
from ingest.stages.looking import Looker
from ingest.stages.naming import SourceSpec
from ingest.stages.notes import (
    BatchNote,
    DoneNote,
    ObjectNote,
    OutcomeNote,
    PlanNote,
    Refusal,
    RequestNote,
    quoted,
    unquoted,
)
from ingest.stages.outcomes import Outcome, Prepared, Refused, Rejected
from ingest.stages.parts import Parts
from ingest.stages.prepare import Preparer
from ingest.stages.request import RunRequest, failed_again, list_source
from ingest.stages.runner import RunFailed, run
from ingest.stages.vectors import VectorCache
from ingest.stages.work import images_recipe
from ingest.stored import chunk_set_of
from schemas.chunk import Chunk
from schemas.ids import doc_id
from schemas.report import RunSummary

_log = get_logger(__name__)

_MOST_BATCHES = 240
"""Of a plan: its references, of some thirty characters each, must fit into 10 KB."""
_FLUSH_BYTES = 16 * 2**20
_EMBED_TOGETHER = 512
_ANYTHING = ""
"""In place of a file's digest: what an attempt is apart from the file."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`batches`: how many in each lane; they are named by `ingest.batches`."""

    name: str
    batches: Mapping[Lane, int]
    files: int

    def names(self, lane: Lane | None = None) -> list[str]:
        """Of all batches, or those of a lane."""
        lanes = list(Lane) if lane is None else [lane]
        return [name for lane in lanes for name in batch_names(self.name, lane, self.batches[lane])]


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """Counted in files and members."""

    prepared: int
    failed: int


# ------------------------------------------------------------------------------ plan


def make_plan(context: Context, requests: Sequence[RunRequest], batch_files: int) -> Plan:
    """Lists the sources, and shares out what is to be read. Raises `ConfigError` for a path that is not there, and for
    a home that cannot be written."""
    context.home.require_writable()
    looker = Looker(context, images_recipe(context.settings))
    found: list[tuple[RunRequest, Discovery]] = []
    for request in requests:
        for spec in request.specs(context):
            again = failed_again(context, spec, request, looker.attempt_key)
            found.append((request, list_source(context, spec, request, again)))
    files = sum(len(discovery.changed) for _, discovery in found)
    share = max(batch_files, -(-files // _MOST_BATCHES))
    name = plan_name(context.clock(), [[spec.name, len(d.changed)] for _, d in found for spec in [d.spec]])
    handover = Handover(context.catalog.artifacts, context.store)
    counts = dict.fromkeys(Lane, 0)
    for request, discovery in found:
        for lane, together in _by_lane(context, discovery.changed).items():
            for batch in _in_pieces(together, share):
                handover.put(batch_name(name, lane, counts[lane]), _batch(request, discovery, batch))
                counts[lane] += 1
    handover.put(name, PlanNote(requests=tuple(RequestNote.of(request) for request in requests), batches=counts))
    facts = {"plan": name, "files": files, "batches": sum(counts.values())}
    _log.info("plan.made", extra={"facts": facts})
    return Plan(name, counts, files)


def _by_lane(context: Context, files: Sequence[ListedFile]) -> dict[Lane, list[ListedFile]]:
    parse = context.settings.parse
    here = [file for file in files if not file.remote]
    inputs = []
    for file in here:
        name = PurePosixPath(file.path).name
        inputs.append(ParseInput(file.location, name, "", route_of(file.location, file.path, parse), file.size))
    lanes: dict[Lane, list[ListedFile]] = {lane: [] for lane in Lane}
    for file, lane in zip(here, lanes_of(inputs, context.settings), strict=True):
        lanes[lane].append(file)
    for file in files:
        if file.remote:  # to look into it, it would have to be fetched
            lanes[lane_of_name(file.path)].append(file)
    return lanes


def _batch(request: RunRequest, discovery: Discovery, files: Sequence[ListedFile]) -> BatchNote:
    spec = discovery.spec
    return BatchNote(
        request=RequestNote.of(request),
        source=spec.name,
        root=quoted(spec.root),
        files=tuple(quoted(file.location) for file in files if not file.remote),
        objects=tuple(ObjectNote.of(file) for file in files if file.remote),
        again=tuple(file.path for file in files if file.path in discovery.again),
    )


# --------------------------------------------------------------------------- prepare


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
    if _is_carried_out(handover, name):
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
    chunks: list[tuple[str, str]] = []
    failed = 0
    read: Counter[str] = Counter()
    began = time.perf_counter()
    for outcome in _stored(context, preparer, preparer.outcomes(discovery)):
        if not outcome.listed.top:
            context.progress.advance("parse")
        if isinstance(outcome, Prepared):
            file = outcome.file
            chunks.append((doc_id(file.tenant, file.source, file.path), outcome.chunk_key))
            read.update(outcome.pages or {})
        if isinstance(outcome, Rejected):
            failed += 1
            with about(file=outcome.listed.path, source=batch.source):
                _log.warning("file.refused", extra={"facts": {"code": outcome.error.code}})
            context.progress.say(f"{outcome.listed.path} ({outcome.error.code}): {outcome.error.message}")
    refused = {group: Refusal.of(each) for group, each in preparer.refused.items()}
    handover.put(
        f"{name}/done", DoneNote(chunks=tuple(chunks), refused=refused, attempt=preparer.attempt_key(_ANYTHING))
    )
    seconds = time.perf_counter() - began
    # The run that publishes finds all of this done: what it took is told here or nowhere.
    more = [(Measure.PAGES, method, float(count)) for method, count in read.items()]
    more.append((Measure.STAGE_SECONDS, "parse", seconds))
    context.catalog.measures.add(context.settings.tenant, more, context.clock())
    facts = {"prepared": len(chunks), "failed": failed, "seconds": round(seconds, 3)}
    _log.info("batch.prepared", extra={"facts": facts})
    return PreparedBatch(prepared=len(chunks), failed=failed)


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


# ----------------------------------------------------------------------------- embed


def embed_batch(context: Context, parts: Parts, name: str) -> int:
    """Makes the vectors of a prepared batch that nobody has made. Returns how many.

    Chunks that another document's chunk will probably stand for are left out, but for those beside
    one that stays: should they need a vector after all, publishing makes it.
    """
    context.home.require_writable()
    about_batch = about(batch=name, stage="embed", tenant=context.settings.tenant)
    with about_batch, context.tracing.span("embed", {"batch": name, "tenant": context.settings.tenant}):
        return _embed(context, parts, name)


def _embed(context: Context, parts: Parts, name: str) -> int:
    require_room(context)
    began = time.perf_counter()
    handover = Handover(context.catalog.artifacts, context.store)
    if _is_carried_out(handover, name):
        return 0
    done = handover.get(f"{name}/done", DoneNote)
    cache = VectorCache(context)
    texts = _texts(context, done)
    embedded = 0
    while together := list(islice(texts, _EMBED_TOGETHER)):
        keyed = {vector_key(parts.embedder.fingerprint, text): text for text in together}
        embedded += cache.fill(parts.embedder, keyed)
    seconds = time.perf_counter() - began
    more = [(Measure.CHUNKS, "embedded", float(embedded)), (Measure.STAGE_SECONDS, "embed", seconds)]
    context.catalog.measures.add(context.settings.tenant, more, context.clock())
    _log.info("batch.embedded", extra={"facts": {"embedded": embedded, "seconds": round(seconds, 3)}})
    return embedded


def _texts(context: Context, done: DoneNote) -> Iterator[str]:
    seen: set[bytes] = set()
    for document, chunk_key in done.chunks:
        found = chunk_set_of(context, chunk_key)
        if found is None:  # it will be made again by whoever needs it
            continue
        chunks = found.chunks
        yield from (chunks[place].embed_text() for place in _to_embed(context, document, chunks, seen))


def _to_embed(context: Context, document: str, chunks: Sequence[Chunk], seen: set[bytes]) -> list[int]:
    """Places of the chunks that will probably be points with a vector, and of those mixed into it.
    `seen`: texts of this batch so far."""
    places: set[int] = set()
    digests = [identify(chunk.text, chunk.kind, chunk.table_html).digest for chunk in chunks]
    known = _known(context, document, digests)
    for place, digest in enumerate(digests):
        if digest not in seen and digest not in known:
            places.add(place)
            if context.settings.embed.neighbour_share:
                places.update(beside(place, len(chunks)))
        if context.settings.dedup.enabled:
            seen.add(digest)
    return sorted(places)


def _known(context: Context, document: str, digests: Sequence[bytes]) -> set[bytes]:
    """Those of texts that another document has already."""
    if not context.settings.dedup.enabled:
        return set()
    found = context.catalog.survivors.by_texts(context.settings.tenant, set(digests))
    return {digest for digest, rows in found.items() if any(row.doc_id != document for row in rows)}


# --------------------------------------------------------------------------- publish


def publish_plan(context: Context, parts: Parts, name: str) -> list[RunSummary]:
    """Runs the requests of a plan, one after the other, and removes the plan but for what became of
    it: whoever was killed before he could tell calls again. Raises `RunFailed` at the end when one of
    them failed."""
    handover = Handover(context.catalog.artifacts, context.store)
    key = _outcome_key(name)
    if handover.find(key, OutcomeNote) is None:
        handover.put(key, _carry_out(context, parts, handover, name))
    outcome = handover.get(key, OutcomeNote)
    handover.drop(name, keep=key)
    if outcome.failed is not None:
        raise RunFailed(*outcome.failed)
    return list(outcome.summaries)


def outcome_of(context: Context, name: str) -> OutcomeNote:
    """What became of a plan that was carried out. Raises `ConfigError` when it was not."""
    return Handover(context.catalog.artifacts, context.store).get(_outcome_key(name), OutcomeNote)


def _outcome_key(plan: str) -> str:
    return f"{plan}/outcome"


def _is_carried_out(handover: Handover, batch: str) -> bool:
    """A step that is asked for once more after its plan was published has nothing left to do."""
    plan = batch.partition("/")[0]
    return handover.find(_outcome_key(plan), OutcomeNote) is not None


def _carry_out(context: Context, parts: Parts, handover: Handover, name: str) -> OutcomeNote:
    plan = handover.get(name, PlanNote)
    refused = _refused(context, handover, name, plan)
    summaries: list[RunSummary] = []
    failed: tuple[str, RunSummary] | None = None
    for planned in plan.requests:
        try:
            summaries.append(run(context, parts, planned.request(), refused))
        except RunFailed as error:
            failed = failed or (error.message, error.summary)
    return OutcomeNote(summaries=tuple(summaries), failed=failed)


def _refused(context: Context, handover: Handover, name: str, plan: PlanNote) -> dict[str, Refused]:
    """What would be refused again: limits and passwords may have changed since."""
    attempt = Looker(context, images_recipe(context.settings)).attempt_key(_ANYTHING)
    found = (handover.find(f"{batch}/done", DoneNote) for batch in Plan(name, plan.batches, 0).names())
    return {
        group: refusal.refused()
        for done in found
        if done is not None and done.attempt == attempt
        for group, refusal in done.refused.items()
    }


def _in_pieces(files: Sequence[ListedFile], size: int) -> Iterator[Sequence[ListedFile]]:
    for start in range(0, len(files), size):
        yield files[start : start + size]

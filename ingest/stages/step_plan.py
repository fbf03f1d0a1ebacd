"""The first of the steps of a run, for a scheduler: plan, prepare and embed batch by batch anywhere, then publish.

```
plan ─► prepare(batch) ─► embed(batch) ─► publish
         parse, chunk      vectors         the very run of the command line
```
All that comes before `publish` only fills what a run looks into first: artifacts by input key,
vectors by content. So a step may be repeated, killed or left out, and the end is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ingest.batches import Lane, batch_name, batch_names
from ingest.context import Context
from ingest.logs import get_logger
from ingest.parsers.base import ParseInput
from ingest.sources.folder import ListedFile
from ingest.stages.discover import Discovery
from ingest.stages.handover import Handover, plan_name
from ingest.stages.lanes import lane_of_name, lanes_of, route_of
from ingest.stages.looking import Looker
from ingest.stages.notes import BatchNote, ObjectNote, PlanNote, RequestNote, quoted
from ingest.stages.request import RunRequest, failed_again, list_source
from ingest.stages.work import images_recipe

_log = get_logger(__name__)

_MOST_BATCHES = 240
"""Of a plan: its references, of some thirty characters each, must fit into 10 KB."""


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


def _in_pieces(files: Sequence[ListedFile], size: int) -> Iterator[Sequence[ListedFile]]:
    for start in range(0, len(files), size):
        yield files[start : start + size]

"""An opened home for a scheduler: a run in steps that may lie in several processes, and upkeep.

```python
with Steps(home="state") as steps:
    plan = steps.plan([RunRequest((Path("documents"),))])
    for batch in plan.names():          # anywhere, in any order, as often as you like
        steps.prepare(batch)
        steps.embed(batch)
    summaries = steps.publish(plan.name)
```
The end is that of `Docstrata.run`, whatever was repeated or left out before `publish`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest.api import Docstrata
from ingest.catalog.collections import CollectionRow, CollectionState
from ingest.stages.canaries import Canary
from ingest.stages.drop import drop_folder, drop_request
from ingest.stages.maintenance import Maintenance, maintain
from ingest.stages.reindex import Built, Reindexed, build, drop_beside, go_back, reindex, survey
from ingest.stages.reindex_copy import Survey
from ingest.stages.request import RunRequest
from ingest.stages.retrying import retry_requests
from ingest.stages.step_embed import embed_batch
from ingest.stages.step_plan import Plan, make_plan
from ingest.stages.step_prepare import PreparedBatch, prepare_batch
from ingest.stages.step_publish import outcome_of, publish_plan
from schemas.report import RunSummary

__all__ = ["Built", "Canary", "Maintenance", "Plan", "PreparedBatch", "Reindexed", "RunRequest", "Steps", "Survey"]


class Steps(Docstrata):
    """What Airflow tasks call; any other scheduler may."""

    def plan(self, requests: Sequence[RunRequest]) -> Plan:
        """Lists the sources and shares out what is to be read. Raises `ConfigError`."""
        return make_plan(self._context, requests, self.settings.airflow.batch_files)

    def plan_claimed(self, inbox: Path | str, source: str | None = None) -> Plan:
        """Of all that was claimed from a drop folder and is not settled. Raises `ConfigError`."""
        return self.plan([drop_request(drop_folder(inbox, self.settings, self._context.home.path), source)])

    def prepare(self, batch: str) -> PreparedBatch:
        """Parses and chunks. Raises `ConfigError` when there is no such plan."""
        return prepare_batch(self._context, batch)

    def embed(self, batch: str) -> int:
        """Makes vectors for a prepared batch. Returns how many."""
        return embed_batch(self._context, self._parts, batch)

    def publish(self, plan: str) -> list[RunSummary]:
        """Carries the plan out, once: whoever calls again is told the same. A summary for each request;
        raises `RunFailed` when one failed."""
        return publish_plan(self._context, self._parts, plan)

    def outcome(self, plan: str) -> tuple[RunSummary, ...]:
        """The summaries of a plan that was carried out, those of failed runs too. Raises `ConfigError`."""
        return outcome_of(self._context, plan).runs

    def plan_retry(self, source: str | None = None, codes: Sequence[str] = ()) -> Plan | None:
        """Of sources with files in quarantine, of one `source` or of all, that are to be tried again: all, or those
        that failed with one of the `codes`. None where there are none. Raises `ConfigError`."""
        requests = retry_requests(self._context, source, codes)
        return self.plan(requests) if requests else None

    def maintain(self, *, wait: bool = True) -> Maintenance:
        """Finishes what was interrupted, removes what was left over, and counts."""
        return maintain(self._context, self._parts, wait=wait)

    # Opened with the settings of the new collection, not with those that the home is searched with.

    def is_searched(self) -> bool:
        """Whether the active collection is of these settings."""
        active = self._context.catalog.collections.active()
        return active is not None and active.fingerprint == self._parts.own_collection.fingerprint

    def survey_reindex(self) -> Survey:
        """What `reindex` would do. Raises `ConfigError` when it would."""
        return survey(self._context, self._parts)

    def reindex(self, canaries: Sequence[Canary] = (), *, wait: bool = True) -> Reindexed:
        """Builds the collection of these settings beside the active one, while runs go on, and makes it
        the active one. Resumes what was interrupted. `canaries`: questions that must find their documents.
        Raises `ConfigError` when nothing was switched."""
        return reindex(self._context, self._parts, canaries=canaries, wait=wait)

    def build_beside(self, canaries: Sequence[Canary] = ()) -> Built:
        """The first part of `reindex`: the collection is built, and not switched to. `reindex` goes on from there."""
        return build(self._context, self._parts, canaries=canaries)

    def reindex_back(self, *, wait: bool = True) -> CollectionRow:
        """The collection that was active before is active again. Raises `ConfigError` when runs have
        published since."""
        return go_back(self._context, self._parts, wait=wait)

    def drop_old(self) -> CollectionRow:
        """Removes the collection that was active before. Raises `ConfigError` when there is none."""
        return drop_beside(self._context, self._parts, CollectionState.KEPT)

    def give_up_reindex(self) -> CollectionRow:
        """Removes the collection that is half built. Raises `ConfigError` when there is none."""
        return drop_beside(self._context, self._parts, CollectionState.BUILDING)

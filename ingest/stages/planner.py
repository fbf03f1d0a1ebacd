"""The planner of a home, with de-duplication as its settings say."""

from __future__ import annotations

from functools import partial

from ingest.context import Context
from ingest.dedup.finder import DuplicateFinder
from ingest.dedup.memory_store import MemorySurvivorStore
from ingest.stages.parts import Parts
from ingest.stages.plan import Planner
from ingest.stages.survivors import keep_scheme


def make_planner(context: Context, parts: Parts) -> Planner:
    """Signs survivors again first, where the settings ask for other signatures than are kept."""
    options = context.settings.dedup
    keep_scheme(context, parts.index, DuplicateFinder(options, MemorySurvivorStore()))
    return Planner(context, parts.index, parts.embedder.fingerprint, partial(DuplicateFinder, options))

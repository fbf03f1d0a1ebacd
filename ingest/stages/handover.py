"""What one task of a planned run leaves for the next: small JSON in the artifact store, under the plan's name."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ingest.catalog.artifacts import Artifacts
from ingest.stages.notes import OutcomeNote
from ingest.store import ArtifactStore
from schemas.errors import ConfigError
from schemas.ids import fingerprint

_STAGE = "plan"
_NS_PER_S = 10**9
ANYTHING = ""
"""In place of a file's digest: what an attempt is apart from the file."""

Note = TypeVar("Note", bound=BaseModel)


class Handover:
    """Notes by key. The first writer of a key wins, as with every artifact."""

    def __init__(self, artifacts: Artifacts, store: ArtifactStore) -> None:
        self._artifacts = artifacts
        self._store = store

    def put(self, key: str, note: BaseModel) -> None:
        # With its key, so that no two notes are one pack: a plan is removed with its packs.
        content = json.dumps({"key": key, "note": note.model_dump(mode="json")}).encode()
        self._artifacts.adopt(self._store.write_pack(_STAGE, [(key, content)]))

    def get(self, key: str, kind: type[Note]) -> Note:
        """Raises `ConfigError` when there is none: the plan was carried out, or never made."""
        note = self.find(key, kind)
        if note is None:
            raise ConfigError(f"there is no plan {key}, or it was carried out long ago: plan again")
        return note

    def find(self, key: str, kind: type[Note]) -> Note | None:
        ref = self._artifacts.find(_STAGE, key)
        if ref is None:
            return None
        try:
            return kind.model_validate(json.loads(self._store.read(ref))["note"])
        except ValidationError as error:
            raise ConfigError(f"the plan {key} was made by another docstrata: plan again") from error

    def drop(self, plan: str, keep: str = "") -> None:
        """Removes everything that was left under the plan's name, but for the note `keep`."""
        for ref in self._artifacts.below(_STAGE, plan):
            if ref.key != keep:
                self._artifacts.drop(ref.stage, ref.key)
                self._store.remove(ref)

    def drop_older(self, than_ns: int) -> int:
        """Removes plans that were made before. Returns how many."""
        plans = {ref.key.partition("/")[0] for ref in self._artifacts.below(_STAGE, "")}
        old = sorted(plan for plan in plans if made_ns(plan) < than_ns)
        for plan in old:
            self.drop(plan)
        return len(old)


def plan_name(made_at_ns: int, content: object) -> str:
    """Short: it is part of every reference. Its first eight digits say when it was made."""
    return f"{made_at_ns // _NS_PER_S:08x}{fingerprint([made_at_ns, content])[:4]}"


def made_ns(plan: str) -> int:
    return int(plan[:8], 16) * _NS_PER_S


def outcome_key(plan: str) -> str:
    return f"{plan}/outcome"


def is_carried_out(handover: Handover, batch: str) -> bool:
    """A step that is asked for once more after its plan was published has nothing left to do."""
    plan = batch.partition("/")[0]
    return handover.find(outcome_key(plan), OutcomeNote) is not None

from __future__ import annotations

import pickle

from ingest.stages.runner import RunFailed
from ingest.store import DamagedArtifact
from schemas.artifact import ArtifactRef
from schemas.report import RunSummary


def test_an_error_that_is_made_of_something_else_than_a_message_crosses_too() -> None:
    ref = ArtifactRef(stage="parse", key="k", digest="d", pack="parse/ab/abc.pack", offset=0, length=1)
    damaged = pickle.loads(pickle.dumps(DamagedArtifact(ref)))
    failed = pickle.loads(pickle.dumps(RunFailed("too many", RunSummary(run_id="r", seen=1, failed=1))))

    assert (damaged.ref, damaged.facts) == (ref, {"key": "k"})
    assert failed.summary.failed == 1

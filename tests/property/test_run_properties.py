"""Whatever happens to a folder, the index follows it; running twice changes nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quick_folders import quick_folder
from run_edits import Edit, apply, edits
from strata_fakes import Engine

from ingest.catalog.keys import uuid_text


def _findable(strata: Engine) -> set[tuple[str, str]]:
    return {(payload.path, payload.text) for payload in strata.current()}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(edits, min_size=1, max_size=4))
def test_the_index_follows_the_folder_and_a_second_run_changes_nothing(
    history: list[list[Edit]],
) -> None:
    with quick_folder() as scratch:
        folder = scratch / "inbox"
        folder.mkdir()
        strata = Engine(scratch / "home", {"run.batch_chunks": 3})
        for step in history:
            for edit in step:
                apply(folder, edit)
            strata.run(folder, allow_vanish=True)
            rows = [(row.id, dict(row.payload)) for row in strata.rows(history=True)]
            again = strata.run(folder, allow_vanish=True)
            assert (again.parsed, again.embedded, again.written, again.retired) == (0, 0, 0, 0)
            assert [(row.id, dict(row.payload)) for row in strata.rows(history=True)] == rows
            _check_laws(strata)
        fresh = Engine(scratch / "fresh")
        fresh.run(folder)
        expected = {pair for pair in _findable(fresh) if not _is_stale(strata, pair[0])}
        found = {pair for pair in _findable(strata) if not _is_stale(strata, pair[0])}
        strata.close()
        fresh.close()
        assert found == expected


def _is_stale(strata: Engine, path: str) -> bool:
    """An emptied file keeps its last good version, which a fresh home never saw."""
    return any(failure.path == path for failure in strata.context.catalog.files.failures("default"))


def _check_laws(strata: Engine) -> None:
    current = {payload.chunk_id: payload for payload in strata.current()}
    mixed = strata.mixed_vectors()
    vectors = {str(row.payload["chunk_id"]): row.dense for row in strata.rows(history=False)}
    for chunk, payload in current.items():
        if payload.survivor is None:
            assert vectors[chunk] is not None, "a survivor without a vector"
            assert np.allclose(vectors[chunk], mixed[chunk], atol=1e-5), "neighbours are mixed in otherwise"
        else:
            assert vectors[chunk] is None, "a duplicate with a vector"
            assert current[payload.survivor].survivor is None, "a survivor that is a duplicate itself"
    told = {row.chunk_id for row in strata.context.catalog.history.current_points(_documents(strata))}
    assert told == current.keys(), "the catalog and the index differ"


def _documents(strata: Engine) -> list[str]:
    return [uuid_text(row[0]) for row in strata.context.catalog.database.rows("SELECT doc_id FROM documents")]

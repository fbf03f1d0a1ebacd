"""Whatever is damaged in the index or in the catalog's rows is named, just that, and mended without the model."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from home_damage import KINDS, catalog_state, damage, index_state
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from run_edits import SENTENCES, Edit, apply, edits
from strata_fakes import Engine

from ingest.stages.reconcile import Wrong, reconcile

_BEGINNING: Edit = ("write", "z.md", "\n\n".join(f"# Part {n}\n\n{line}" for n, line in enumerate(SENTENCES)))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(edits, min_size=1, max_size=3),
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 2**32)), min_size=1, max_size=8),
)
def test_damage_is_named_and_mended_to_the_very_state_before(
    history: list[list[Edit]], wanted: list[tuple[Wrong, int]]
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "inbox"
        folder.mkdir()
        strata = Engine(Path(scratch) / "home", {"run.batch_chunks": 3})
        for step in [[_BEGINNING], *history]:
            for edit in step:
                apply(folder, edit)
            strata.run(folder, allow_vanish=True)
        clean = reconcile(strata.context, strata.parts, every_vector=True)
        assert (clean.counts, clean.left, clean.in_flight) == ({}, 0, 0)
        before = index_state(strata), catalog_state(strata)
        done = damage(strata, wanted)
        strata.embedder.texts.clear()

        found = reconcile(strata.context, strata.parts, every_vector=True, show=100)
        named = {finding.point_id: finding.kind for finding in found.first}
        mended = reconcile(strata.context, strata.parts, repair=True, every_vector=True, show=100)
        after = index_state(strata), catalog_state(strata)
        again = reconcile(strata.context, strata.parts, every_vector=True)
        texts = list(strata.embedder.texts)
        strata.close()

        assert named == done
        assert found.counts == Counter(done.values())
        assert not any(finding.mended for finding in found.first)
        assert {finding.point_id: finding.kind for finding in mended.first} == done
        assert (mended.left, mended.lost, mended.embedded, texts) == (0, (), 0, [])
        assert after == before
        assert (again.counts, again.compared) == ({}, len(before[0]))

"""Whatever is damaged in the index or in the catalog's rows is named, just that, and mended without the model."""

from __future__ import annotations

from home_damage import damage, state
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quick_folders import quick_folder
from run_edits import SENTENCES, Edit, apply, edits
from strata_fakes import Engine

from ingest.stages.findings import Damage
from ingest.stages.reconcile import reconcile

_BEGINNING: Edit = ("write", "z.md", "\n\n".join(f"# Part {n}\n\n{line}" for n, line in enumerate(SENTENCES)))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(edits, min_size=1, max_size=2),
    st.lists(st.tuples(st.sampled_from(Damage), st.integers(0, 2**32)), min_size=1, max_size=8),
)
def test_damage_is_named_and_mended_to_the_very_state_before(
    history: list[list[Edit]], wanted: list[tuple[Damage, int]]
) -> None:
    with quick_folder() as scratch:
        folder = scratch / "inbox"
        folder.mkdir()
        strata = Engine(scratch / "home", {"run.batch_chunks": 3})
        for step in [[_BEGINNING], *history]:
            for edit in step:
                apply(folder, edit)
            strata.run(folder, allow_vanish=True)
        clean = reconcile(strata.context, strata.parts, repair=False, vectors=True)
        before = state(strata)
        done = damage(strata, wanted)
        strata.embedder.texts.clear()

        found = reconcile(strata.context, strata.parts, repair=False, vectors=True)
        mended = reconcile(strata.context, strata.parts, repair=True, vectors=True)
        after, texts = state(strata), list(strata.embedder.texts)
        strata.close()

        assert (clean.findings, clean.stale, clean.rows) == ([], [], len(before[0]))
        assert {finding.point_id: finding.damage for finding in found.findings} == done
        assert (mended.is_sound, mended.mended, texts) == (True, len(done), [])
        assert after == before

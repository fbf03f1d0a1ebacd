"""A run in steps ends where the plain run ends, whatever was repeated or left out on the way."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from run_edits import Edit, apply, edits
from strata_fakes import Engine

from ingest.stages.planned import embed_batch, make_plan, prepare_batch, publish_plan
from ingest.stages.request import RunRequest
from schemas.errors import ConfigError

steps = st.lists(st.tuples(st.sampled_from(["prepare", "embed"]), st.integers(0, 9)), max_size=12)


def _planned(strata: Engine, folder: Path, taken: list[tuple[str, int]]) -> None:
    plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=2)
    names = plan.names()
    for step, number in taken if names else ():
        name = names[number % len(names)]
        if step == "prepare":
            prepare_batch(strata.context, name)
            continue
        try:
            embed_batch(strata.context, strata.parts, name)
        except ConfigError:  # it was not prepared: a scheduler would not do this, and nothing comes of it
            continue
    publish_plan(strata.context, strata.parts, plan.name)


def _history(strata: Engine) -> list[tuple[str, object]]:
    return [(row.id, row.payload) for row in strata.rows(history=True)]


def _failures(strata: Engine) -> list[tuple[str, str, str, str]]:
    failures = strata.context.catalog.files.failures(strata.settings.tenant)
    return [(failure.path, failure.code, failure.message, failure.key) for failure in failures]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(edits, steps), min_size=1, max_size=3))
def test_a_planned_run_is_the_plain_run(history: list[tuple[list[Edit], list[tuple[str, int]]]]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "inbox"
        folder.mkdir()
        plain = Engine(Path(scratch) / "plain", {"run.batch_chunks": 3})
        planned = Engine(Path(scratch) / "planned", {"run.batch_chunks": 3})
        try:
            for round_edits, taken in history:
                for edit in round_edits:
                    apply(folder, edit)
                plain.run(folder)
                _planned(planned, folder, taken)

                assert _history(planned) == _history(plain)
                assert _failures(planned) == _failures(plain)
                assert not planned.context.catalog.artifacts.below("plan", ""), "a plan that was carried out is gone"
        finally:
            plain.close()
            planned.close()

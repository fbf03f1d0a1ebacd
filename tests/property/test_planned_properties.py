"""A run in steps ends where the plain run ends, whatever was repeated, left out or edited on the way."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quick_folders import quick_folder
from run_edits import Edit, apply, edits
from strata_fakes import Engine

from ingest.stages.request import RunRequest
from ingest.stages.step_embed import embed_batch
from ingest.stages.step_plan import make_plan
from ingest.stages.step_prepare import prepare_batch
from ingest.stages.step_publish import publish_plan
from schemas.errors import ConfigError

Step = tuple[str, int | list[Edit]]

steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["prepare", "embed"]), st.integers(0, 9)),
        st.tuples(st.just("edit"), edits),
    ),
    max_size=8,
)


def _until_publishing(strata: Engine, folder: Path, taken: list[Step]) -> str:
    plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=2)
    names = plan.names()
    for step, what in taken:
        if isinstance(what, list):
            for edit in what:
                apply(folder, edit)
        elif names:
            _do(strata, step, names[what % len(names)])
    return plan.name


def _do(strata: Engine, step: str, name: str) -> None:
    if step == "prepare":
        prepare_batch(strata.context, name)
        return
    with suppress(ConfigError):  # it was not prepared: a scheduler would not do this, and nothing comes of it
        embed_batch(strata.context, strata.parts, name)


def _history(strata: Engine) -> list[tuple[str, object]]:
    return [(row.id, row.payload) for row in strata.rows(history=True)]


def _failures(strata: Engine) -> list[tuple[str, str, str, str]]:
    failures = strata.context.catalog.files.failures(strata.settings.tenant)
    return [(failure.path, failure.code, failure.message, failure.key) for failure in failures]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(edits, steps), min_size=1, max_size=3))
def test_a_planned_run_is_the_plain_run(history: list[tuple[list[Edit], list[Step]]]) -> None:
    with quick_folder() as scratch:
        folder = scratch / "inbox"
        folder.mkdir()
        plain = Engine(scratch / "plain", {"run.batch_chunks": 3})
        planned = Engine(scratch / "planned", {"run.batch_chunks": 3})
        try:
            for round_edits, taken in history:
                for edit in round_edits:
                    apply(folder, edit)
                plan = _until_publishing(planned, folder, taken)
                publish_plan(planned.context, planned.parts, plan)
                plain.run(folder)

                assert _history(planned) == _history(plain)
                assert _failures(planned) == _failures(plain)
                left = {ref.key.partition("/")[2] for ref in planned.context.catalog.artifacts.below("plan", "")}
                assert left == {"outcome"}, "of a plan that was carried out only that stays"
        finally:
            plain.close()
            planned.close()

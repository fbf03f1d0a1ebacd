from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from strata_fakes import Engine, engine

from ingest.context import run_lock
from ingest.stages.maintenance import maintain
from ingest.stages.request import RunRequest
from ingest.stages.step_plan import make_plan
from ingest.vectors import PayloadFilter
from schemas.errors import StoreDown

DAY_NS = 24 * 3600 * 10**9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("# Pump\n\nThe pump moves forty litres of water a minute at full speed.\n")
    return folder


def dated(strata: Engine, now_ns: int) -> None:
    object.__setattr__(strata.context, "clock", lambda: now_ns)


def test_a_plan_that_was_given_up_is_removed_after_a_week(tmp_path: Path, folder: Path) -> None:
    with engine(tmp_path / "home") as strata:
        now = time.time_ns()
        dated(strata, now - 8 * DAY_NS)
        make_plan(strata.context, [RunRequest((folder,))], batch_files=1)
        dated(strata, now - 6 * DAY_NS)
        kept = make_plan(strata.context, [RunRequest((folder,))], batch_files=1)
        dated(strata, now)

        done = maintain(strata.context, strata.parts)

        assert done.plans == 1
        left = strata.context.catalog.artifacts.below("plan", "")
        assert {ref.key.partition("/")[0] for ref in left} == {kept.name}
        assert len(list((tmp_path / "home" / "artifacts" / "plan").rglob("*.pack"))) == len(left)


def test_only_what_was_unpacked_long_ago_is_removed(tmp_path: Path, folder: Path) -> None:
    with engine(tmp_path / "home") as strata:
        old, young = (strata.context.home.scratch / name for name in ("old", "young"))
        for scratch in (old, young):
            (scratch / "1").mkdir(parents=True)
        os.utime(old, ns=(0, time.time_ns() - 8 * DAY_NS))

        assert maintain(strata.context, strata.parts).scratch == 1
        assert (old.exists(), young.exists()) == (False, True)


def test_a_step_that_ends_meanwhile_takes_its_scratch_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine(tmp_path / "home") as strata:
        (strata.context.home.scratch / "ended").mkdir(parents=True)
        stat = Path.stat

        def gone(path: Path, **options: bool) -> os.stat_result:
            if path.name == "ended":
                raise FileNotFoundError(path)
            return stat(path, **options)

        monkeypatch.setattr(Path, "stat", gone)
        assert maintain(strata.context, strata.parts).scratch == 0


def test_catalog_and_index_agree_after_a_run_and_a_lost_point_is_told(tmp_path: Path, folder: Path) -> None:
    with engine(tmp_path / "home") as strata:
        strata.run(folder)
        assert maintain(strata.context, strata.parts).trouble == ""

        (point,) = strata.parts.index.scroll(PayloadFilter(equals={"tenant": "default"}))
        strata.parts.index.delete([point.id])

        assert "1 current points, the index holds 0" in maintain(strata.context, strata.parts).trouble


def test_it_waits_for_no_run_when_told_not_to(tmp_path: Path) -> None:
    with engine(tmp_path / "home") as strata, engine(tmp_path / "home") as other, run_lock(other.context):  # noqa: SIM117
        with pytest.raises(StoreDown, match="is running"):
            maintain(strata.context, strata.parts, wait=False)

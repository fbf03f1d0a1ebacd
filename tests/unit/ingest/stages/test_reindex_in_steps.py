"""A collection that is built first, and switched to when somebody says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from strata_fakes import HashEmbedder, engine

from ingest.catalog.collections import CollectionState
from ingest.stages.canaries import Canary
from ingest.stages.reindex import build, drop_beside, reindex
from schemas.errors import ConfigError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "pump.md").write_text("# Pump\n\nThe pump moves 40 litres of water a minute.\n")
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "docs")
    return tmp_path / "home"


def test_a_build_switches_nothing_and_the_switch_has_only_the_rest_to_do(home: Path, tmp_path: Path) -> None:
    with engine(home, HashEmbedder(16)) as new:
        built = build(new.context, new.parts)
        again = build(new.context, new.parts)
        assert (built.copied, built.embedded) == (1, 1)
        assert (again.copied, again.embedded) == (0, 0)
    with engine(home) as old:  # the home is searched with the old model, and takes in
        (tmp_path / "docs" / "valve.md").write_text("# Valve\n\nThe valve closes by itself at 3 bar.\n")
        assert old.run(tmp_path / "docs").parsed == 1
    with engine(home, HashEmbedder(16)) as new:
        done = reindex(new.context, new.parts)
        assert (done.points, done.copied) == (2, 1)
        assert build(new.context, new.parts).copied == 0, "it is searched already"


def test_a_build_that_does_not_answer_is_not_ready_and_can_be_given_up(home: Path) -> None:
    with engine(home, HashEmbedder(16)) as new:
        with pytest.raises(ConfigError):
            build(new.context, new.parts, canaries=[Canary("Which bearing is it?", "bearing.md")])
        drop_beside(new.context, new.parts, CollectionState.BUILDING)
        assert new.context.catalog.collections.beside() is None

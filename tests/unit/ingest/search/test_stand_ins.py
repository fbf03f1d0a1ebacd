"""A filter that selects a duplicate finds its text, although it has no vector."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine

from ingest.search.searcher import SearchRequest
from schemas.point import SearchMode

VALVE = "# Valve\n\nThe valve closes when the pressure falls below two bar.\n"


@pytest.fixture
def strata(tmp_path: Path) -> Iterator[Engine]:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("a.md", "b.md", "c.md"):
        (inbox / name).write_text(VALVE, "utf-8")
    (inbox / "boiler.md").write_text("# Boiler\n\nThe boiler heats the water for the whole house.\n", "utf-8")
    opened = Engine(tmp_path / "home")
    opened.run(inbox)
    yield opened
    opened.close()


def _paths(strata: Engine, mode: SearchMode = SearchMode.HYBRID, **asked: object) -> list[str]:
    request = SearchRequest(query="When does the valve close?", tenant="default", mode=mode, **asked)
    return [hit.payload.path for hit in strata.parts.searcher.search(request).hits]


@pytest.mark.parametrize("mode", list(SearchMode))
def test_a_filter_on_a_duplicates_document_finds_it(strata: Engine, mode: SearchMode) -> None:
    assert _paths(strata, mode, equals={"path": "b.md"}) == ["b.md"]


def test_every_duplicate_that_the_filter_selects_comes_back_when_its_survivor_does_not(strata: Engine) -> None:
    assert sorted(_paths(strata, equals={"path": ("b.md", "c.md")})) == ["b.md", "c.md"]


def test_a_survivor_that_is_selected_itself_stands_for_its_duplicates(strata: Engine) -> None:
    assert _paths(strata, SearchMode.SPARSE, under="Valve") == ["a.md"]


def test_without_a_filter_only_the_survivor_is_found(strata: Engine) -> None:
    assert _paths(strata, SearchMode.SPARSE) == ["a.md", "boiler.md"]

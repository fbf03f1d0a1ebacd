"""`--under`: what was typed becomes exact headings of what is searched, now or then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine, engine

from ingest.search.request import SearchRequest, SearchResult
from ingest.search.subtree import headings_below
from ingest.vectors import PayloadFilter
from schemas.errors import ConfigError
from schemas.point import SearchMode

PUMP = """# Pump

## Chapter 1: Safety

### 1.1 Scope

Switch the pump off before work.

## Chapter 2: Care

### 2.1 Oil

Oil the pump every week.

### 2.2 Seals

Look at the seals of the pump every month.
"""
VALVE = """# Valve

## 第二章 保养

### 2.1 Grease

Grease the valve, and the pump beside it, every year.
"""


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return _inbox(tmp_path)


def _inbox(place: Path) -> Path:
    folder = place / "inbox"
    folder.mkdir()
    (folder / "pump.md").write_text(PUMP, "utf-8")
    (folder / "valve.md").write_text(VALVE, "utf-8")
    return folder


@pytest.fixture(scope="module")
def strata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Read, and not changed."""
    place = tmp_path_factory.mktemp("headed")
    with engine(place / "home") as opened:
        opened.run(_inbox(place))
        yield opened


@pytest.fixture
def changed(tmp_path: Path, inbox: Path) -> Iterator[Engine]:
    with engine(tmp_path / "home") as opened:
        opened.run(inbox)
        yield opened


def _search(strata: Engine, under: str, query: str = "pump", **changes: object) -> SearchResult:
    request = SearchRequest(query=query, tenant="default", under=under, **changes)
    return strata.parts.searcher.search(request)


def _sections(result: SearchResult) -> set[str]:
    return {hit.payload.heading_path[-1] for hit in result.hits}


@pytest.mark.parametrize("mode", list(SearchMode))
@pytest.mark.parametrize(
    ("under", "found"),
    [
        ("Chapter 2: Care", {"2.1 Oil", "2.2 Seals"}),
        ("chapter 2", {"2.1 Oil", "2.2 Seals", "2.1 Grease"}),
        ("2.1", {"2.1 Oil", "2.1 Grease"}),
        ("Pump › 2.1", {"2.1 Oil"}),
        ("第2章 › 2.1 grease", {"2.1 Grease"}),
        ("valve > 2.1", {"2.1 Grease"}),
        ("pump", {"1.1 Scope", "2.1 Oil", "2.2 Seals"}),
    ],
)
def test_a_search_stays_below_what_was_meant(strata: Engine, mode: SearchMode, under: str, found: set[str]) -> None:
    assert _sections(_search(strata, under, mode=mode)) == found


def test_several_headings_that_fit_are_told(strata: Engine) -> None:
    (told,) = _search(strata, "2.1").warnings
    assert told == "'2.1' fits 2 headings, all of which are searched: '2.1 Grease', '2.1 Oil'"
    assert _search(strata, "2.2").warnings == ()


def test_where_none_fits_near_ones_are_named(strata: Engine) -> None:
    with pytest.raises(ConfigError, match=r"no heading fits '2\.1 Oli'; near ones are '2\.1 Oil'"):
        _search(strata, "2.1 Oli")
    with pytest.raises(ConfigError, match=r"no heading under 'Valve' fits '2\.2'"):
        _search(strata, "Valve › 2.2")
    with pytest.raises(ConfigError, match="turn them round"):
        _search(strata, "2.1 › Chapter 2")
    with pytest.raises(ConfigError, match="under no heading"):
        _search(strata, "›")


def test_only_headings_of_what_the_filter_selects_count(strata: Engine) -> None:
    assert _sections(_search(strata, "2.1", equals={"path": "valve.md"})) == {"2.1 Grease"}
    with pytest.raises(ConfigError, match=r"no heading fits '1\.1'"):
        _search(strata, "1.1", equals={"path": "valve.md"})
    nothing = _search(strata, "1.1", equals={"path": "gone.md"})
    assert nothing.hits == () and "below a heading" in nothing.warnings[0]


def test_the_headings_of_the_past_are_sought_in_the_past(changed: Engine, inbox: Path) -> None:
    before = max(payload.from_seq for payload in changed.current())
    (inbox / "pump.md").write_text(PUMP.replace("2.2 Seals", "2.2 Gaskets"), "utf-8")
    changed.run(inbox)
    assert _sections(_search(changed, "seals", as_of=before)) == {"2.2 Seals"}
    assert _sections(_search(changed, "gaskets")) == {"2.2 Gaskets"}
    with pytest.raises(ConfigError, match="no heading fits 'seals'"):
        _search(changed, "seals")
    with pytest.raises(ConfigError, match="no heading fits 'gaskets'"):
        _search(changed, "gaskets", as_of=before)


def test_a_duplicate_is_found_below_its_own_heading(changed: Engine, inbox: Path) -> None:
    (inbox / "z-copy.md").write_text(PUMP, "utf-8")
    changed.run(inbox)
    (hit,) = _search(changed, "Chapter 2 › 2.1", equals={"path": "z-copy.md"}).hits
    assert hit.payload.survivor is not None


def test_headings_are_listed_all_or_below_another(strata: Engine) -> None:
    where = PayloadFilter({"tenant": strata.settings.tenant})
    every = headings_below(strata.parts.index, where, None)
    assert every == sorted(every) and {"Pump", "2.1 Oil", "第二章 保养"} <= {*every}
    assert headings_below(strata.parts.index, where, "Pump › chapter 2") == ["2.1 Oil", "2.2 Seals"]
    with pytest.raises(ConfigError, match="near ones"):
        headings_below(strata.parts.index, where, "Pmup")

"""`--expand`: larger text around what was found, as of a time, and each text once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine

from ingest.search.expander import Expander
from ingest.search.manifests import Manifests
from ingest.search.request import SearchRequest, SearchResult
from schemas.point import Expand, SearchMode

PARTS = ("inlet", "outlet", "bearing", "gasket", "impeller")


def _sentences(name: str, number: int) -> str:
    return "\n\n".join(
        f"The {name} has screw {name}-{each}, which holds {each * 7} newton metres." for each in range(number)
    )


def _manual(sections: dict[str, int]) -> str:
    return "# Pump\n\n" + "\n\n".join(
        f"## {name.title()}\n\n{_sentences(name, number)}" for name, number in sections.items()
    )


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "pump.md").write_text(_manual(dict.fromkeys(PARTS, 12)), "utf-8")
    return folder


@pytest.fixture
def strata(tmp_path: Path, inbox: Path) -> Iterator[Engine]:
    opened = Engine(tmp_path / "home", {"chunk.target_tokens": 60, "chunk.max_tokens": 80})
    opened.run(inbox)
    yield opened
    opened.close()


def _search(
    strata: Engine, query: str, how: Expand, tokens: int = 512, limit: int = 1, as_of: int | None = None
) -> SearchResult:
    request = SearchRequest(query=query, tenant="default", limit=limit, mode=SearchMode.SPARSE, as_of=as_of)
    found = strata.parts.searcher.search(request)
    return Expander(Manifests(strata.context), strata.parts.counter, tokens, as_of).expand(found, how)


def test_a_section_is_shown_whole_and_the_hit_is_marked(strata: Engine) -> None:
    result = _search(strata, "bearing-7", Expand.SECTION, tokens=200)
    (expansion,) = result.expansions
    assert expansion.hits == (1,)
    assert all(expansion.text.count(f"bearing-{each},") == 1 for each in range(12))
    assert "outlet" not in expansion.text
    ((start, end),) = expansion.marks
    assert expansion.text[start:end] == result.hits[0].payload.text
    assert expansion.heading_path[-1] == "Bearing"
    assert expansion.tokens == strata.parts.counter.count([expansion.text])[0] <= 200


@pytest.mark.parametrize("how", list(Expand))
@pytest.mark.parametrize("tokens", [90, 130, 200, 333, 5000])
def test_the_limit_holds_by_the_embedders_tokenizer(strata: Engine, how: Expand, tokens: int) -> None:
    (expansion,) = _search(strata, "bearing-7", how, tokens).expansions
    assert expansion.tokens <= tokens
    assert len(expansion.chunk_ids) > 1 or tokens < 200


def test_neighbours_cross_the_borders_of_sections(strata: Engine) -> None:
    (expansion,) = _search(strata, "bearing-0", Expand.NEIGHBOURS, tokens=300).expansions
    assert "outlet-11," in expansion.text
    assert "bearing-1," in expansion.text
    assert expansion.heading_path == ("Pump",)


def test_hits_of_one_section_are_shown_once(strata: Engine) -> None:
    result = _search(strata, "bearing screw bearing-1 bearing-9", Expand.SECTION, tokens=200, limit=3)
    bearings = [rank for rank, hit in enumerate(result.hits, 1) if hit.payload.heading_path[-1] == "Bearing"]
    assert len(bearings) > 1
    shared = [expansion for expansion in result.expansions if set(bearings) <= set(expansion.hits)]
    assert len(shared) == 1
    marked = [shared[0].text[start:end] for start, end in shared[0].marks]
    assert len(set(marked)) == len(shared[0].hits)
    assert sorted(rank for expansion in result.expansions for rank in expansion.hits) == [1, 2, 3]


def test_a_search_as_of_a_time_shows_the_text_of_that_time(strata: Engine, inbox: Path) -> None:
    (inbox / "pump.md").write_text(_manual({"inlet": 3, "bearing": 4}).replace("newton metres", "Nm"), "utf-8")
    strata.run(inbox)
    (now,) = _search(strata, "bearing-2", Expand.SECTION).expansions
    (then,) = _search(strata, "bearing-2", Expand.SECTION, as_of=1).expansions
    assert ("Nm" in now.text, "newton" in now.text) == (True, False)
    assert ("Nm" in then.text, "newton" in then.text) == (False, True)


def test_a_duplicate_is_shown_in_its_own_document(strata: Engine, inbox: Path) -> None:
    (inbox / "copy.md").write_text("# Copy\n\nOnly here.\n\n" + _manual({"bearing": 12}), "utf-8")
    strata.run(inbox)
    request = SearchRequest(query="bearing-7", tenant="default", limit=1, equals={"path": "copy.md"})
    found = strata.parts.searcher.search(request)
    expander = Expander(Manifests(strata.context), strata.parts.counter, 5000, None)
    (expansion,) = expander.expand(found, Expand.NEIGHBOURS).expansions
    assert "Only here." in expansion.text
    assert "outlet" not in expansion.text


def test_a_hit_whose_chunks_are_damaged_is_shown_alone_and_told(strata: Engine, tmp_path: Path) -> None:
    for pack in (tmp_path / "home" / "artifacts" / "chunk").rglob("*.pack"):
        pack.unlink()
    result = _search(strata, "bearing-7", Expand.SECTION)
    assert result.expansions[0].text == result.hits[0].payload.text
    assert "pump.md" in result.warnings[0]


def test_a_table_is_shown_with_its_header_once(strata: Engine, inbox: Path) -> None:
    rows = "\n".join(f"| part-{each} | {each * 3} kilogram |" for each in range(40))
    (inbox / "table.md").write_text(f"# Weights\n\n| Component | Weight |\n|---|---|\n{rows}\n", "utf-8")
    strata.run(inbox)
    (expansion,) = _search(strata, "part-21", Expand.SECTION, tokens=2000).expansions
    assert len(expansion.chunk_ids) > 2
    assert expansion.text.count("Component") == 1
    assert all(expansion.text.count(f"part-{each} ") == 1 for each in range(40))

"""`--explain`: what is told adds up, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine, engine

from ingest.options.index import SearchOptions
from ingest.search.request import SearchRequest, SearchResult
from schemas.point import Fusion, SearchMode

WORDS = ("pump", "valve", "bearing", "gasket", "impeller", "泵", "阀门")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("explained")
    inbox = place / "inbox"
    inbox.mkdir()
    for number in range(30):
        some = " ".join(WORDS[each % len(WORDS)] for each in range(number, number + number % 5 + 2))
        (inbox / f"{number}.md").write_text(
            f"# {WORDS[number % 7].title()} {number}\n\nOf the {some}: part ERR-{number:03}, number {number}.\n",
            "utf-8",
        )
    (inbox / "z.md").write_text((inbox / "0.md").read_text("utf-8"), "utf-8")
    with engine(place / "home") as strata:
        strata.run(inbox)
    return place / "home"


@pytest.fixture
def strata(home: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    with engine(home, **getattr(request, "param", {})) as opened:
        yield opened


def _search(strata: Engine, query: str, *, explain: bool = True, **changes: object) -> SearchResult:
    request = SearchRequest(query=query, tenant="default", explain=explain, **changes)
    return strata.parts.searcher.search(request)


@pytest.mark.parametrize("strata", [{"search__fusion": "rrf"}, {"search__fusion": "scores"}], indirect=True)
@pytest.mark.parametrize("query", ["what is the pump valve for?", "gasket", "ERR-007", "泵 阀门 pump", "pump 3 pump"])
@pytest.mark.parametrize("mode", list(SearchMode))
def test_parts_add_up_to_the_scores(strata: Engine, query: str, mode: SearchMode) -> None:
    result = _search(strata, query, mode=mode)
    why = result.explanation
    assert why is not None and result.hits and len(why.hits) == len(result.hits)
    for rank, (hit, told) in enumerate(zip(result.hits, why.hits, strict=True), 1):
        assert told.rank == rank
        assert hit.score == pytest.approx((told.dense or 0) + (told.sparse or 0))
        assert (told.dense is None) is (hit.dense_rank is None)
        if hit.sparse_score is not None:
            # The engine's own IDF, told apart by word: nothing was reckoned beside it.
            assert sum(term.weight for term in told.terms) == pytest.approx(hit.sparse_score, rel=1e-4)
    assert (why.dense_found, why.sparse_found) == (
        sum(hit.dense_rank is not None for hit in _search(strata, query, mode=mode, limit=99).hits),
        sum(hit.sparse_rank is not None for hit in _search(strata, query, mode=mode, limit=99).hits),
    )


@pytest.mark.parametrize("strata", [{"search__fusion": "rrf"}, {"search__fusion": "scores"}], indirect=True)
@pytest.mark.parametrize("query", ["what is the pump valve for?", "gasket", "ERR-007", "ERR-999", "泵"])
def test_telling_changes_nothing(strata: Engine, query: str) -> None:
    told, plain = _search(strata, query), _search(strata, query, explain=False)
    assert told.hits == plain.hits
    assert plain.explanation is None


def test_words_are_told_with_how_many_passages_hold_them(strata: Engine) -> None:
    why = _search(strata, "number nothing").explanation
    assert why is not None
    number, nothing = why.terms
    assert (number.term, nothing.term) == ("number", "noth")
    assert number.share is not None and number.share > 0.9
    assert nothing.idf is None and nothing.share is None


def test_weights_follow_the_question_and_have_their_reason(strata: Engine) -> None:
    full = SearchOptions().full_dense_weight
    asked = {query: _search(strata, query).explanation for query in ("how is the pump oiled?", "ERR-007", "ERR-999")}
    weights = {query: why.dense_weight / full for query, why in asked.items() if why is not None}
    assert weights["how is the pump oiled?"] == pytest.approx(1, abs=0.3)
    assert weights["ERR-007"] < 0.6 * weights["how is the pump oiled?"]
    known = asked["ERR-007"]
    assert known is not None and "'ERR-007'" in known.reasons[0]


@pytest.mark.parametrize("strata", [{"search__routing": False}], indirect=True)
def test_without_routing_the_weight_is_what_is_set(strata: Engine) -> None:
    why = _search(strata, "ERR-007").explanation
    assert why is not None and why.dense_weight <= SearchOptions().full_dense_weight and why.reasons == ()


def test_what_was_asked_of_the_index_is_told(strata: Engine) -> None:
    why = _search(strata, "pump", equals={"path": ("0.md", "7.md")}, under="Pump 0", as_of=50).explanation
    assert why is not None
    conditions = {condition.field: condition.values for condition in why.conditions}
    assert conditions == {"tenant": ("default",), "path": ("0.md", "7.md"), "heading_path": ("Pump 0",)}
    assert why.under == (("Pump 0",),) and why.as_of == 50 and why.depth == SearchOptions().per_leg
    assert why.fusion is Fusion.SCORES and why.mode is SearchMode.HYBRID
    steps = [step.name for step in why.steps]
    assert steps == ["embed", "headings", "duplicates", "dense", "sparse", "words", "fuse", "explain"]
    assert all(step.milliseconds >= 0 for step in why.steps)


def test_a_duplicate_is_explained_by_what_it_was_found_as(strata: Engine) -> None:
    result = _search(strata, "pump valve", equals={"path": "z.md"})
    why = result.explanation
    assert why is not None and result.hits[0].payload.path == "z.md"
    assert result.hits[0].payload.survivor is not None
    assert sum(term.weight for term in why.hits[0].terms) == pytest.approx(result.hits[0].sparse_score, rel=1e-4)


@pytest.mark.parametrize("mode", list(SearchMode))
def test_where_one_ranking_finds_nothing_the_other_answers(strata: Engine, mode: SearchMode) -> None:
    """Whatever the form says: nothing is dropped."""
    hits = _search(strata, "XYZ-123 “qqq”", mode=mode).hits
    assert bool(hits) is (mode is not SearchMode.SPARSE)

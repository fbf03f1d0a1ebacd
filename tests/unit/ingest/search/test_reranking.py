"""The first hits, ordered anew; and the other parts of a search beside that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from strata_fakes import Engine, engine

from ingest.search.expander import Expander
from ingest.search.manifests import Manifests
from ingest.search.request import SearchRequest, SearchResult
from ingest.search.searcher import Searcher
from schemas.errors import ConfigError
from schemas.point import Expand


class LastLetters:
    """Judges a passage by the number in it: what fusion does not."""

    name = "last-letters"
    limit = 50

    def __init__(self) -> None:
        self.read: list[str] = []

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        self.read += passages
        return [float("".join(filter(str.isdigit, passage)) or 0) for passage in passages]

    def too_long(self, question: str, passages: Sequence[str]) -> int:
        return sum(len(passage) > self.limit for passage in passages)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("reranked")
    inbox = place / "inbox"
    inbox.mkdir()
    for number in range(40):
        (inbox / f"{number}.md").write_text(f"## Care\n\nOil the pump of type {number}.\n", "utf-8")
    with engine(place / "home") as strata:
        strata.run(inbox)
        (inbox / "39.md").write_text("## Care\n\nOil the pump of type 99 daily, and its seals.\n", "utf-8")
        strata.run(inbox)
    return place / "home"


def _searcher(strata: Engine, reranker: LastLetters | None) -> Searcher:
    parts = strata.parts
    return Searcher(
        parts.index, parts.embedder, parts.encoder, parts.counter, strata.settings.search, reranker=reranker
    )


def _search(strata: Engine, reranker: LastLetters | None, **changes: object) -> SearchResult:
    request = SearchRequest(**{"query": "oil the pump", "tenant": "default", **changes})
    return _searcher(strata, reranker).search(request)


def test_the_order_is_that_of_the_rerankers_scores(home: Path) -> None:
    with engine(home) as strata:
        result = _search(strata, LastLetters(), limit=5)
    assert [hit.rerank_score for hit in result.hits] == sorted((hit.rerank_score for hit in result.hits), reverse=True)
    assert len({hit.score for hit in result.hits}) > 1


def test_no_more_are_read_than_the_depth_and_the_others_follow_as_they_were(home: Path) -> None:
    with engine(home, search__rerank_depth=4) as strata:
        model = LastLetters()
        plain = _search(strata, None, limit=3)
        assert len(_search(strata, model, limit=3).hits) == 3
        assert len(model.read) == 4
        many = _search(strata, LastLetters(), limit=8)
    assert {hit.point_id for hit in many.hits} >= {hit.point_id for hit in plain.hits}
    assert all(hit.rerank_score is not None for hit in many.hits), "as many as were asked for are read"


def test_it_may_be_left_out_or_asked_for(home: Path) -> None:
    with engine(home) as strata:
        plain, model = _search(strata, None), LastLetters()
        assert _search(strata, model, rerank=False) == plain
        assert model.read == []
        assert _search(strata, model, rerank=True) == _search(strata, model)
        with pytest.raises(ConfigError, match=r"rerank_model"):
            _search(strata, None, rerank=True)


def test_what_is_judged_by_its_beginning_is_told(home: Path) -> None:
    with engine(home) as strata:
        model = LastLetters()
        model.limit = 20
        (told,) = _search(strata, model, limit=3).warnings
        assert "longer than the 20 tokens that last-letters reads" in told
        assert _search(strata, LastLetters(), limit=3, equals={"path": "1.md"}).warnings == ()


def test_explanations_tell_the_rank_before(home: Path) -> None:
    with engine(home) as strata:
        result, plain = _search(strata, LastLetters(), explain=True), _search(strata, None, limit=40)
    why = result.explanation
    assert why is not None and (why.reranker, why.reranked) == ("last-letters", 30)
    before = {hit.point_id: rank for rank, hit in enumerate(plain.hits, 1)}
    assert [told.rank for told in why.hits] == [before[hit.point_id] for hit in result.hits]
    assert "rerank" in [step.name for step in why.steps]


def test_the_past_filters_subtrees_and_expansions_work_beside_it(home: Path) -> None:
    with engine(home) as strata:
        before = max(p.from_seq for p in strata.current() if p.path == "0.md")
        for as_of, best, words in ((None, 99.0, "seals"), (before, 39.0, "type 39")):
            asked = {"under": "care", "equals": {"path": ("39.md", "3.md")}, "as_of": as_of}
            result = _search(strata, LastLetters(), **asked)
            assert result.hits[0].rerank_score == best and len(result.hits) == 2
            shown = Expander(Manifests(strata.context), strata.parts.counter, 200, as_of).expand(result, Expand.SECTION)
            assert words in shown.expansions[0].text and shown.expansions[0].hits == (1,)

"""Searching a real embedded index, with an embedder that one can reckon by hand."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.options.index import Bm25Options, SearchOptions
from ingest.search.bm25 import Bm25Encoder
from ingest.search.searcher import Searcher, SearchRequest, SearchResult
from ingest.sinks.edge import EdgeIndex
from ingest.vectors import CollectionSpec, IndexPoint, Vector
from schemas.errors import ConfigError
from schemas.point import OPEN, Fusion, PointPayload, SearchMode

TOPICS = ("stone", "river", "fire", "wind")
ENCODER = Bm25Encoder(Bm25Options())


class TopicModel:
    """Knows four topics and reads ASCII: the vector counts the topics, every character is a token."""

    limit = 40

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_query(self, text: str) -> Vector:
        assert len(text) <= self.limit
        self.asked.append(text)
        return topic_vector(text)

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]

    def unknown_shares(self, texts: Sequence[str]) -> list[float]:
        return [sum(not c.isascii() for c in text) / len(text) if text else 0.0 for text in texts]


def topic_vector(text: str) -> Vector:
    vector = np.array([text.count(topic) for topic in TOPICS], dtype=np.float32) + np.float32(0.01)
    return vector / np.linalg.norm(vector)


def row(number: int, text: str, **changes: object) -> IndexPoint:
    record = PointPayload(
        tenant="t",
        source="s",
        path=f"{number}.md",
        doc_id=f"doc-{number}",
        chunk_id=f"chunk-{number}",
        text=text,
        kind="text",
        section="1",
        position=number,
        token_count=5,
        unknown_share=TopicModel().unknown_shares([text])[0],
        media_type="text/markdown",
        strategy="rules",
        current=True,
        from_seq=1,
    )
    changed = PointPayload.model_validate({**record.model_dump(), **changes})
    return IndexPoint(
        id=str(UUID(int=number + 1)),
        payload=changed.model_dump(mode="json"),
        dense=topic_vector(text),
        sparse=ENCODER.encode_passages([text])[0],
    )


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeIndex]:
    index = EdgeIndex(tmp_path_factory.mktemp("search"))
    index.ensure(CollectionSpec("search", len(TOPICS), "f"))
    yield index
    index.close()


@pytest.fixture
def index(shared: EdgeIndex) -> EdgeIndex:
    shared.delete([str(UUID(int=number + 1)) for number in range(400)])
    return shared


def searcher(index: EdgeIndex, model: TopicModel | None = None, **options: object) -> Searcher:
    model = model or TopicModel()
    return Searcher(index, model, ENCODER, model, SearchOptions(**options))


def found(result: SearchResult) -> list[str]:
    return [hit.payload.chunk_id for hit in result.hits]


def ask(query: str, **changes: object) -> SearchRequest:
    return SearchRequest(**{"query": query, "tenant": "t", **changes})


def test_both_rankings_are_fused_and_told(index: EdgeIndex) -> None:
    index.upsert([row(0, "stone stone river"), row(1, "a pebble called stone"), row(2, "wind"), row(3, "stonework")])
    result = searcher(index).search(ask("stone"))
    assert set(found(result)[:2]) == {"chunk-0", "chunk-1"}
    best = result.hits[0]
    assert best.dense_rank is not None and best.sparse_rank is not None
    assert best.dense_score is not None and best.sparse_score is not None
    by_chunk = {hit.payload.chunk_id: hit for hit in result.hits}
    # Only the model sees the stone in stonework.
    assert by_chunk["chunk-3"].sparse_rank is None and by_chunk["chunk-3"].dense_rank is not None
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)
    assert result.warnings == ()


def test_each_mode_asks_its_ranking_alone(index: EdgeIndex) -> None:
    index.upsert([row(0, "stonework"), row(1, "stone river fire wind")])
    model = TopicModel()
    dense = searcher(index, model).search(ask("stone", mode=SearchMode.DENSE))
    assert found(dense) == ["chunk-0", "chunk-1"]
    assert all(hit.sparse_rank is None and hit.score == hit.dense_score for hit in dense.hits)
    asked = len(model.asked)
    sparse = searcher(index, model).search(ask("stone", mode=SearchMode.SPARSE))
    assert found(sparse) == ["chunk-1"]
    assert all(hit.dense_rank is None and hit.score == hit.sparse_score for hit in sparse.hits)
    assert len(model.asked) == asked, "the model was asked for a search by words"


def test_a_question_that_the_model_cannot_read_is_answered_by_words(index: EdgeIndex) -> None:
    index.upsert([row(0, "分布式训练需要多台机器"), row(1, "石头和河流"), row(2, "stone")])
    model = TopicModel()
    result = searcher(index, model).search(ask("分布式训练"))
    assert found(result) == ["chunk-0"]
    assert model.asked == []


def test_a_warning_names_what_to_configure_once(index: EdgeIndex) -> None:
    index.upsert([row(0, "分布式训练")])
    one = searcher(index)
    first, second = one.search(ask("分布式训练")), one.search(ask("分布式训练"))
    (warning,) = first.warnings
    assert "multilingual" in warning and "[embed] model" in warning
    assert second.warnings == ()
    assert searcher(index).search(ask("stone")).warnings == ()


def test_texts_that_the_model_cannot_read_do_not_rise_by_their_vector(index: EdgeIndex) -> None:
    index.upsert([row(0, "stone 石头石头石头石头石头石头石头石头石头石头石头石头"), row(1, "a stone, round and grey")])
    assert found(searcher(index).search(ask("stone")))[0] == "chunk-1"


@pytest.mark.parametrize("query", ["", "   ", "???", "\t…！？\n", "== ** ~~", "\u200b"])
def test_an_empty_question_is_refused(query: str) -> None:
    with pytest.raises(ConfigError, match="the question is empty"):
        ask(query)


@pytest.mark.parametrize("query", ["😀", "€"])
def test_a_question_without_words_finds_nothing_by_words(index: EdgeIndex, query: str) -> None:
    index.upsert([row(0, "stone")])
    assert searcher(index).search(ask(query, mode=SearchMode.SPARSE)).hits == ()


@pytest.mark.parametrize("query", ["😀", "😀😀"])
@pytest.mark.parametrize("mode", list(SearchMode))
def test_a_question_that_nobody_can_read_finds_nothing(index: EdgeIndex, query: str, mode: SearchMode) -> None:
    index.upsert([row(0, "stone")])
    assert searcher(index).search(ask(query, mode=mode)).hits == ()


def test_old_and_new_rows_of_a_chunk_are_one_hit_the_newer(index: EdgeIndex) -> None:
    index.upsert(
        [
            row(0, "stone stone", chunk_id="c", from_seq=1),
            row(1, "stone stone", chunk_id="c", from_seq=2, pages=(3,)),
            row(2, "stone"),
        ]
    )
    for mode in SearchMode:
        hits = searcher(index).search(ask("stone", mode=mode)).hits
        assert sorted(hit.payload.chunk_id for hit in hits) == ["c", "chunk-2"]
        (hit,) = [hit for hit in hits if hit.payload.chunk_id == "c"]
        assert hit.payload.from_seq == 2 and hit.payload.pages == (3,)
        ranks = {rank for hit in hits for rank in (hit.dense_rank, hit.sparse_rank)} - {None}
        assert ranks == {1, 2}


def test_a_search_stays_in_its_tenant(index: EdgeIndex) -> None:
    index.upsert([row(0, "stone"), row(1, "stone", tenant="other")])
    assert found(searcher(index).search(ask("stone"))) == ["chunk-0"]
    assert found(searcher(index).search(ask("stone", tenant="other"))) == ["chunk-1"]
    with pytest.raises(ConfigError, match="tenant"):
        ask("stone", equals={"tenant": "other"})


def test_filters_headings_and_moments_narrow_both_rankings(index: EdgeIndex) -> None:
    index.upsert(
        [
            row(0, "stone", heading_path=("Guide", "Install")),
            row(1, "stone", heading_path=("Guide",), language="zh"),
            row(2, "stone", current=False, from_seq=1, to_seq=5),
            row(3, "stone", current=False, from_seq=5, to_seq=OPEN),
        ]
    )
    one = searcher(index)
    for mode in SearchMode:
        assert set(found(one.search(ask("stone", mode=mode)))) == {"chunk-0", "chunk-1"}
        assert found(one.search(ask("stone", mode=mode, under="Install"))) == ["chunk-0"]
        assert set(found(one.search(ask("stone", mode=mode, under="Guide")))) == {"chunk-0", "chunk-1"}
        assert found(one.search(ask("stone", mode=mode, under="Guide", equals={"language": "zh"}))) == ["chunk-1"]
        assert found(one.search(ask("stone", mode=mode, equals={"path": ("0.md", "9.md")}))) == ["chunk-0"]
        assert set(found(one.search(ask("stone", mode=mode, as_of=4)))) == {"chunk-0", "chunk-1", "chunk-2"}
        assert set(found(one.search(ask("stone", mode=mode, as_of=5)))) == {"chunk-0", "chunk-1", "chunk-3"}


def test_an_unknown_field_is_refused(index: EdgeIndex) -> None:
    with pytest.raises(ConfigError, match="cannot be filtered on"):
        searcher(index).search(ask("stone", equals={"colour": "grey"}))


def test_two_wishes_about_headings_are_refused() -> None:
    with pytest.raises(ConfigError, match="not both"):
        ask("stone", under="Guide", equals={"heading_path": "Install"})


def test_no_more_hits_come_than_were_asked_for(index: EdgeIndex) -> None:
    index.upsert([row(number, f"stone {number}") for number in range(30)])
    for mode in SearchMode:
        assert len(searcher(index).search(ask("stone", limit=7, mode=mode)).hits) == 7
    with pytest.raises(ConfigError):
        ask("stone", limit=0)


def test_a_question_longer_than_the_model_reads_is_cut_and_says_so(
    index: EdgeIndex, caplog: pytest.LogCaptureFixture
) -> None:
    index.upsert([row(0, "river"), row(1, "a needle")])
    model = TopicModel()
    with caplog.at_level(logging.INFO, logger="docstrata"):
        result = searcher(index, model).search(ask("river " * 20 + "needle"))
    (asked,) = model.asked
    assert asked == ("river " * 20)[:40]
    assert "126 tokens" in result.warnings[0]
    assert [record.message for record in caplog.records] == ["query_cut"]
    # The words beyond the cut are still looked for.
    assert {hit.payload.chunk_id for hit in result.hits if hit.sparse_rank} == {"chunk-0", "chunk-1"}


def test_an_empty_index_finds_nothing(index: EdgeIndex) -> None:
    for mode in SearchMode:
        assert searcher(index).search(ask("stone", mode=mode)).hits == ()


def test_levels_in_the_wrong_order_leave_as_many_hits_as_there_are(index: EdgeIndex) -> None:
    """The index knows headings and not their order: what stands in the wrong one is put away afterwards, and more is
    fetched as long as hits are missing."""
    turned = [row(number, "stone stone", heading_path=("Install", "Guide")) for number in range(80)]
    right = [row(80 + number, "stone and a river", heading_path=("Guide", "Install")) for number in range(7)]
    index.upsert([*turned, *right])
    one = searcher(index, per_leg=5)
    wanted = {f"chunk-{80 + number}" for number in range(7)}
    for mode in SearchMode:
        assert set(found(one.search(ask("stone", mode=mode, under="Guide › Install")))) == wanted
        few = one.search(ask("stone", mode=mode, under="Guide › Install", limit=3))
        assert len(few.hits) == 3 and set(found(few)) <= wanted


MIXED = st.text(st.sampled_from("石头河流大火风 stone"), max_size=8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(MIXED, min_size=1, max_size=12), st.text("石头河流大火风", min_size=1, max_size=4))
def test_a_question_in_a_script_that_the_model_cannot_read_has_the_order_of_its_words(
    index: EdgeIndex, texts: list[str], question: str
) -> None:
    index.upsert([row(number, text) for number, text in enumerate(texts)])
    for fusion in Fusion:
        one = searcher(index, SomeHan(), fusion=fusion)
        both, words = (one.search(ask(question, mode=mode)) for mode in (SearchMode.HYBRID, SearchMode.SPARSE))
        assert found(both) == found(words)
    index.delete([str(UUID(int=number + 1)) for number in range(len(texts))])


class SomeHan(TopicModel):
    """Has two Han among its tokens, by accident, as models of English do."""

    def unknown_shares(self, texts: Sequence[str]) -> list[float]:
        return super().unknown_shares([text.replace("石", "a").replace("头", "a") for text in texts])

"""A second model orders the first hits."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_cross_encoder import LIMIT, make_tiny_cross_encoder

from ingest.embed.cross_encoder import CrossEncoderReranker
from ingest.options.embed import EmbedOptions
from schemas.errors import ConfigError

CPU = EmbedOptions(device="cpu")
PASSAGES = ("layers of rock", "clay and sand", "the oldest is below", "strata lie on one another")


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> CrossEncoderReranker:
    return CrossEncoderReranker(str(make_tiny_cross_encoder(tmp_path_factory.mktemp("tiny"))), CPU)


def test_question_and_passage_are_read_together(reranker: CrossEncoderReranker) -> None:
    scores = reranker.scores("strata", PASSAGES)
    assert len(set(scores)) == len(PASSAGES)
    assert scores != pytest.approx(reranker.scores("the clay", PASSAGES))
    # Neither the others in the batch nor the order decide.
    assert reranker.scores("strata", PASSAGES[::-1]) == pytest.approx(scores[::-1], abs=1e-5)
    assert reranker.scores("strata", PASSAGES * 20)[-4:] == pytest.approx(scores, abs=1e-5)


def test_a_long_passage_is_cut_by_the_models_own_tokenizer_and_counted(reranker: CrossEncoderReranker) -> None:
    assert reranker.limit == LIMIT
    room = LIMIT - 4  # the question's word, and three special tokens
    fits, longer = " ".join(["clay"] * room), " ".join(["clay"] * room + ["sand"] * 50)
    assert reranker.too_long("strata", [fits, longer, "clay"]) == 1
    assert reranker.scores("strata", [longer]) == pytest.approx(reranker.scores("strata", [fits]))


def test_building_one_loads_nothing() -> None:
    assert CrossEncoderReranker("/nowhere", CPU).name == "/nowhere"


@pytest.mark.parametrize("make", ["nothing", "three"])
def test_what_is_no_reranker_is_refused_in_a_sentence(tmp_path: Path, make: str) -> None:
    if make == "three":
        make_tiny_cross_encoder(tmp_path, labels=3)
    with pytest.raises(ConfigError, match=r"search\.rerank_model"):
        CrossEncoderReranker(str(tmp_path), CPU).scores("strata", PASSAGES)

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pydantic import ValidationError
from vector_fakes import BagOfWords
from writer_fakes import Echo

from chunkers.options import ChunkOptions, Limits
from chunkers.registry import STRATEGIES, make_chunker, needs_writer
from schemas.errors import ConfigError


class Counter:
    fingerprint = "spaces"

    def __init__(self, limit: int = 256) -> None:
        self.limit = limit

    def count(self, texts: Sequence[str]) -> list[int]:
        return [2 + len(text.split()) for text in texts]


def test_sizes_have_to_ascend() -> None:
    with pytest.raises(ValidationError, match="min_tokens <= target_tokens <= max_tokens"):
        ChunkOptions(min_tokens=200)


def test_unknown_options_are_refused() -> None:
    with pytest.raises(ValidationError):
        ChunkOptions(max_token=3)


def test_options_are_lowered_to_what_the_embedder_reads() -> None:
    limits = Limits.of(ChunkOptions(target_tokens=300, max_tokens=512), Counter(limit=256))
    assert (limits.target, limits.maximum, limits.content, limits.context) == (256, 256, 254, 63)


def test_an_embedder_that_reads_too_little_is_refused() -> None:
    with pytest.raises(ConfigError, match="too few"):
        Limits.of(ChunkOptions(), Counter(limit=9))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_is_made_by_its_name(strategy: str) -> None:
    made = make_chunker(strategy, ChunkOptions(), Counter(), vectors=BagOfWords(), writer=Echo())
    assert made.name == strategy


def test_a_rule_for_one_kind_may_ask_for_a_writer() -> None:
    rule = {"kind": "contract", "strategy": "proposition"}
    assert needs_writer(ChunkOptions(rules=(rule,)))
    assert not needs_writer(ChunkOptions())
    assert needs_writer(ChunkOptions(strategy="proposition"))


def test_propositions_are_refused_where_nothing_writes_them() -> None:
    with pytest.raises(ConfigError, match="needs a language model"):
        make_chunker("proposition", ChunkOptions(), Counter())


def test_an_unknown_strategy_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'hybrid'"):
        make_chunker("hibrid", ChunkOptions(), Counter())


def test_cohesion_is_what_the_options_name() -> None:
    versions = [make_chunker("hybrid", ChunkOptions(cohesion=name), Counter()).version for name in ("none", "lexical")]
    assert [version.split("+")[1] for version in versions] == ["none", "lexical-2"]


def test_cohesion_by_vectors_is_refused_where_nothing_makes_them() -> None:
    with pytest.raises(ConfigError, match="sentence vectors"):
        make_chunker("hybrid", ChunkOptions(cohesion="embedding"), Counter())

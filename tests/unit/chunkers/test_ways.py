from __future__ import annotations

import pytest
from chunk_laws import Words
from made_documents import document
from pydantic import ValidationError
from vector_fakes import BagOfWords

from chunkers.kinds import DocumentKind
from chunkers.options import ChunkOptions, KindRule
from chunkers.registry import make_chunker, needs_vectors
from chunkers.routing import ways
from schemas.chunk import Chunk
from schemas.document import Document
from schemas.errors import ConfigError

PROSE = document(("heading", "The flood"), ("paragraph", "It rained for days. The river rose. " * 30))
CODE = document(*[("code", f"def pump_{n}():\n    return water") for n in range(4)])


def chunked(options: ChunkOptions, doc: Document) -> list[Chunk]:
    return list(make_chunker(options.strategy, options, Words(300)).chunk(doc))


def test_prose_is_cut_as_hybrid_cuts_it() -> None:
    named = chunked(ChunkOptions(strategy="hybrid"), PROSE)
    routed = chunked(ChunkOptions(), PROSE)
    assert {chunk.rule for chunk in routed} == {"kind:prose"}
    assert {chunk.rule for chunk in named} == {"option"}
    assert [chunk.model_copy(update={"rule": "option"}) for chunk in routed] == named


def test_a_chunk_bears_the_rule_that_chose_its_strategy() -> None:
    assert {(chunk.strategy, chunk.rule) for chunk in chunked(ChunkOptions(min_tokens=0), CODE)} == {
        ("document", "kind:code")
    }


def test_a_rule_of_the_options_stands_above_the_built_in_one() -> None:
    rules = (KindRule(kind=DocumentKind.CODE, strategy="recursive", target_tokens=30),)
    assert {(chunk.strategy, chunk.rule) for chunk in chunked(ChunkOptions(rules=rules), CODE)} == {
        ("recursive", "rule:code")
    }
    assert chunked(ChunkOptions(rules=rules), PROSE) == chunked(ChunkOptions(), PROSE)


def test_a_rule_may_change_sizes_alone() -> None:
    rules = (KindRule(kind=DocumentKind.PROSE, target_tokens=200),)
    found = dict(ways(ChunkOptions(rules=rules)))
    assert (found[DocumentKind.PROSE].options.strategy, found[DocumentKind.PROSE].options.target_tokens) == (
        "hybrid",
        200,
    )
    assert len(chunked(ChunkOptions(rules=rules), PROSE)) < len(chunked(ChunkOptions(), PROSE))


def test_a_named_strategy_is_for_every_document() -> None:
    rules = (KindRule(kind=DocumentKind.CODE, strategy="recursive"),)
    assert {chunk.strategy for chunk in chunked(ChunkOptions(strategy="character", rules=rules), PROSE)} == {
        "character"
    }


def test_every_kind_has_a_way() -> None:
    assert [kind for kind, _ in ways(ChunkOptions())] == list(DocumentKind)


def test_sizes_of_a_rule_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ValidationError, match="target_tokens"):
        ChunkOptions(rules=(KindRule(kind=DocumentKind.CODE, target_tokens=400),))


def test_two_rules_for_one_kind_are_refused() -> None:
    with pytest.raises(ValidationError, match="two of the rules"):
        ChunkOptions(rules=(KindRule(kind=DocumentKind.CODE), KindRule(kind=DocumentKind.CODE)))


def test_an_unknown_strategy_in_a_rule_is_told_before_the_first_document() -> None:
    with pytest.raises(ConfigError, match="did you mean 'semantic'"):
        make_chunker("auto", ChunkOptions(rules=(KindRule(kind=DocumentKind.CHAT, strategy="semantics"),)), Words(300))


def test_vectors_are_needed_where_one_kind_needs_them() -> None:
    options = ChunkOptions(rules=(KindRule(kind=DocumentKind.PAPER, strategy="semantic"),))
    assert needs_vectors(options)
    assert not needs_vectors(ChunkOptions())
    with pytest.raises(ConfigError, match="sentence vectors"):
        make_chunker("auto", options, Words(300))
    assert make_chunker("auto", options, Words(300), vectors=BagOfWords()).name == "auto"


def test_the_version_changes_with_what_any_kind_is_cut_by() -> None:
    rule = KindRule(kind=DocumentKind.CHAT, strategy="recursive")
    versions = {
        make_chunker("auto", options, Words(300)).version
        for options in (ChunkOptions(), ChunkOptions(rules=(rule,)), ChunkOptions(cohesion="none"))
    }
    assert len(versions) == 3

"""Chunkers by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from chunkers.auto import AutoChunker
from chunkers.base import Chunker, Cohesion, PropositionWriter, SentenceVectors, TokenCounter
from chunkers.character import CHARACTER
from chunkers.cohesion import LexicalCohesion, NoCohesion
from chunkers.embedding_cohesion import EmbeddingCohesion
from chunkers.hybrid import HybridChunker
from chunkers.options import AUTO, ChunkOptions
from chunkers.packers import RulePacker
from chunkers.parts import PartPacker
from chunkers.proposition import PropositionChunker
from chunkers.recursive import RECURSIVE
from chunkers.routing import NAMED, Way, ways
from chunkers.semantic import TurnPacker
from chunkers.splitting import SplitChunker, Splitting
from chunkers.token import TOKEN
from schemas.errors import ConfigError

SEMANTIC = "semantic"
PROPOSITION = PropositionChunker.name
_COHESIVE = frozenset({"hybrid", "document", PROPOSITION})


@dataclass(frozen=True, slots=True)
class _Given:
    """What chunkers are made of."""

    options: ChunkOptions
    counter: TokenCounter
    cohesion: Cohesion | None
    vectors: SentenceVectors | None
    writer: PropositionWriter | None
    rule: str

    def needed_vectors(self, what: str) -> SentenceVectors:
        if self.vectors is None:
            raise ConfigError(f"{what} needs sentence vectors, and none were given")
        return self.vectors

    def wanted_cohesion(self) -> Cohesion:
        if self.cohesion is not None:
            return self.cohesion
        if self.options.cohesion == "embedding":
            return EmbeddingCohesion(self.needed_vectors('chunk.cohesion = "embedding"'))
        return NoCohesion() if self.options.cohesion == "none" else LexicalCohesion()


def make_chunker(
    strategy: str,
    options: ChunkOptions,
    counter: TokenCounter,
    *,
    cohesion: Cohesion | None = None,
    vectors: SentenceVectors | None = None,
    writer: PropositionWriter | None = None,
    rule: str = NAMED,
) -> Chunker:
    """The chunker of that name. `cohesion` is what the options name unless another is given;
    `vectors` and `writer` are needed where `needs_vectors` and `needs_writer` say so; `rule` names
    what chose the strategy. Raises `ConfigError` for a name that is not in `STRATEGIES`, and without
    what is needed."""
    return _made(strategy, _Given(options, counter, cohesion, vectors, writer, rule))


def needs_vectors(options: ChunkOptions) -> bool:
    """True where the chunker that the options name cannot be made without sentence vectors."""
    if options.strategy == AUTO:
        return any(needs_vectors(way.options) for _, way in ways(options))
    return options.strategy == SEMANTIC or (options.strategy in _COHESIVE and options.cohesion == "embedding")


def needs_writer(options: ChunkOptions) -> bool:
    """True where a language model is asked, which takes a network and time."""
    if options.strategy == AUTO:
        return any(needs_writer(way.options) for _, way in ways(options))
    return options.strategy == PROPOSITION


def _made(strategy: str, given: _Given) -> Chunker:
    if strategy not in _MAKERS:
        near = get_close_matches(strategy, STRATEGIES, n=1, cutoff=0.0)[0]
        raise ConfigError(
            f"there is no chunk strategy {strategy!r}; did you mean {near!r}? Known: {', '.join(STRATEGIES)}",
            strategy=strategy,
            nearest=near,
        )
    return _MAKERS[strategy](given)


def _auto(given: _Given) -> Chunker:
    def make(way: Way) -> Chunker:
        return _made(way.options.strategy, replace(given, options=way.options, rule=way.rule))

    return AutoChunker(given.options.model_copy(update={"strategy": AUTO}), make)


def _hybrid(given: _Given) -> Chunker:
    return HybridChunker("hybrid", RulePacker(given.wanted_cohesion()), given.options, given.counter, given.rule)


def _document(given: _Given) -> Chunker:
    return HybridChunker("document", PartPacker(given.wanted_cohesion()), given.options, given.counter, given.rule)


def _semantic(given: _Given) -> Chunker:
    packer = TurnPacker(given.needed_vectors(f"the strategy {SEMANTIC!r}"))
    return HybridChunker(SEMANTIC, packer, given.options, given.counter, given.rule)


def _proposition(given: _Given) -> Chunker:
    """Passages are made as by hybrid, and repeat nothing: statements stand by themselves."""
    if given.writer is None:
        raise ConfigError(f"the strategy {PROPOSITION!r} needs a language model, and none was given")
    passages = replace(given, options=given.options.model_copy(update={"overlap_tokens": 0}))
    return PropositionChunker(_hybrid(passages), given.writer, given.options, given.counter, given.rule)


def _split(splitting: Splitting) -> Callable[[_Given], Chunker]:
    def make(given: _Given) -> Chunker:
        return SplitChunker(splitting, given.options, given.counter, given.rule)

    return make


_MAKERS: dict[str, Callable[[_Given], Chunker]] = {
    AUTO: _auto,
    "hybrid": _hybrid,
    "document": _document,
    SEMANTIC: _semantic,
    PROPOSITION: _proposition,
    **{splitting.name: _split(splitting) for splitting in (CHARACTER, RECURSIVE, TOKEN)},
}
STRATEGIES: tuple[str, ...] = tuple(_MAKERS)

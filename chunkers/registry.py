"""Chunkers by name."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from chunkers.base import Chunker, Cohesion, TokenCounter
from chunkers.cohesion import LexicalCohesion, NoCohesion
from chunkers.hybrid import HybridChunker
from chunkers.options import ChunkOptions
from chunkers.recursive import RecursiveChunker
from schemas.errors import ConfigError


def make_chunker(
    strategy: str,
    options: ChunkOptions,
    counter: TokenCounter,
    *,
    cohesion: Cohesion | None = None,
    rule: str = "default",
) -> Chunker:
    """The chunker of that name. `cohesion` is what the options name unless another is given; `rule`
    names what chose the strategy. Raises `ConfigError` for a name that is not in `STRATEGIES`."""
    if strategy not in _MAKERS:
        near = get_close_matches(strategy, STRATEGIES, n=1, cutoff=0.0)[0]
        raise ConfigError(
            f"there is no chunk strategy {strategy!r}; did you mean {near!r}? Known: {', '.join(STRATEGIES)}",
            strategy=strategy,
            nearest=near,
        )
    return _MAKERS[strategy](options, counter, cohesion, rule)


def _cohesion(options: ChunkOptions) -> Cohesion:
    """Raises `ConfigError` for cohesion by vectors: nothing here makes them."""
    if options.cohesion == "embedding":
        raise ConfigError('chunk.cohesion = "embedding" needs sentence vectors, and none were given')
    return NoCohesion() if options.cohesion == "none" else LexicalCohesion()


def _hybrid(options: ChunkOptions, counter: TokenCounter, cohesion: Cohesion | None, rule: str) -> Chunker:
    return HybridChunker(options, counter, cohesion or _cohesion(options), rule)


def _recursive(options: ChunkOptions, counter: TokenCounter, _given: Cohesion | None, rule: str) -> Chunker:
    return RecursiveChunker(options, counter, rule)


_MAKERS: dict[str, Callable[[ChunkOptions, TokenCounter, Cohesion | None, str], Chunker]] = {
    "hybrid": _hybrid,
    "recursive": _recursive,
}
STRATEGIES: tuple[str, ...] = tuple(_MAKERS)

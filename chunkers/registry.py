"""Chunkers by name."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from chunkers.base import Chunker, Cohesion, TokenCounter
from chunkers.character import CHARACTER
from chunkers.cohesion import LexicalCohesion
from chunkers.hybrid import HybridChunker
from chunkers.options import ChunkOptions
from chunkers.recursive import RECURSIVE
from chunkers.splitting import SplitChunker, Splitting
from chunkers.token import TOKEN
from schemas.errors import ConfigError


def make_chunker(
    strategy: str,
    options: ChunkOptions,
    counter: TokenCounter,
    *,
    cohesion: Cohesion | None = None,
    rule: str = "default",
) -> Chunker:
    """The chunker of that name. `cohesion` is lexical unless another is given; `rule` names what
    chose the strategy. Raises `ConfigError` for a name that is not in `STRATEGIES`."""
    if strategy not in _MAKERS:
        near = get_close_matches(strategy, STRATEGIES, n=1, cutoff=0.0)[0]
        raise ConfigError(
            f"there is no chunk strategy {strategy!r}; did you mean {near!r}? Known: {', '.join(STRATEGIES)}",
            strategy=strategy,
            nearest=near,
        )
    return _MAKERS[strategy](options, counter, cohesion or LexicalCohesion(), rule)


def _hybrid(options: ChunkOptions, counter: TokenCounter, cohesion: Cohesion, rule: str) -> Chunker:
    return HybridChunker(options, counter, cohesion, rule)


_Maker = Callable[[ChunkOptions, TokenCounter, Cohesion, str], Chunker]


def _split(splitting: Splitting) -> _Maker:
    def make(options: ChunkOptions, counter: TokenCounter, _cohesion: Cohesion, rule: str) -> Chunker:
        return SplitChunker(splitting, options, counter, rule)

    return make


_MAKERS: dict[str, _Maker] = {
    "hybrid": _hybrid,
    **{splitting.name: _split(splitting) for splitting in (CHARACTER, RECURSIVE, TOKEN)},
}
STRATEGIES: tuple[str, ...] = tuple(_MAKERS)

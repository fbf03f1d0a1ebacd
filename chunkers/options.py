"""What can be set, and the limits that follow from it for one embedder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chunkers.base import TokenCounter
from chunkers.kinds import DocumentKind
from schemas.errors import ConfigError

LEAST_MAX_TOKENS = 16
"""Below it special tokens and a context would leave no room for text."""


AUTO = "auto"
"""The strategy that is chosen by the kind of document."""

Cohesions = Literal["none", "lexical", "embedding"]


class KindRule(BaseModel):
    """One of `[[chunk.rules]]`: what documents of a kind get instead of the options that stand for all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: DocumentKind
    strategy: str | None = None
    target_tokens: int | None = Field(default=None, ge=1)
    max_tokens: int | None = Field(default=None, ge=LEAST_MAX_TOKENS)
    min_tokens: int | None = Field(default=None, ge=0)
    overlap_tokens: int | None = Field(default=None, ge=0)
    cohesion: Cohesions | None = None


class ChunkOptions(BaseModel):
    """The `[chunk]` section. All sizes are tokens of `embed_text()` by the embedder's tokenizer,
    special tokens included; what is above the embedder's own limit is lowered to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    strategy: str = Field(
        default=AUTO, description="Which chunker to use for all documents; auto: the one that suits the kind of each."
    )
    rules: tuple[KindRule, ...] = Field(
        default=(), description='With auto: tables of kind = "contract" and strategy, target_tokens and so on for it.'
    )
    target_tokens: int = Field(default=128, ge=1, description="The size that chunks are balanced around.")
    max_tokens: int = Field(
        default=256,
        ge=LEAST_MAX_TOKENS,
        description="No chunk is larger; tables, code and sentences stay whole up to it.",
    )
    min_tokens: int = Field(
        default=24, ge=0, description="A smaller chunk joins a neighbour of its section where the maximum allows it."
    )
    overlap_tokens: int = Field(
        default=0,
        ge=0,
        description="Whole sentences of the chunk before that prose repeats, where there is room for them; 0: none.",
    )
    cohesion: Cohesions = Field(
        default="lexical",
        description="How `hybrid` tells where the text turns: not at all, by its words, or by sentence vectors.",
    )
    context_share: float = Field(
        default=0.25, ge=0, le=0.5, description="The part of the maximum that title and heading path may take; 0: none."
    )
    embed_metadata: tuple[str, ...] = Field(
        default=(), description="Names of metadata, such as author, that stand in the context before the title."
    )
    merge_small_sections: bool = Field(
        default=False, description="Put neighbouring subsections that are each below the minimum into one chunk."
    )

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.min_tokens <= self.target_tokens <= self.max_tokens:
            raise ValueError(
                f"min_tokens <= target_tokens <= max_tokens must hold, not "
                f"{self.min_tokens}, {self.target_tokens}, {self.max_tokens}"
            )
        return self

    @model_validator(mode="after")
    def _one_rule_a_kind(self) -> Self:
        kinds = [rule.kind for rule in self.rules]
        if len(set(kinds)) < len(kinds):
            raise ValueError("two of the rules are for one kind")
        for rule in self.rules:
            self.under(rule)  # sizes that do not go together are told now
        return self

    def under(self, rule: KindRule) -> Self:
        """These options with what the rule says instead."""
        told = rule.model_dump(exclude={"kind"}, exclude_none=True)
        return self.model_validate({**self.model_dump(exclude={"rules"}), **told})


@dataclass(frozen=True, slots=True)
class Limits:
    """Options under one counter. `specials`: tokens of an empty text; `content`: what is left
    of `maximum` without them; `context`: the most that the context line may take;
    `overlap`: the most of the chunk before that is repeated; `metadata`: names of what stands
    first in the context."""

    target: int
    maximum: int
    minimum: int
    specials: int
    content: int
    context: int
    overlap: int = 0
    metadata: tuple[str, ...] = ()

    @classmethod
    def of(cls, options: ChunkOptions, counter: TokenCounter) -> Limits:
        """Raises `ConfigError` when the embedder's limit is too small to hold any text."""
        maximum = min(options.max_tokens, counter.limit)
        specials = counter.count([""])[0]
        if maximum < LEAST_MAX_TOKENS or maximum - specials < LEAST_MAX_TOKENS // 2:
            raise ConfigError(
                f"the embedder reads {counter.limit} tokens, {specials} of them special: too few for chunks",
                limit=counter.limit,
                specials=specials,
            )
        return cls(
            target=min(options.target_tokens, maximum),
            maximum=maximum,
            minimum=min(options.min_tokens, maximum),
            specials=specials,
            content=maximum - specials,
            context=int((maximum - specials) * options.context_share),
            overlap=options.overlap_tokens,
            metadata=options.embed_metadata,
        )

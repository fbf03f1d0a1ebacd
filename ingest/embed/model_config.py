"""What a model's own files say of it, read without loading the model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import ConfigError

_Json = Mapping[str, object]

# The first of these that exists holds `max_seq_length`; the other names are of older models.
_SENTENCE_CONFIGS = ("sentence_bert_config.json", *(f"sentence_{n}_config.json" for n in (
    "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")))  # fmt: skip

_PADDED_POSITIONS = frozenset({"roberta", "xlm-roberta", "camembert", "mpnet", "longformer", "data2vec-text"})
"""Architectures that count positions from the padding id + 1, which costs them that many tokens."""

_UNSET_LENGTH = 1_000_000
"""Tokenizers without a limit say 1e30."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """`limit`: tokens that the model reads, special ones included. Prompts are empty when there are none."""

    limit: int
    dimension: int
    query_prompt: str
    passage_prompt: str
    lower_case: bool
    """The text is lower-cased before the tokenizer sees it."""
    unknown_token: str | None


def read_model_config(folder: Path) -> ModelConfig:
    """Raises `ConfigError` when the files do not say how long a text or how large a vector is."""
    first = _first_module(folder)
    sentence = next((found for name in _SENTENCE_CONFIGS if (found := _read(first / name))), {})
    query, passage = _prompts(_read(folder / "config_sentence_transformers.json"))
    return ModelConfig(
        limit=_limit(first, sentence),
        dimension=_dimension(folder, first),
        query_prompt=query,
        passage_prompt=passage,
        lower_case=sentence.get("do_lower_case") is True,
        unknown_token=_unknown_token(first),
    )


def modules(folder: Path) -> Iterator[tuple[str, Path]]:
    """Type and folder of every module, in order; nothing for a model that was not saved with modules."""
    listing = json.loads(path.read_text("utf-8")) if (path := folder / "modules.json").is_file() else []
    for module in listing:
        yield str(module["type"]), folder / str(module["path"])


def transformer_folder(folder: Path) -> Path:
    """Where the transformer and its tokenizer are: the folder itself, or that of the first module."""
    return _first_module(folder)


def _first_module(folder: Path) -> Path:
    return next((path for _, path in modules(folder)), folder)


def _limit(first: Path, sentence: _Json) -> int:
    config = _read(first / "config.json")
    bounds = []
    if (positions := _positive(config.get("max_position_embeddings"))) is not None:
        padding = _positive(config.get("pad_token_id")) or 0
        bounds.append(positions - padding - 1 if config.get("model_type") in _PADDED_POSITIONS else positions)
    stated = _positive(sentence.get("max_seq_length"))
    if stated is None:
        stated = _positive(_read(first / "tokenizer_config.json").get("model_max_length"))
    if stated is not None and stated < _UNSET_LENGTH:
        bounds.append(stated)
    if not bounds:
        raise ConfigError(f"the model in {first} does not say how many tokens it reads: set embed.max_tokens")
    return min(bounds)


def _dimension(folder: Path, first: Path) -> int:
    """Of the last module that changes it: a dense layer, else the pooling, else the transformer."""
    found: int | None = None
    for kind, path in modules(folder):
        if kind.endswith(".Pooling"):
            pooling = _read(path / "config.json")
            found = _positive(pooling.get("word_embedding_dimension") or pooling.get("embedding_dimension"))
        elif kind.endswith(".Dense"):
            found = _positive(_read(path / "config.json").get("out_features"))
    if found is None:
        config = _read(first / "config.json")
        found = _positive(config.get("hidden_size") or config.get("dim") or config.get("d_model"))
    if found is None:
        raise ConfigError(f"the model in {folder} does not say how large its vectors are")
    return found


def _prompts(config: _Json) -> tuple[str, str]:
    """Under the names, and with the default, that sentence-transformers looks for."""
    prompts = config.get("prompts")
    named = {str(k): str(v) for k, v in prompts.items() if v} if isinstance(prompts, Mapping) else {}
    default = named.get(str(config.get("default_prompt_name")), "")
    passage = next((named[name] for name in ("document", "passage", "corpus") if name in named), default)
    return named.get("query", default), passage


def _unknown_token(first: Path) -> str | None:
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        token = _read(first / name).get("unk_token")
        if isinstance(token, Mapping):
            token = token.get("content")
        if isinstance(token, str):
            return token
    return None


def _positive(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


def _read(path: Path) -> _Json:
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ConfigError(f"{path} is not readable JSON: {error}") from error
    if not isinstance(value, dict):
        raise ConfigError(f"{path} does not hold an object")
    return value

"""Counts tokens exactly as the embedder does, without loading the embedder.

Light on purpose: chunk workers build one each, so neither torch nor transformers is imported
unless the model has no `tokenizer.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ingest.embed.model_config import ModelConfig, read_model_config, transformer_folder
from ingest.embed.model_digest import tokenizer_digest
from ingest.embed.model_files import resolve
from ingest.embed.word_tokens import WordTokens, reads_words_alone
from ingest.options.embed import OWN_PROMPT, EmbedOptions
from schemas.base import Span
from schemas.errors import ConfigError
from schemas.ids import fingerprint


class _Tokenizer(Protocol):
    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Special tokens included."""
        ...

    def unknown(self, texts: Sequence[str]) -> list[tuple[int, int]]:
        """For each text its tokens but the special ones, and how many of them are unknown."""
        ...

    def offsets(self, text: str) -> list[Span]:
        """Where each token but the special ones stands."""
        ...


class HuggingFaceTokenCounter:
    """A `TokenCounter` for the model that the options name.

    A passage prompt is counted with every text, because the model reads it too.

        counter = HuggingFaceTokenCounter(EmbedOptions())
        counter.count(["Strata lie on one another."])  # [8]
    """

    fingerprint: str
    limit: int

    def __init__(self, options: EmbedOptions) -> None:
        folder = resolve(options.model)
        config = read_model_config(folder)
        self.limit = text_limit(options, config)
        self._prompt = config.passage_prompt if options.passage_prompt == OWN_PROMPT else options.passage_prompt
        self._tokenizer = _load(transformer_folder(folder), config)
        self.fingerprint = tokenizer_fingerprint(folder, self.limit, self._prompt)

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._tokenizer.lengths([self._prompt + text for text in texts] if self._prompt else texts)

    def offsets(self, text: str) -> list[Span]:
        """Of the text alone, without the passage prompt."""
        return self._tokenizer.offsets(text)

    def unknown_shares(self, texts: Sequence[str]) -> list[float]:
        """For each text the share in [0, 1] of its tokens but the special ones that the model does not know."""
        return [unknown / tokens if tokens else 0.0 for tokens, unknown in self._tokenizer.unknown(texts)]


def text_limit(options: EmbedOptions, config: ModelConfig) -> int:
    """Tokens of the longest text. Raises `ConfigError` when more are asked than the model reads."""
    if options.max_tokens > config.limit:
        raise ConfigError(
            f"embed.max_tokens is {options.max_tokens}, but the model reads {config.limit} at most", limit=config.limit
        )
    return options.max_tokens or config.limit


def tokenizer_fingerprint(folder: Path, limit: int, prompt: str) -> str:
    """Identity of what `count` answers and of the limit it is held against."""
    return fingerprint({"tokenizer": tokenizer_digest(folder), "limit": limit, "prompt": prompt})


def _load(folder: Path, config: ModelConfig) -> _Tokenizer:
    path = folder / "tokenizer.json"
    return _FastTokenizer(path, config) if path.is_file() else _SlowTokenizer(folder)


class _FastTokenizer:
    def __init__(self, path: Path, config: ModelConfig) -> None:
        from tokenizers import Tokenizer, normalizers

        self._tokenizer = Tokenizer.from_file(str(path))
        # Files often carry the truncation of their training: it would hide what is too long.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        if config.lower_case:
            kept = self._tokenizer.normalizer
            steps = [normalizers.Lowercase(), *([kept] if kept is not None else [])]
            self._tokenizer.normalizer = normalizers.Sequence(steps)
        self._unknown_id = self._find_unknown(config.unknown_token, path)
        self._specials = len(self._tokenizer.encode(""))
        self._words = WordTokens(self._encode) if reads_words_alone(path) else None

    def lengths(self, texts: Sequence[str]) -> list[int]:
        if self._words is not None:
            return [self._specials + tokens for tokens in self._words.tokens(texts)]
        return [len(encoding) for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def unknown(self, texts: Sequence[str]) -> list[tuple[int, int]]:
        return self._encode(texts) if self._words is None else self._words.pairs(texts)

    def _encode(self, texts: Sequence[str]) -> list[tuple[int, int]]:
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        unknown = self._unknown_id
        return [(len(e), 0 if unknown is None else e.ids.count(unknown)) for e in encodings]

    def offsets(self, text: str) -> list[Span]:
        offsets: list[Span] = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return offsets

    def _find_unknown(self, token: str | None, path: Path) -> int | None:
        """None for a tokenizer that knows every byte."""
        if token is None:
            model = json.loads(path.read_text("utf-8"))["model"]
            if isinstance(number := model.get("unk_id"), int):
                return number
            token = model.get("unk_token")
        return self._tokenizer.token_to_id(token) if token else None


class _SlowTokenizer:
    """For models that only carry a vocabulary; imports transformers."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoTokenizer

        self._tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self._ids(texts, special=True)]

    def unknown(self, texts: Sequence[str]) -> list[tuple[int, int]]:
        unknown = self._tokenizer.unk_token_id
        return [(len(ids), ids.count(unknown)) for ids in self._ids(texts, special=False)]

    def offsets(self, text: str) -> list[Span]:
        """A slow tokenizer does not tell: words, each with as many tokens as it has alone."""
        words = list(re.finditer(r"\S+", text))
        counts = [len(ids) for ids in self._ids([word[0] for word in words], special=False)]
        return [word.span() for word, count in zip(words, counts, strict=True) for _ in range(count)]

    def _ids(self, texts: Sequence[str], *, special: bool) -> list[list[int]]:
        if not texts:
            return []
        encoded = self._tokenizer(
            list(texts), add_special_tokens=special, truncation=False, padding=False, verbose=False
        )
        return [list(ids) for ids in encoded["input_ids"]]

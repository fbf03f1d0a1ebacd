"""Scores of question and passage read together, by a sentence-transformers CrossEncoder."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ingest.embed.devices import chosen_devices
from ingest.options.embed import EmbedOptions
from schemas.errors import ConfigError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_BATCH: Final = 32
"""Pairs; the model sorts them by their length first."""
_NO_LIMIT: Final = 1_000_000
"""Tokens; tokenizers say some 10^30 where nobody told them a limit."""


class CrossEncoderReranker:
    """A `Reranker`. Building it is light; the model is loaded with the first question, on the first device that
    `[embed] device` names. Safe to use from several threads; the model works for one at a time.

        reranker = CrossEncoderReranker("BAAI/bge-reranker-v2-m3", EmbedOptions())
        reranker.scores("What lies below?", ["Strata lie on one another."])
    """

    def __init__(self, model: str, embed: EmbedOptions) -> None:
        """`model`: a folder, or a name on the model hub."""
        self.name = model
        # Whatever runs the embedder, this one is run by torch.
        self._options = embed if embed.backend == "torch" else embed.model_copy(update={"backend": "torch"})
        self._lock = threading.Lock()
        self._loaded: CrossEncoder | None = None

    @property
    def limit(self) -> int:
        model = self._model()
        told = (model.max_seq_length, model.tokenizer.model_max_length, _positions(model))
        return min(number for number in (*told, _NO_LIMIT) if number)

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """Raises `ConfigError` for a model that does not give one score a pair."""
        model = self._model()
        with self._lock:
            pairs = [(question, passage) for passage in passages]
            found = model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
        return [float(score) for score in found]

    def too_long(self, question: str, passages: Sequence[str]) -> int:
        limit, tokenizer = self.limit, self._model().tokenizer
        with self._lock:
            read = tokenizer([question] * len(passages), list(passages), truncation=False, verbose=False)
        return sum(len(ids) > limit for ids in read["input_ids"])

    def _model(self) -> CrossEncoder:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self.name, chosen_devices(self._options)[0])
            return self._loaded


def _load(name: str, device: str) -> CrossEncoder:
    from sentence_transformers import CrossEncoder

    try:
        model = CrossEncoder(name, device=device)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"search.rerank_model '{name}' cannot be loaded as a cross-encoder ({type(error).__name__}): name one of"
            " the model hub, or the folder of one, or leave it empty",
            model=name,
        ) from error
    if model.num_labels != 1:
        raise ConfigError(
            f"search.rerank_model '{name}' gives {model.num_labels} numbers for a passage, where one score is needed:"
            " name a cross-encoder that was trained to rank",
            model=name,
        )
    if model.max_seq_length is None and (limit := _positions(model)):
        # Nothing else would keep a long passage from reaching past the model's positions.
        model.max_seq_length = limit
    return model


def _positions(model: CrossEncoder) -> int | None:
    """Tokens that the network has places for; RoBERTa's first ones count from 2, which its tokenizer knows."""
    return getattr(model.config, "max_position_embeddings", None)

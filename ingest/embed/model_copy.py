"""One copy of the model, on one device."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.embed.batching import encode_or_halve
from ingest.embed.model_card import ModelCard
from ingest.embed.onnx_files import onnx_file
from ingest.embed.onnx_transformer import onnx_transformer
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions
from ingest.vectors import Vectors
from schemas.errors import ConfigError, InvariantError, MissingExtra, OutOfMemory, VectorSizeMismatch

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# On a CPU a small batch stays in the cache: about twice as fast as 64 texts of 120 tokens. Half of
# this is a little faster still on idle cores, and much slower on busy ones.
CPU_BATCH_TOKENS = 4096
GPU_BATCH_TOKENS = 65_536

# Whatever is special in one of the two tokenizers shows in these: accents, case, Chinese, signs.
_PROBES = ("Ünïcode Naïve CAFÉ", "中文分词，标点。", "a\u3000b\tc 1,000.5 — <s> [SEP] 😀", "internationalisation")


class ModelCopy:
    """The loaded model. For one thread at a time."""

    def __init__(self, model: SentenceTransformer, device: str, options: EmbedOptions) -> None:
        self._model = model
        self._device = device
        default = CPU_BATCH_TOKENS if device == "cpu" else GPU_BATCH_TOKENS
        self.budget = options.batch_tokens or default
        self._normalises = options.dtype == "float32"

    def tokens(self, text: str) -> int:
        return len(self._model.tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def encode(self, texts: list[str], prompt: str) -> Vectors:
        """Rows of length 1. In halves when it is too much for the device; raises `OutOfMemory` for a
        single text that is."""
        import torch

        def encode(part: list[str]) -> Vectors:
            found: Vectors = self._model.encode(
                part, prompt=prompt, batch_size=len(part), normalize_embeddings=self._normalises,
                show_progress_bar=False, device=self._device,
            )  # fmt: skip
            # In bfloat16 a length would be right to two digits only.
            return found if self._normalises else found / np.linalg.norm(found, axis=1, keepdims=True)

        try:
            return encode_or_halve(encode, texts, torch.OutOfMemoryError)
        except torch.OutOfMemoryError as error:
            raise OutOfMemory(
                "the device has no memory left for a single text: free some, or set embed.device to another",
                device=self._device,
            ) from error


def load_copy(
    card: ModelCard, counter: HuggingFaceTokenCounter, options: EmbedOptions, device: str, kept: Path | None
) -> ModelCopy:
    """`kept`: where exports are kept. Raises `MissingExtra`, `ConfigError`, `VectorSizeMismatch`,
    `InvariantError` where files and model disagree."""
    # Threads that spin while they wait for one another starve a busy machine: with one other
    # busy process on two cores embedding is five times slower. Read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        raise MissingExtra(f"embedding needs {error.name}: pip install sentence-transformers") from error
    transformers_logging.disable_progress_bar()
    if options.threads:
        torch.set_num_threads(options.threads)
    dtype = torch.bfloat16 if options.dtype == "bfloat16" else torch.float32
    model = SentenceTransformer(str(card.folder), device=device, local_files_only=True, model_kwargs={"dtype": dtype})
    _check(model, card, counter)
    model.max_seq_length = card.limit
    if options.backend != "torch":
        _exchange(model, card, options, kept)
    return ModelCopy(model, device, options)


def _exchange(model: SentenceTransformer, card: ModelCard, options: EmbedOptions, kept: Path | None) -> None:
    """onnxruntime's transformer takes the place of torch's; tokenizer, pooling and what follows stay."""
    first = model[0]
    theirs = getattr(first, "model", None)
    if theirs is None or not hasattr(theirs, "config"):
        raise ConfigError("this model begins with no transformer: set embed.backend to torch")
    file = onnx_file(theirs, model.tokenizer, card.model_digest, int8=options.backend == "onnx-int8", folder=kept)
    first.model = onnx_transformer(file, theirs.config, options.threads)


def _check(model: SentenceTransformer, card: ModelCard, counter: HuggingFaceTokenCounter) -> None:
    """What was read from the files must be what was loaded."""
    if (size := model.get_embedding_dimension()) != card.dimension:
        raise VectorSizeMismatch(
            f"the model makes vectors of {size} numbers, its files say {card.dimension}",
            made=size,
            stated=card.dimension,
        )
    theirs = [len(ids) for ids in model.tokenizer([card.passage_prompt + probe for probe in _PROBES])["input_ids"]]
    if theirs != counter.count(_PROBES):
        raise InvariantError("the model's tokenizer and our counter disagree", model=str(card.folder))

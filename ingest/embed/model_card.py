"""What is known of an embedder before it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.embed.model_config import read_model_config
from ingest.embed.model_digest import model_digest
from ingest.embed.model_files import resolve
from ingest.embed.onnx_files import EXPORT_VERSION
from ingest.embed.sentence_pooling import POOLING_VERSION
from ingest.embed.tokens import text_limit, tokenizer_fingerprint
from ingest.options.embed import OWN_PROMPT, EmbedOptions
from schemas.chunk import EMBED_TEXT_VERSION
from schemas.ids import fingerprint


@dataclass(frozen=True, slots=True)
class ModelCard:
    """`fingerprint`: two cards with the same one make the same vectors of the same texts.
    `model_digest`: of the model's own files."""

    folder: Path
    fingerprint: str
    model_digest: str
    dimension: int
    limit: int
    query_prompt: str
    passage_prompt: str


def read_model_card(options: EmbedOptions, remembered: Path | None = None) -> ModelCard:
    """Reads the model's files, but loads neither model nor torch.

    `remembered`: a file in which digests of weights are kept from run to run. Device, batch size and
    whether torch or onnxruntime computes in float32 are not part of the fingerprint: they move a
    vector by rounding alone.
    """
    folder = resolve(options.model)
    config = read_model_config(folder)
    limit = text_limit(options, config)
    query = config.query_prompt if options.query_prompt == OWN_PROMPT else options.query_prompt
    passage = config.passage_prompt if options.passage_prompt == OWN_PROMPT else options.passage_prompt
    digest = model_digest(folder, remembered)
    identity = {
        "model": digest,
        "tokenizer": tokenizer_fingerprint(folder, limit, passage),
        "dimension": config.dimension,
        "query_prompt": query,
        "passage_prompt": passage,
        "dtype": options.dtype,
        "backend": f"onnx-int8 {EXPORT_VERSION}" if options.backend == "onnx-int8" else "torch",
        "normalised": True,
        "passage_vector": options.passage_vector,
        "pooling": POOLING_VERSION if options.passage_vector == "sentences" else 0,
        "embed_text": EMBED_TEXT_VERSION,
    }
    return ModelCard(folder, fingerprint(identity), digest, config.dimension, limit, query, passage)

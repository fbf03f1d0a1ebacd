"""Options of the vector index and of searching, apart from their adapters so that the
configuration can hold them without loading one."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, SecretStr, model_validator

from ingest.options.section import Section
from ingest.vectors import Quantization, VectorTuning
from schemas.point import Fusion


class IndexEngine(StrEnum):
    """`edge`: Qdrant's engine inside this process, one process at a time. `qdrant`: a server."""

    EDGE = "edge"
    QDRANT = "qdrant"


class IndexOptions(Section):
    """`[index]`: where points are kept."""

    engine: IndexEngine = Field(default=IndexEngine.EDGE, description="edge: in this process; qdrant: a server")
    url: str | None = Field(default=None, description="of the Qdrant server, for example http://localhost:6333")
    api_key: SecretStr | None = Field(default=None, description="of the Qdrant server")
    timeout_s: int = Field(default=30, ge=1, description="seconds one call to the server may take")
    wait_s: float | None = Field(
        default=None, gt=0, description="seconds to wait for an index that another process holds; unset: no limit"
    )
    batch: int = Field(default=128, ge=1, le=2048, description="points sent at once")
    alias: str | None = Field(
        default=None,
        min_length=1,
        description="name on a server under which other applications find the collection that is searched",
    )
    hnsw_m: int = Field(
        default=16, ge=4, le=128, description="edges of a vector in the search graph: more find more, and take room"
    )
    hnsw_ef_construct: int = Field(
        default=100, ge=8, le=4096, description="candidates looked at while the graph is built"
    )
    hnsw_ef: int | None = Field(
        default=None, ge=1, le=65536, description="candidates looked at by a search; unset: hnsw_ef_construct"
    )
    quantization: Quantization = Field(
        default=Quantization.NONE, description="none, int8 (a quarter of the memory) or binary (a 32nd)"
    )
    rescore: bool = Field(default=True, description="hits found by quantized vectors are ranked anew by the full ones")
    oversampling: float = Field(
        default=2.0, ge=1, le=100, description="how many times as many hits are fetched to be ranked anew"
    )
    on_disk: bool = Field(default=False, description="full vectors are left on the disk and read when needed")

    @model_validator(mode="after")
    def _engine_has_what_it_needs(self) -> Self:
        if self.engine is IndexEngine.QDRANT and not self.url:
            raise ValueError('engine = "qdrant" needs url, for example url = "http://localhost:6333"')
        if self.engine is IndexEngine.EDGE and (self.url or self.api_key or self.alias):
            raise ValueError('url, api_key and alias are of a server: set engine = "qdrant" as well, or leave them out')
        return self

    @property
    def tuning(self) -> VectorTuning:
        return VectorTuning(
            hnsw_m=self.hnsw_m,
            hnsw_ef_construct=self.hnsw_ef_construct,
            hnsw_ef=self.hnsw_ef,
            quantization=self.quantization,
            rescore=self.rescore,
            oversampling=self.oversampling,
            on_disk=self.on_disk,
        )


class Bm25Options(Section):
    """How terms are weighed. A change makes another sparse vector of every text: part of the
    collection's fingerprint.

    `average_length`, in terms, is fixed: the true one would shift with every document, and with
    it the weights of all the others.
    """

    k1: float = Field(default=1.2, gt=0, description="how soon a repeated word stops counting more")
    b: float = Field(default=0.75, ge=0, le=1, description="how much long passages are held back; 0: not at all")
    average_length: float = Field(default=128.0, gt=0, description="words of a usual passage")


class SearchOptions(Section):
    """`[search]`: how the ranking by meaning and the one by words become one."""

    fusion: Fusion = Field(
        default=Fusion.SCORES,
        description="scores: by their scores, each brought to a scale up to 1; rrf: by the places in both rankings",
    )
    rrf_k: float = Field(default=3.0, gt=0, description="constant of rank fusion; small: the first places count more")
    dense_weight: float | None = Field(
        default=None,
        ge=0,
        description="of the ranking by meaning against 1 for that by words, where the model reads all; unset: 0.4 by"
        " scores, 1.2 by ranks",
    )
    routing: bool = Field(
        default=True,
        description="the ranking by meaning counts for less where a question names an identifier, quotes, holds a rare"
        " word, or is a list of words",
    )
    rerank_model: str = Field(
        default="",
        description="a cross-encoder that orders the first hits anew: its folder, or a name on the model hub; empty:"
        " none",
    )
    rerank_depth: int = Field(
        default=30, ge=1, description="hits that it reads for a question; as many as were asked for at least"
    )
    per_leg: int = Field(default=50, ge=1, description="hits fetched of each ranking at least")
    unknown_warning: float = Field(
        default=0.3, ge=0, le=1, description="share of a question that the model cannot read, above which it is told"
    )
    expand_tokens: int = Field(
        default=512, ge=1, description="tokens that --expand shows around a hit at most, the hit included"
    )

    @property
    def full_dense_weight(self) -> float:
        """`dense_weight`, or what was found best for the fusion: places are on another scale than scores."""
        if self.dense_weight is not None:
            return self.dense_weight
        return 0.4 if self.fusion is Fusion.SCORES else 1.2

"""Whether vectors tell texts apart: `schemas.fit.VectorSample`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ingest.checks.tokens import Instruments
from ingest.context import Context
from ingest.pack_index import PackIndex
from ingest.store import DamagedArtifact
from ingest.vectors import Vectors
from schemas.chunk import Chunk
from schemas.fit import NEARLY_EQUAL, SAMPLED, VectorSample

_STAGE = "vector"
_PACKS = 32
_PARTS = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class _Rows:
    vectors: Vectors
    broken: int


def vector_sample(context: Context, chunks: Sequence[Chunk], instruments: Instruments) -> VectorSample | None:
    """`chunks`: sampled ones, by which the embedder that is searched is told from others."""
    packs = _packs(context, chunks, instruments)
    if not packs:
        return None
    rows = _sampled_rows(context, packs)
    total = context.catalog.checking.vector_count()
    return measured(rows.vectors, total, rows.broken)


def measured(vectors: Vectors, total: int, broken: int = 0) -> VectorSample:
    """Of vectors of different texts, none of length 0."""
    count, dimension = vectors.shape
    if count < 2:
        return VectorSample(
            total=total, sampled=count, broken=broken, dimension=dimension, pairs=0, mean_cosine=None, cosines=None,
            nearly_equal=0, effective_rank=None,
        )  # fmt: skip
    unit = vectors.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    cosines = unit @ unit.T
    pairs = np.sort(cosines[np.triu_indices(count, k=1)])
    np.fill_diagonal(cosines, -1.0)
    low, half, high = (float(pairs[max(int(np.ceil(part * len(pairs))) - 1, 0)]) for part in _PARTS)
    shares = np.linalg.svd(unit, compute_uv=False) ** 2
    shares = shares[shares > 0] / shares.sum()
    return VectorSample(
        total=total,
        sampled=count,
        broken=broken,
        dimension=dimension,
        pairs=len(pairs),
        mean_cosine=float(pairs.mean()),
        cosines=(low, half, high),
        nearly_equal=int((cosines.max(axis=1) >= NEARLY_EQUAL).sum()),
        effective_rank=float(np.exp(-(shares * np.log(shares)).sum())),
    )


def _packs(context: Context, chunks: Sequence[Chunk], instruments: Instruments) -> Mapping[str, PackIndex]:
    """By name, the indexes of the packs that are looked at."""
    found: dict[str, PackIndex] = {}
    texts = [chunk.embed_text() for chunk in chunks]
    known: Counter[str] = Counter()
    for name in sorted(context.catalog.artifacts.pack_names(_STAGE)):
        index = context.store.read_index(name)
        if index is None or len(index.frames) != 1 or not index.vector_keys:
            continue
        if index.fingerprint not in known:
            keys = [instruments.vector_key(index.fingerprint, text) for text in texts]
            known[index.fingerprint] = context.catalog.checking.known_vectors(list(dict.fromkeys(keys)))
        found[name] = index
        if sum(known[one.fingerprint] > 0 for one in found.values()) >= _PACKS:
            break
    if not found:
        return {}
    searched, _ = known.most_common(1)[0]
    return {name: index for name, index in found.items() if index.fingerprint == searched}


def _sampled_rows(context: Context, packs: Mapping[str, PackIndex]) -> _Rows:
    each = max(SAMPLED // len(packs), 1)
    rows: dict[str, Vectors] = {}
    for name, index in packs.items():
        (ref,) = index.refs(name)
        try:
            content = context.store.read(ref)
        except DamagedArtifact:  # told by the one who looks for damage, and made again by the next run
            continue
        matrix = np.frombuffer(content, dtype="<f4").reshape(len(index.vector_keys), -1)
        chosen = sorted(range(len(index.vector_keys)), key=lambda place: index.vector_keys[place])[:each]
        rows.update({index.vector_keys[place]: matrix[place] for place in chosen})
    if not rows:
        return _Rows(np.empty((0, 0), dtype=np.float32), 0)
    every = np.stack(list(rows.values()))
    sound = np.isfinite(every).all(axis=1) & (np.linalg.norm(every, axis=1) > 0)
    return _Rows(every[sound], int((~sound).sum()))

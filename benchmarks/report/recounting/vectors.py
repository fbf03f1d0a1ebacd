"""How the stored vectors spread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from recounting.artifacts import Artifacts, vector_pack
from recounting.rows import Row, near, row
from recounting.spans import Record

SAMPLED, PACKS, NEARLY_EQUAL = 1000, 32, 0.9999


def vector_rows(told: Record, artifacts: Artifacts) -> Iterator[Row]:
    (total,) = artifacts.catalog.execute("SELECT count(*) FROM vectors").fetchone()
    yield row("vectors.total", told["total"], total)
    unit = _sampled(artifacts)
    if unit is None:
        return
    products = unit @ unit.T
    cosines = products[np.tril_indices(len(unit), -1)]
    np.fill_diagonal(products, -1)
    eigen = np.linalg.eigvalsh(unit.T @ unit)
    shares = eigen[eigen > 1e-12] / eigen.sum()
    yield row("vectors.sampled", told["sampled"], len(unit))
    yield row("vectors.pairs", told["pairs"], len(cosines))
    yield near("vectors.mean_cosine", told["mean_cosine"], float(cosines.mean()))
    yield row("vectors.nearly_equal", told["nearly_equal"], int((products.max(axis=1) >= NEARLY_EQUAL).sum()))
    yield near("vectors.effective_rank", told["effective_rank"], float(np.exp(-(shares * np.log(shares)).sum())))
    for part, value in zip((5, 50, 95), told["cosines"], strict=True):
        least = float(np.sort(cosines)[-(-len(cosines) * part // 100) - 1])
        yield near(f"vectors.cosines.{part}", value, least)


def _sampled(artifacts: Artifacts) -> Any:
    """A row each, of length 1; None where packs are of several models: which one is searched is the engine's to say."""
    names = sorted(
        name for (name,) in artifacts.catalog.execute("SELECT name FROM packs") if name.startswith("vector/")
    )
    packs = [found for name in names if (found := vector_pack(artifacts.store / name)) is not None]
    if len({fingerprint for fingerprint, _, _ in packs}) != 1:
        return None
    packs = packs[:PACKS]
    picked: dict[str, Any] = {}
    for _, keys, matrix in packs:
        for key in sorted(keys)[: SAMPLED // len(packs)]:
            picked[key] = matrix[keys.index(key)]
    found = np.stack(list(picked.values())).astype(np.float64)
    return found / np.sqrt((found**2).sum(axis=1))[:, None]

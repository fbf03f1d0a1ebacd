"""Random damage to what a home holds, and its state before and after: for the properties of mending."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from ingest.catalog.keys import uuid_key
from ingest.stages.findings import Damage
from ingest.vectors import SparseWeights
from schemas.point import OPEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strata_fakes import Engine

    from ingest.vectors import IndexPoint

_TABLES = ("points", "documents", "versions", "survivors", "artifacts", "vectors", "commits")


def state(strata: Engine) -> tuple[dict[str, tuple], dict[str, list]]:
    """Every row of the index with its vectors, and the tables that mending may touch."""
    rows = strata.context.catalog.database.rows
    tables = {table: sorted(rows(f"SELECT * FROM {table}"), key=repr) for table in _TABLES}
    return {row.id: _row(row) for row in strata.rows(history=True)}, tables


def _row(row: IndexPoint) -> tuple:
    dense = None if row.dense is None else np.round(row.dense, 5).tolist()
    sparse = None if row.sparse is None else (row.sparse.indices.tolist(), np.round(row.sparse.values, 4).tolist())
    return dict(row.payload), dense, sparse


def damage(strata: Engine, wanted: Sequence[tuple[Damage, int]]) -> dict[str, Damage]:
    """Does each of these to another row, as far as there are any. Returns what was done to which."""
    rows = sorted(strata.rows(history=True), key=lambda row: row.id)
    done: dict[str, Damage] = {}
    for kind, seed in wanted:
        dice = random.Random(seed)
        free = [row for row in rows if row.id not in done and (kind is not Damage.VECTOR or row.dense is not None)]
        if free:
            row = dice.choice(free)
            done[_do(strata, kind, row, dice)] = kind
    return done


def _do(strata: Engine, kind: Damage, row: IndexPoint, dice: random.Random) -> str:
    index, database = strata.parts.index, strata.context.catalog.database
    if kind is Damage.HOLE:
        index.delete([row.id])
    elif kind is Damage.STRANGER:
        stranger = str(UUID(int=dice.getrandbits(128)))
        index.upsert([replace(row, id=stranger)])
        return stranger
    elif kind is Damage.FORGOTTEN:
        database.execute("DELETE FROM points WHERE point_id = ?", (uuid_key(row.id),))
    elif kind is Damage.PAYLOAD:
        choices = {"text": "changed", "path": "x.md", "tenant": "other", "position": 77, "survivor": str(UUID(int=5))}
        field = dice.choice(sorted(choices))
        index.set_payload([row.id], {field: choices[field]})
    elif kind is Damage.CATALOG:
        database.execute("UPDATE points SET payload_digest = ? WHERE point_id = ?", (b"\7" * 32, uuid_key(row.id)))
    elif kind is Damage.VALIDITY:
        is_current = row.payload["to_seq"] == OPEN
        wrong = {"current": not is_current} if dice.random() < 0.5 else {"to_seq": 999 if is_current else OPEN}
        index.set_payload([row.id], wrong)
    else:
        index.upsert([_other_vectors(row, dice)])
    return row.id


def _other_vectors(row: IndexPoint, dice: random.Random) -> IndexPoint:
    if dice.random() < 0.3:
        return replace(row, dense=None, sparse=None)
    if dice.random() < 0.5:
        return replace(row, sparse=SparseWeights(np.array([1], np.uint32), np.array([1.0], np.float32)))
    return replace(row, dense=None if row.dense is None else -row.dense)

"""What the owner of an embedded index and those who read through it say to each other: JSON, one
message after the other, each with its length before it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ingest.vectors import IndexPoint, PayloadFilter, ScoredPoint

_LENGTH = struct.Struct("!I")
_PIECE = 1 << 20

Call = Literal["search_dense", "search_sparse", "retrieve", "count", "page", "values"]


class Question(BaseModel):
    """A call of `EdgeReads`; of its arguments those that the call has are set.
    `numbers` are the vector's, or the weights of the `terms`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    call: Call
    where: PayloadFilter | None = None
    limit: int = 0
    exact: bool = False
    numbers: tuple[float, ...] = ()
    terms: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()
    offset: str | None = None
    field: str = ""


class SaidRow(BaseModel):
    """A row without its vectors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    score: float = 0.0
    payload: dict[str, object]


class Answer(BaseModel):
    """`foreign`: the owner, of another release, does not understand. `failure`: the sentence of an
    engine that failed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    foreign: bool = False
    failure: str = ""
    rows: tuple[SaidRow, ...] = ()
    count: int = 0
    offset: str | None = None
    values: dict[str, int] = {}

    def scored(self) -> list[ScoredPoint]:
        return [ScoredPoint(row.id, row.score, row.payload) for row in self.rows]

    def points(self) -> list[IndexPoint]:
        return [IndexPoint(row.id, row.payload) for row in self.rows]


def said_scored(points: Sequence[ScoredPoint]) -> tuple[SaidRow, ...]:
    return tuple(SaidRow(id=point.id, score=point.score, payload=dict(point.payload)) for point in points)


def said_points(points: Sequence[IndexPoint]) -> tuple[SaidRow, ...]:
    return tuple(SaidRow(id=point.id, payload=dict(point.payload)) for point in points)


def send(connection: socket.socket, message: BaseModel) -> None:
    body = message.model_dump_json().encode()
    connection.sendall(_LENGTH.pack(len(body)) + body)


def receive(connection: socket.socket) -> bytes | None:
    """None when the other side has ended."""
    head = _exactly(connection, _LENGTH.size)
    return _exactly(connection, *_LENGTH.unpack(head)) if head is not None else None


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    body = bytearray()
    while len(body) < size:
        part = connection.recv(min(size - len(body), _PIECE))
        if not part:
            return None
        body += part
    return bytes(body)

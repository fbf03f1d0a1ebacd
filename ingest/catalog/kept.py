"""What reports and evaluations were found, kept as they were told: for the trend, and for the next report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ingest.catalog.database import Database

KEPT = 400
"""Of one kind and scope: more than a year of daily reports."""


class Kind(StrEnum):
    REPORT = "report"
    EVALUATION = "evaluation"


@dataclass(frozen=True, slots=True)
class KeptRow:
    """`source`: the only one that it is of; None: of all. `run_id`: the tenant's last run then. `body`: JSON."""

    kind: Kind
    source: str | None
    run_id: str | None
    at_ns: int
    body: str


class Kept:
    def __init__(self, database: Database) -> None:
        self._db = database

    def put(
        self, kind: Kind, tenant: str, body: str, at_ns: int, *, source: str | None = None, run_id: str | None = None
    ) -> None:
        """Beside what was told before; the oldest go."""
        scope = (kind.value, tenant, source or "")
        with self._db.transaction():
            number = self._db.rows("SELECT coalesce(max(number), 0) + 1 FROM kept")[0][0]
            self._db.execute(
                "INSERT INTO kept (number, kind, tenant, source, run_id, at_ns, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (number, *scope, run_id or "", at_ns, body),
            )
            self._db.execute(
                "DELETE FROM kept WHERE kind = ? AND tenant = ? AND source = ? AND number NOT IN ("
                "SELECT number FROM kept WHERE kind = ? AND tenant = ? AND source = ? ORDER BY number DESC LIMIT ?)",
                (*scope, *scope, KEPT),
            )

    def forget(self, kind: Kind, tenant: str) -> None:
        """All of that kind, of every scope: an evaluation quotes documents, of which one may have to go."""
        with self._db.transaction():
            self._db.execute("DELETE FROM kept WHERE kind = ? AND tenant = ?", (kind.value, tenant))

    def last(self, kind: Kind, tenant: str, limit: int, *, source: str | None = None) -> list[KeptRow]:
        """Of this scope, the newest first."""
        rows = self._db.rows(
            "SELECT source, run_id, at_ns, body FROM kept WHERE kind = ? AND tenant = ? AND source = ?"
            " ORDER BY number DESC LIMIT ?",
            (kind.value, tenant, source or "", limit),
        )
        return [
            KeptRow(kind, str(of) or None, str(run) or None, int(str(at_ns)), str(body))
            for of, run, at_ns, body in rows
        ]

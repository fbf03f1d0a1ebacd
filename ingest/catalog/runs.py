"""Runs."""

from __future__ import annotations

from ingest.catalog.database import Database
from ingest.catalog.rows import RunRow
from schemas.report import RunSummary


class Runs:
    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, run_id: str, started_ns: int) -> int:
        """A new run's number: its fencing token. Earlier runs that are still open are over."""
        with self._db.transaction():
            self._db.execute("UPDATE runs SET state = 'interrupted' WHERE state = 'running'")
            number = int(str(self._db.rows("SELECT coalesce(max(number), 0) FROM runs")[0][0])) + 1
            self._db.execute(
                "INSERT INTO runs (number, run_id, started_ns, finished_ns, state, summary)"
                " VALUES (?, ?, ?, NULL, 'running', '')",
                (number, run_id, started_ns),
            )
        return number

    def finish(self, number: int, state: str, finished_ns: int, summary: RunSummary | None) -> None:
        """Says nothing of one that was over before: a later run has called it interrupted."""
        self._db.execute(
            "UPDATE runs SET state = ?, finished_ns = ?, summary = ? WHERE number = ? AND state = 'running'",
            (state, finished_ns, summary.model_dump_json() if summary else "", number),
        )

    def last(self, limit: int) -> list[RunRow]:
        """Newest first."""
        rows = self._db.rows(
            "SELECT number, run_id, started_ns, finished_ns, state, summary FROM runs ORDER BY number DESC LIMIT ?",
            (limit,),
        )
        return [RunRow(*row) for row in rows]  # type: ignore[arg-type] # columns are in this order

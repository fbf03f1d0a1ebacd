"""Runs."""

from __future__ import annotations

from ingest.catalog.database import Database
from ingest.catalog.measures import Measure, add_to_sums, sums_of_run
from ingest.catalog.rows import RunRow
from schemas.errors import InvariantError
from schemas.report import RunSummary

_UPKEEP = "%-%"


class Runs:
    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, run_id: str, started_ns: int, tenant: str = "") -> int:
        """A new run's number: its fencing token. Earlier runs that are still open are over.
        `tenant`: whose files it takes in; empty for upkeep of the whole home."""
        with self._db.transaction():
            for (over,) in self._db.rows("SELECT tenant FROM runs WHERE state = 'running'"):
                add_to_sums(self._db, str(over), [(Measure.RUNS, "interrupted", 1)], started_ns)
            self._db.execute("UPDATE runs SET state = 'interrupted' WHERE state = 'running'")
            number = int(str(self._db.rows("SELECT coalesce(max(number), 0) FROM runs")[0][0])) + 1
            self._db.execute(
                "INSERT INTO runs (number, run_id, started_ns, finished_ns, state, summary, tenant)"
                " VALUES (?, ?, ?, NULL, 'running', '', ?)",
                (number, run_id, started_ns, tenant),
            )
        return number

    def finish(self, number: int, state: str, finished_ns: int, summary: RunSummary | None) -> None:
        """Says nothing of one that was over before: a later run has called it interrupted."""
        with self._db.transaction():
            ended = self._db.execute(
                "UPDATE runs SET state = ?, finished_ns = ?, summary = ? WHERE number = ? AND state = 'running'",
                (state, finished_ns, summary.model_dump_json() if summary else "", number),
            )
            if ended:
                tenant = str(self._db.rows("SELECT tenant FROM runs WHERE number = ?", (number,))[0][0])
                add_to_sums(self._db, tenant, sums_of_run(state, summary), finished_ns)

    def started_ns(self, number: int) -> int:
        """When the run began. Raises `InvariantError` where there is none."""
        rows = self._db.rows("SELECT started_ns FROM runs WHERE number = ?", (number,))
        if not rows:
            raise InvariantError(f"there is no run number {number}")
        return int(str(rows[0][0]))

    def intake(self, tenant: str, limit: int, state: str | None = None) -> list[RunRow]:
        """Runs that took files in, newest first, or of them those in that state. Upkeep, rollbacks and purges,
        which have a dash in their ids, are not among them."""
        where = "" if state is None else " AND state = ?"
        parameters = (tenant, _UPKEEP) if state is None else (tenant, _UPKEEP, state)
        rows = self._db.rows(
            "SELECT number, run_id, started_ns, finished_ns, state, summary FROM runs"
            f" WHERE tenant = ? AND run_id NOT LIKE ?{where} ORDER BY number DESC LIMIT ?",
            (*parameters, limit),
        )
        return [RunRow(*row) for row in rows]  # type: ignore[arg-type] # columns are in this order

    def last(self, limit: int, tenant: str) -> list[RunRow]:
        """Newest first; those of the tenant, and of the whole home."""
        rows = self._db.rows(
            "SELECT number, run_id, started_ns, finished_ns, state, summary FROM runs"
            " WHERE tenant IN (?, '') ORDER BY number DESC LIMIT ?",
            (tenant, limit),
        )
        return [RunRow(*row) for row in rows]  # type: ignore[arg-type] # columns are in this order

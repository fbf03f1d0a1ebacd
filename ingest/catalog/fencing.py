"""A run's number is its fencing token: whoever began later has taken over."""

from __future__ import annotations

from ingest.catalog.database import Database
from schemas.errors import InvariantError


def require_newest(database: Database, run_number: int) -> None:
    """Within the transaction that writes. Raises `InvariantError` for a run that another has followed:
    it was paused, or cut off from the catalog, for so long that its lock was given to that one."""
    if database.rows("SELECT max(number) FROM runs")[0][0] != run_number:
        raise InvariantError("another run has taken over this home; this one stops without harm", run=run_number)

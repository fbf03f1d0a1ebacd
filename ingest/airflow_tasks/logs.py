"""Events in Airflow's task logs, with the file and stage that they are about.

Airflow renders records of standard logging through structlog and drops what is in `extra`. So inside a task our
events go to structlog itself: their facts are fields of Airflow's own log, which its page shows and JSON keeps.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from ingest.logs import ROOT, facts_of


class _ToStructlog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        facts = {name: fact for name, fact in facts_of(record).items() if fact != ""}
        structlog.get_logger(record.name).log(record.levelno, record.getMessage(), **facts)


@contextmanager
def events_in_task_log() -> Iterator[None]:
    """Where Airflow has set up logging; elsewhere, as in a test, records go where they always go."""
    logger = logging.getLogger(ROOT)
    if not structlog.is_configured():
        yield
        return
    handlers, propagate, level = logger.handlers[:], logger.propagate, logger.level
    logger.handlers[:], logger.propagate = [_ToStructlog()], False
    logger.setLevel(logging.getLogger().getEffectiveLevel())
    try:
        yield
    finally:
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)

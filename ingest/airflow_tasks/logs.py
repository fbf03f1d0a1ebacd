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


def _of_others(record: logging.LogRecord) -> bool:
    return not record.name.startswith(f"{ROOT}.")


@contextmanager
def events_in_task_log() -> Iterator[None]:
    """In place of Airflow's own handler; whoever else listens still does. Does nothing where Airflow has not set up
    logging."""
    airflows = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    ]
    if not airflows:
        yield
        return
    logger, ours = logging.getLogger(ROOT), _ToStructlog()
    logger.addHandler(ours)
    for handler in airflows:
        handler.addFilter(_of_others)
    try:
        yield
    finally:
        logger.removeHandler(ours)
        for handler in airflows:
            handler.removeFilter(_of_others)

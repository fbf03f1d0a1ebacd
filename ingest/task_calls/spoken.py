"""Log lines for a scheduler that shows the message alone: file, stage, batch and other facts are put into it."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ingest.logs import ROOT, facts_of


@contextmanager
def facts_in_lines() -> Iterator[None]:
    """For all that docstrata logs inside."""
    logger, handler = logging.getLogger(ROOT), _Spoken()
    propagated = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False  # the handler hands each record on itself
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated


class _Spoken(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        said = copy.copy(record)
        said.msg = record.getMessage() + "".join(f" {name}={fact!r}" for name, fact in facts_of(record).items())
        said.args = None
        logging.getLogger().handle(said)

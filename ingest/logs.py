"""Standard logging with constant event names. Document text is never logged."""

from __future__ import annotations

import logging
import sys

# A library stays silent until the application that uses it sets up logging.
logging.getLogger("docstrata").addHandler(logging.NullHandler())


def get_logger(name: str) -> logging.Logger:
    """A logger below `docstrata`; the event is the message, facts go into `extra={"facts": …}`."""
    return logging.getLogger(f"docstrata.{name.removeprefix('ingest.')}")


class _FactsFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        facts = getattr(record, "facts", None)
        if not facts:
            return line
        return line + " " + " ".join(f"{key}={value!r}" for key, value in facts.items())


def configure(level: str) -> None:
    """For the command line: to standard error, one line an event. An application sets up its own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_FactsFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("docstrata")
    logger.handlers[:] = [handler]
    logger.setLevel(level.upper())
    logger.propagate = False

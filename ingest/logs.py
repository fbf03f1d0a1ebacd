"""Standard logging with constant event names. Document text is never logged.

```
INFO docstrata.stages.work file.parsed file=pump.pdf stage=parse run=4f0c2a91b7de source=manuals pages=12
```
An event is the message, facts go into `extra={"facts": …}`, and where something happens is told once: whoever
begins a file or a stage says so by `about(…)`, and every line inside carries it, in worker processes too.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Literal, TextIO

ROOT = "docstrata"
LogFormat = Literal["text", "json"]
Fact = str | int | float | bool | None

# A library stays silent until the application that uses it sets up logging.
logging.getLogger(ROOT).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Where:
    """What a line is about. `file` is its path in the source, `batch` a reference of a planned run's."""

    file: str = ""
    stage: str = ""
    run: str = ""
    batch: str = ""
    tenant: str = ""
    source: str = ""

    def told(self) -> dict[str, str]:
        return {name: value for name in _WHERE if (value := getattr(self, name))}


_WHERE = tuple(field.name for field in fields(Where))
_NOWHERE = Where()
_where: ContextVar[Where] = ContextVar("docstrata_where", default=_NOWHERE)


def where() -> Where:
    return _where.get()


@contextmanager
def at(place: Where) -> Iterator[None]:
    """All lines inside are about `place`, whatever they were about before."""
    token = _where.set(place)
    try:
        yield
    finally:
        _where.reset(token)


@contextmanager
def about(
    *,
    file: str | None = None,
    stage: str | None = None,
    run: str | None = None,
    batch: str | None = None,
    tenant: str | None = None,
    source: str | None = None,
) -> Iterator[None]:
    """All lines inside are about this too. Not around a `yield` of a generator: it would reach its caller."""
    given = {"file": file, "stage": stage, "run": run, "batch": batch, "tenant": tenant, "source": source}
    with at(replace(_where.get(), **{name: value for name, value in given.items() if value is not None})):
        yield


def get_logger(name: str) -> logging.Logger:
    """A logger below `docstrata`; the event is the message, facts go into `extra={"facts": …}`."""
    return logging.getLogger(f"{ROOT}.{name.removeprefix('ingest.')}")


def facts_of(record: logging.LogRecord) -> dict[str, Fact]:
    """Where the record was made, then its own facts. One from a worker process has brought its own place."""
    place: Where = getattr(record, "where", None) or _where.get()
    facts: Mapping[str, Fact] = getattr(record, "facts", None) or {}
    return {**place.told(), **facts}


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        facts = facts_of(record)
        return line + "".join(f" {key}={value!r}" for key, value in facts.items())


class _JsonFormatter(logging.Formatter):
    """One object a line; a fact of the name of one of its first four keys gives way to them."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= {name: fact for name, fact in facts_of(record).items() if name not in line}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str, form: LogFormat = "text", stream: TextIO | None = None) -> None:
    """For the command line: to standard error, one line an event. An application sets up its own."""
    handler = logging.StreamHandler(stream or sys.stderr)
    text = _TextFormatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    handler.setFormatter(_JsonFormatter() if form == "json" else text)
    logger = logging.getLogger(ROOT)
    logger.handlers[:] = [handler]
    logger.setLevel(level.upper())
    logger.propagate = False


# ------------------------------------------------------------------ across processes


@dataclass(frozen=True, slots=True)
class CarriedRecord:
    """An event of a worker process on its way to the parent, whose handlers have the last word."""

    logger: str
    level: int
    event: str
    created: float
    facts: Mapping[str, Fact]
    where: Where

    @classmethod
    def of(cls, record: logging.LogRecord) -> CarriedRecord:
        facts = getattr(record, "facts", None) or {}
        return cls(record.name, record.levelno, record.getMessage(), record.created, facts, _where.get())

    def tell(self) -> None:
        """In the process that has handlers."""
        logger = logging.getLogger(self.logger)
        if not logger.isEnabledFor(self.level):
            return
        extra = {"facts": self.facts, "where": self.where}
        record = logger.makeRecord(self.logger, self.level, "", 0, self.event, (), None, extra=extra)
        record.created = self.created
        logger.handle(record)


Carry = Callable[[CarriedRecord], None]


class Carrier(logging.Handler):
    """In a worker process: hands records to whoever sends them to the parent."""

    def __init__(self, send: Carry) -> None:
        super().__init__()
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        self._send(CarriedRecord.of(record))


def carry_to_parent(send: Carry, level: int) -> None:
    """From now on the events of this process, at `level` and above, go through `send`."""
    logger = logging.getLogger(ROOT)
    logger.handlers[:] = [Carrier(send)]
    logger.setLevel(level)
    logger.propagate = False


def level_wanted() -> int:
    """The least level that anybody here listens to: for a worker process, which need not send the others."""
    return logging.getLogger(ROOT).getEffectiveLevel()

"""`python -m ingest.task_calls CALL FD`: one call, its arguments as JSON on standard input, messages to file
descriptor FD. Exit code 0 when it has answered, whatever the answer is."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import TextIO

from ingest.logs import ROOT, facts_of
from ingest.task_calls.calls import CALLS
from ingest.task_calls.channel import Answer, Ending, Json, LogLine
from ingest.task_calls.errors import NothingToDo
from ingest.workers.parent import be_killed_with_parent
from schemas.errors import DocstrataError, TransientError


def main() -> int:
    name, descriptor = sys.argv[1], int(sys.argv[2])
    be_killed_with_parent()
    os.set_inheritable(descriptor, False)  # a parser's process must not keep it open
    with os.fdopen(descriptor, "w", encoding="utf-8", buffering=1) as channel:
        _log_to(channel)
        channel.write(answered(name, json.load(sys.stdin)).model_dump_json() + "\n")
    return 0


def answered(name: str, arguments: dict[str, Json]) -> Answer:
    """Of a call. What is no error of ours is raised: its traceback belongs into the log."""
    try:
        return Answer(ending=Ending.DONE, result=CALLS[name](**arguments))
    except NothingToDo as error:
        return Answer(ending=Ending.NOTHING, code=error.code, message=error.message)
    except DocstrataError as error:
        ending = Ending.TRANSIENT if isinstance(error, TransientError) else Ending.FINAL
        return Answer(ending=ending, code=error.code, message=error.message)


class _ToChannel(logging.Handler):
    """Each record as a line, at once."""

    def __init__(self, channel: TextIO) -> None:
        super().__init__(logging.INFO)
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + logging.Formatter().formatException(record.exc_info)
        facts = json.loads(json.dumps(facts_of(record), default=str))
        line = LogLine(logger=record.name, level=record.levelno, message=message, facts=facts)
        self._channel.write(line.model_dump_json() + "\n")


def _log_to(channel: TextIO) -> None:
    logger = logging.getLogger(ROOT)
    logger.handlers[:] = [_ToChannel(channel)]
    logger.setLevel(logging.INFO)
    logger.propagate = False


if __name__ == "__main__":
    sys.exit(main())

"""A call in another interpreter, which has docstrata and its engines where this one has not.

The process is in a group of its own. Its log lines arrive as it writes them; it ends when this
process ends, when a task is stopped, and when waiting for it is broken off.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, cast

from ingest.logs import get_logger
from ingest.task_calls.channel import MESSAGE, Answer, Ending, Json
from ingest.task_calls.errors import EngineFailed, EngineLost, EngineTransient, NothingToDo
from schemas.errors import ConfigError

_GRACE_S = 3.0
"""Seconds between asking and ending: Airflow gives a task five."""
_DRAIN_S = 5.0
"""Seconds to read what an ended process left in its pipes."""

_log = get_logger(__name__)


def call_in(python: str, name: str, arguments: Mapping[str, Json]) -> Json:
    """Raises `NothingToDo`, `EngineTransient`, `EngineFailed`, `EngineLost`; `ConfigError` where `python` is no
    interpreter."""
    if not (Path(python).is_absolute() and os.access(python, os.X_OK)):
        raise ConfigError(
            f"airflow.python is '{python}': give the absolute path of the interpreter that has docstrata installed"
        )
    reading, writing = os.pipe()
    try:
        process = _start(python, name, writing)
    finally:
        os.close(writing)
    with _stopped_at_the_end(process):
        messages = _Messages(reading)
        # Both are there: they were asked for.
        stdin, stdout = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
        output = threading.Thread(target=_log_output, args=(stdout,), daemon=True)
        output.start()
        messages.start()
        with suppress(BrokenPipeError):  # it ended before it read: why is in its output
            _send(stdin, arguments)
        status = process.wait()
    output.join(_DRAIN_S)
    messages.join(_DRAIN_S)
    return _result(messages.answer, status)


def _start(python: str, name: str, descriptor: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        # -P: the task's working folder is no place to import from.
        [python, "-P", "-m", "ingest.task_calls", name, str(descriptor)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(os.environ),
        pass_fds=(descriptor,),
        start_new_session=True,
        encoding="utf-8",
        errors="replace",
    )


def environment(outer: Mapping[str, str]) -> dict[str, str]:
    """Without Airflow's settings: the other interpreter may have another Airflow, or none."""
    kept = {name: text for name, text in outer.items() if not name.startswith(("AIRFLOW", "_AIRFLOW"))}
    kept.pop("PYTHONHOME", None)
    return kept | {"PYTHONUNBUFFERED": "1"}


def _send(stdin: IO[str], arguments: Mapping[str, Json]) -> None:
    with stdin:
        json.dump(arguments, stdin)


def _result(answer: Answer | None, status: int) -> Json:
    if answer is None:
        how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with exit code {status}"
        raise EngineLost(f"the engine's process {how} before it answered; its last lines are above", status=status)
    if answer.ending is Ending.DONE:
        return answer.result
    if answer.ending is Ending.NOTHING:
        raise NothingToDo(answer.message)
    kind = EngineTransient if answer.ending is Ending.TRANSIENT else EngineFailed
    raise kind(f"{answer.code}: {answer.message}")


class _Messages(threading.Thread):
    """Hands log lines on as they come, and keeps the answer."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(daemon=True)
        self.answer: Answer | None = None
        self._descriptor = descriptor

    def run(self) -> None:
        with os.fdopen(self._descriptor, encoding="utf-8") as lines:
            for line in lines:
                if not line.endswith("\n"):
                    return  # it was killed in the middle of it
                message = MESSAGE.validate_json(line)
                if isinstance(message, Answer):
                    self.answer = message
                    return
                logging.getLogger(message.logger).log(
                    message.level, "%s", message.message, extra={"facts": message.facts}
                )


def _log_output(output: IO[str]) -> None:
    """What libraries print."""
    with output:
        for line in output:
            _log.info("%s", line.rstrip("\n"))


# --------------------------------------------------------------------------------- its end


@contextmanager
def _stopped_at_the_end(process: subprocess.Popen[str]) -> Iterator[None]:
    """Airflow's own handler of SIGTERM does not end a task that waits: so it is handed on to the engine here."""
    with _handed_on(process):
        try:
            yield
        finally:
            if process.poll() is None:
                _signal(process, signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_GRACE_S)
            _signal(process, signal.SIGKILL)  # also what it has left behind
            process.wait()


@contextmanager
def _handed_on(process: subprocess.Popen[str]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may ask for signals
        return
    before = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        _signal(process, signal.SIGTERM)
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)

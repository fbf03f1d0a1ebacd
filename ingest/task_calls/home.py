"""Where the tasks find the home and its configuration: `DOCSTRATA_HOME`, `DOCSTRATA_CONFIG`.

Imported by every DAG file, again and again: nothing heavy, and no Airflow.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.config import Overrides, Settings, find_config, load_settings
from ingest.logs import get_logger
from ingest.options.airflow import AirflowOptions
from ingest.sources.places import Root, is_url
from schemas.errors import ConfigError

if TYPE_CHECKING:
    from ingest.steps import Steps

_log = get_logger(__name__)


def home() -> Path:
    """Raises `ConfigError`: a worker's working folder is no place to guess."""
    found = os.environ.get("DOCSTRATA_HOME", "")
    if not found:
        raise ConfigError("DOCSTRATA_HOME is not set: name the folder of docstrata's state to Airflow's processes")
    return absolute_path(found, "DOCSTRATA_HOME")


def settings(overrides: Overrides | None = None) -> Settings:
    """Raises `ConfigError`, which Airflow shows as the DAG's import error."""
    config = os.environ.get("DOCSTRATA_CONFIG", "")
    file = absolute_path(config, "DOCSTRATA_CONFIG") if config else find_config(Path.cwd())
    return load_settings(file, overrides=overrides)


def options() -> AirflowOptions:
    return settings().airflow


def inbox() -> Root | None:
    """The drop folder, or its URL, where one is configured. Raises `ConfigError`."""
    found = options().inbox
    return absolute(found, "airflow.inbox") if found else None


def place(what: str, named: str) -> str:
    """A source as it is named: a URL that fsspec knows, or an absolute path, which may be a glob. Raises
    `ConfigError`."""
    return str(absolute(what, named))


def absolute(path: str, what: str) -> Root:
    """URLs are. Raises `ConfigError`."""
    return path if is_url(path) else absolute_path(path, what)


def absolute_path(path: str, what: str) -> Path:
    """Raises `ConfigError`: each of Airflow's processes has a working folder of its own."""
    if not Path(path).is_absolute():
        raise ConfigError(f"{what} is '{path}': give an absolute path, Airflow's processes run in folders of their own")
    return Path(path)


@contextmanager
def opened(subject: str = "", overrides: Overrides | None = None) -> Iterator[Steps]:
    """The home, for one task. Tasks lie side by side on a machine: each has few parser processes. `subject`: what
    the task is about, which each line of its log names."""
    from ingest.steps import Steps

    chosen = settings({"parse.workers": options().parse_workers, **(overrides or {})})
    with Steps(home(), chosen, progress=_Logged(subject)) as steps:
        yield steps


class _Logged:
    """Progress as log lines, one for each tenth of what was found."""

    def __init__(self, subject: str) -> None:
        self._subject = f"{subject}: " if subject else ""
        self._found: dict[str, int] = {}
        self._done: dict[str, int] = {}

    def expect(self, stage: str, more: int) -> None:
        self._found[stage] = self._found.get(stage, 0) + more

    def advance(self, stage: str, done: int = 1) -> None:
        before, found = self._done.get(stage, 0), self._found.get(stage, 0)
        self._done[stage] = before + done
        if found and 10 * before // found != 10 * self._done[stage] // found:
            _log.info("%s%s: %s of %s", self._subject, stage, self._done[stage], found)

    def say(self, message: str) -> None:
        _log.warning("%s%s", self._subject, message)

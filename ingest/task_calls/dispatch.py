"""A call, made in this process or by the engine in another interpreter (`[airflow] python`)."""

from __future__ import annotations

from ingest.task_calls.calls import CALLS
from ingest.task_calls.channel import Json
from ingest.task_calls.home import options
from ingest.task_calls.remote import call_in


def call(name: str, **arguments: Json) -> Json:
    """Raises `NothingToDo`, `TransientError` for what is worth another try, `DocstrataError` for what is not."""
    python = options().python
    return call_in(python, name, arguments) if python else CALLS[name](**arguments)

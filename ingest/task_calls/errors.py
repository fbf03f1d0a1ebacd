"""How a call ends when it does not end well, beside the tree of errors."""

from __future__ import annotations

from schemas.errors import DocstrataError, TransientError


class NothingToDo(DocstrataError):
    """There was nothing to be done: the task is skipped, and so is what follows it."""

    code = "nothing_to_do"


class EngineFailed(DocstrataError):
    """The engine in the other interpreter says no, and would say so again. The message names its code."""

    code = "engine"


class EngineTransient(TransientError):
    """The engine in the other interpreter met what may pass by itself. The message names its code."""

    code = "engine_transient"


class EngineLost(TransientError):
    """The engine's process ended without an answer: killed, or a defect whose traceback is in the log."""

    code = "engine_lost"

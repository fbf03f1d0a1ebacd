"""What goes over the pipe from the engine's process to the task: a JSON line each.

It is a pipe of its own: whatever a library prints goes to standard output and error, and breaks nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Json = Any
"""What `json` writes and reads; pydantic checks it where it matters."""


class Ending(StrEnum):
    """How a call ended: `transient` may pass by itself, `final` would be the same again."""

    DONE = "done"
    NOTHING = "nothing"
    TRANSIENT = "transient"
    FINAL = "final"


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LogLine(_Message):
    """A record of the engine's log. `level` as in `logging`; `facts` as the record has them, with the
    file and stage that it is about."""

    kind: Literal["log"] = "log"
    logger: str
    level: int
    message: str
    facts: dict[str, Json] = Field(default_factory=dict)


class Answer(_Message):
    """The last line. `result` of a call that is done, else `code` and `message` of its error."""

    kind: Literal["answer"] = "answer"
    ending: Ending
    result: Json = None
    code: str = ""
    message: str = ""


Message = Annotated[LogLine | Answer, Field(discriminator="kind")]
MESSAGE: TypeAdapter[LogLine | Answer] = TypeAdapter(Message)

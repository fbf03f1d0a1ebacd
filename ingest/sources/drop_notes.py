"""The note beside a file that was not, or not wholly, taken in: what is wrong, and what to do."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

_MADE_BY = "docstrata"
_LARGEST = 16 * 2**20


@dataclass(frozen=True, slots=True)
class MemberError:
    """What an archive or a mail holds, and why it was not taken in."""

    path: str
    code: str
    message: str
    stage: str
    page: int | None
    attempts: int


@dataclass(frozen=True, slots=True)
class ErrorNote:
    """`file` is the name of the file beside it, `document` the path that it was dropped at. `code`
    is empty where only members failed. `when` is in ISO 8601, UTC."""

    file: str
    document: str
    source: str
    code: str
    message: str
    what_to_do: str
    stage: str
    page: int | None
    attempts: int
    when: str
    run: str
    members: tuple[MemberError, ...] = ()
    made_by: str = _MADE_BY

    def to_json(self) -> bytes:
        return (json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def noted_file(path: Path) -> str | None:
    """The name of the file that a note of ours speaks of; None for anything else of that name."""
    try:
        if path.is_symlink() or path.stat().st_size > _LARGEST:
            return None
        return noted_in(path.read_bytes())
    except (FileNotFoundError, PermissionError):
        return None  # no note of ours: those are there, and ours


def noted_in(content: bytes) -> str | None:
    """As `noted_file`, of what lies elsewhere."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("made_by") != _MADE_BY or "what_to_do" not in found:
        return None
    return str(found.get("file", ""))

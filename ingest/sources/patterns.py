"""Glob patterns on paths below a folder, as people mean them.

`*.md` and `drafts` without a slash name a file or a folder anywhere; a slash at the end asks for
a folder. A pattern with a slash before that counts from the top. `*` and `?` stay within one
name, `**` stands for any number of folders, none included. A folder that is named stands for
all that is in it.
"""

from __future__ import annotations

import fnmatch
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

ANYWHERE = "**"


def matches(path: str, pattern: str) -> bool:
    """`path` is relative, with `/`, in NFC. An empty pattern names nothing."""
    names, folder_only = _names(pattern)
    return bool(names) and _match(path.split("/"), names, folder_only)


@lru_cache(maxsize=256)
def _names(pattern: str) -> tuple[tuple[str, ...], bool]:
    """The pattern's names from the top, and whether it asks for a folder."""
    text = unicodedata.normalize("NFC", pattern).removeprefix("./")
    folder_only = text.endswith("/")
    names = [name for name in text.split("/") if name]
    if len(names) == 1 and not text.startswith("/"):
        names.insert(0, ANYWHERE)
    if names and names[-1] == ANYWHERE:
        # What is in a folder: one name at least.
        names = [*names[:-1], ANYWHERE, "*"]
    return tuple(names), folder_only


def _match(parts: Sequence[str], names: Sequence[str], folder_only: bool) -> bool:
    if not names:
        return bool(parts) or not folder_only
    if names[0] == ANYWHERE:
        return any(_match(parts[start:], names[1:], folder_only) for start in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], names[0]) and _match(parts[1:], names[1:], folder_only)

"""What of reStructuredText no reader is shown: comments, where links lead, and directives that have no text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ingest.parsers.text_headings import Group

_TARGET = re.compile(r"\.\. +_|__( |$)")
_DIRECTIVE = re.compile(r"\.\. +(?:\|[^|]+\| +)?([\w:.+-]+)::")
_OTHER_TEXT = re.compile(r"\.\. +[\[|]")
"""A footnote, a citation, a substitution."""
_SILENT = frozenset(
    {
        "contents", "currentmodule", "default-role", "footer", "header", "highlight", "include", "index", "meta",
        "module", "py:currentmodule", "py:module", "raw", "role", "sectnum", "section-numbering", "tabularcolumns",
        "target-notes", "title", "toctree",
    }
)  # fmt: skip
_ROLE = re.compile(r"(?::[\w:.+-]+:)?`+([^`<]+?)(?:\s*<[^>`]*>)?`+_{0,2}")
_REFERENCE = re.compile(r"\b(\w[\w-]*)_{1,2}(?!\w)")


def shown_groups(groups: Iterable[Group]) -> Iterator[Group]:
    """The groups of lines without those that are nothing else. The body of one, which is indented, may go on behind
    blank lines."""
    silent = False
    for group in groups:
        indented = all(line[:1].isspace() for line in group.lines)
        silent = silent if indented else _is_silent(group.lines)
        if not silent:
            yield group


def _is_silent(lines: Iterable[str]) -> bool:
    """Every construct in it; indented lines are of the one above."""
    return all(line[:1].isspace() or _begins_silent(line) for line in lines)


def _begins_silent(line: str) -> bool:
    if _TARGET.match(line):
        return True
    directive = _DIRECTIVE.match(line)
    if directive:
        return directive[1].lower() in _SILENT
    return line.startswith("..") and not line.startswith("...") and not _OTHER_TEXT.match(line)


def plain_title(title: str) -> str:
    """Without the marks of roles and links: ":mod:`socket` --- …" is "socket --- …"."""
    return _REFERENCE.sub(r"\1", _ROLE.sub(r"\1", title))

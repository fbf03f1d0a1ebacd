"""Which of the headings there are somebody means. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Final

from ingest.search.heading_numbers import HeadingName, fold, read_heading

_LEVELS: Final = re.compile(r"\s*[›»]\s*|\s+(?:>|/|→)\s+")
_NEAR: Final = 5
"""Headings that are named where none fits."""


def levels_of(under: str) -> tuple[str, ...]:
    """ "第二章 › 2.1" → its levels, from above; as results show a path, or with " > " or " / " between."""
    return tuple(level for level in map(str.strip, _LEVELS.split(under)) if level)


def fitting(asked: str, headings: Iterable[str]) -> tuple[str, ...]:
    """Those headings that are meant by what was typed, sorted: all that fit by the first of these rules that any
    fits by. Never both the heading itself and another that only begins alike.

    1. The heading, letter by letter.
    2. The same but for case, white space, width and form of the characters, or a full stop at its end.
    3. Its number and what that counts, whatever it is written in: "chapter 2", "第二章", "Chapter II".
    4. Its number, where one of the two does not say what is counted: "2.1", "section 2.1", "2、".
    5. Its title without the number.
    6. Its beginning, up to the end of a word; then that of its title; then one that ends within a word.
    7. Whole words of it.
    """
    known = sorted(set(headings))
    if asked in known:
        return (asked,)
    wanted = read_heading(asked)
    if not wanted.whole:
        return ()
    named = [(heading, read_heading(heading)) for heading in known]
    for rule in _RULES:
        found = tuple(heading for heading, name in named if rule(wanted, name))
        if found:
            return found
    return ()


def near(asked: str, headings: Iterable[str]) -> list[str]:
    """Headings that are written alike, best first; else the first ones there are."""
    by_form = {fold(heading): heading for heading in sorted(set(headings), reverse=True)}
    alike = difflib.get_close_matches(fold(asked), by_form, n=_NEAR, cutoff=0.4)
    return [by_form[form] for form in alike or sorted(by_form)[:_NEAR]]


def stands_under(path: Iterable[str], levels: Iterable[frozenset[str]]) -> bool:
    """Whether one heading of each level stands in the path, in their order; others may stand between."""
    entries = iter(path)
    return all(any(entry in level for entry in entries) for level in levels)


def _same(wanted: HeadingName, name: HeadingName) -> bool:
    return wanted.whole.rstrip(".:。") == name.whole.rstrip(".:。")


def _bare(wanted: HeadingName) -> bool:
    """A number was typed and nothing else."""
    return bool(wanted.number) and not wanted.title


def _counted(wanted: HeadingName, name: HeadingName) -> bool:
    return _bare(wanted) and (wanted.number, wanted.unit) == (name.number, name.unit)


def _numbered(wanted: HeadingName, name: HeadingName) -> bool:
    return _bare(wanted) and wanted.number == name.number and "" in {wanted.unit, name.unit}


def _titled(wanted: HeadingName, name: HeadingName) -> bool:
    return bool(name.title) and wanted.whole.rstrip(".:。") == name.title.rstrip(".:。")


def _begins(wanted: HeadingName, name: HeadingName) -> bool:
    # "2" does not begin "2.1", nor "20": a number stands for itself.
    return not _bare(wanted) and _is_beginning(wanted.whole, name.whole)


def _title_begins(wanted: HeadingName, name: HeadingName) -> bool:
    return not _bare(wanted) and _is_beginning(wanted.whole, name.title)


def _starts(wanted: HeadingName, name: HeadingName) -> bool:
    return not _bare(wanted) and (name.whole.startswith(wanted.whole) or name.title.startswith(wanted.whole))


def _is_within(wanted: HeadingName, name: HeadingName) -> bool:
    return not _bare(wanted) and any(
        _is_beginning(wanted.whole, name.whole[at.start() :])
        for at in re.finditer(re.escape(wanted.whole), name.whole)
        if at.start() == 0 or not _joins(name.whole[at.start() - 1], wanted.whole[0])
    )


def _is_beginning(beginning: str, text: str) -> bool:
    if not text.startswith(beginning):
        return False
    rest = text[len(beginning) :]
    return not rest or not _joins(beginning[-1], rest[0])


def _joins(one: str, other: str) -> bool:
    """Whether two characters side by side are of one word: Latin letters are, Han are not."""
    return all(each.isalnum() and ord(each) < 0x2E80 for each in (one, other))


_RULES: Final[tuple[Callable[[HeadingName, HeadingName], bool], ...]] = (
    _same,
    _counted,
    _numbered,
    _titled,
    _begins,
    _title_begins,
    _starts,
    _is_within,
)

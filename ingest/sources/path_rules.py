"""Metadata from the path of a document, by rules that the user gives."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from schemas.errors import ConfigError
from schemas.source import MetadataValue

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\{([A-Za-z_][A-Za-z0-9_]*)\}")


class PathRule(Protocol):
    @property
    def match(self) -> str: ...

    @property
    def values(self) -> Mapping[str, MetadataValue]: ...


def metadata_of_path(path: str, rules: Sequence[PathRule]) -> dict[str, MetadataValue]:
    """What the rules that match say, the later ones above the earlier; what a rule sets, above
    what its pattern took from the path."""
    found: dict[str, MetadataValue] = {}
    for rule in rules:
        match = _pattern(rule.match).fullmatch(path)
        if match:
            found.update(match.groupdict())
            found.update(rule.values)
    return found


def check_rules(rules: Iterable[PathRule]) -> None:
    """Raises `ConfigError` for a pattern that cannot be used."""
    for rule in rules:
        _pattern(rule.match)


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    """`*` and `?` stay within a name, `**` spans folders, a `{name}` is one or more characters of one
    name. A pattern that ends in `/` stands for all below."""
    pattern = unicodedata.normalize("NFC", text).removeprefix("./").removeprefix("/")
    pattern += "**" if pattern.endswith("/") else ""
    parts: list[str] = []
    seen: set[str] = set()
    position = 0
    for token in _TOKEN.finditer(pattern):
        parts.append(re.escape(pattern[position : token.start()]))
        parts.append(_token(token, seen, text))
        position = token.end()
    parts.append(re.escape(pattern[position:]))
    return re.compile("".join(parts), re.DOTALL)


def _token(token: re.Match[str], seen: set[str], rule: str) -> str:
    name = token.group(1)
    if name is None:
        return {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}[token.group()]
    if name in seen:
        raise ConfigError(f"metadata.rules: {{{name}}} stands twice in {rule!r}; give each its own name")
    seen.add(name)
    return f"(?P<{name}>[^/]+?)"

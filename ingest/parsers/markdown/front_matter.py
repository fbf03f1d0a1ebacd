"""The block of `key: value` lines that may open a Markdown file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.source import MetadataValue

_FENCED = re.compile(r"\A(?P<fence>---|\+\+\+)[ \t]*\n(?P<body>(?:.*\n)*?)(?P=fence)[ \t]*(?=\n|\Z)")
_KEYS = {
    "---": re.compile(r"(?P<key>\w[\w .\-]{0,60}?)[ \t]*:(?:[ \t]+(?P<value>.*)|[ \t]*)\Z"),
    "+++": re.compile(r"(?P<key>[\w\-]{1,60})[ \t]*=[ \t]*(?P<value>.*)\Z"),
}
_ITEM = re.compile(r"\s*-\s+(?P<value>.+)\Z")
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,15})\Z")
_BLOCK_MARKS = frozenset({"|", ">", "|-", ">-", "|+", ">+"})
_MOST_KEYS = 64
_LONGEST_VALUE = 2000


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """`end`: where it ends in the text, its closing fence included."""

    end: int
    metadata: dict[str, MetadataValue]


def read_front_matter(text: str) -> FrontMatter | None:
    """YAML (`---`) or TOML (`+++`) front matter, or None when the file opens otherwise.

    Scalars and lists of scalars are read (a list is joined with ", "); nested values are not, and
    nothing in it is an error. No YAML library is asked: what is read must not depend on what
    happens to be installed. Text between two thematic breaks is no front matter: its first line
    that is neither blank nor a comment has to be a key.
    """
    match = _FENCED.match(text)
    if match is None:
        return None
    lines = match["body"].split("\n")
    content = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    key_line = _KEYS[match["fence"]]
    if not content or not key_line.match(content[0]):
        return None
    return FrontMatter(match.end(), _read(lines, key_line))


def _read(lines: list[str], key_line: re.Pattern[str]) -> dict[str, MetadataValue]:
    found: dict[str, list[str]] = {}
    values: list[str] | None = None
    for line in lines:
        match = key_line.match(line)
        if match and not line[0].isspace():
            values = found.setdefault(match["key"].strip(), [])
            value = (match["value"] or "").strip()
            if value and value not in _BLOCK_MARKS:
                values.append(value)
        elif values is not None and (item := _ITEM.match(line)):
            values.append(item["value"].strip())
        elif values is not None and line[:1].isspace() and line.strip() and not key_line.match(line.strip()):
            values.append(line.strip())
        elif line.strip():
            values = None
    return {
        key: _scalar(parts[0]) if len(parts) == 1 else ", ".join(_unquoted(part) for part in parts)[:_LONGEST_VALUE]
        for key, parts in list(found.items())[:_MOST_KEYS]
        if parts
    }


def _scalar(value: str) -> MetadataValue:
    if value.startswith("[") and value.endswith("]"):
        return ", ".join(_unquoted(part.strip()) for part in value[1:-1].split(",") if part.strip())
    if value in {"true", "True", "false", "False"}:
        return value.lower() == "true"
    # A leading zero or a dot may be a version, a date or a number in a series: kept as written.
    return int(value) if _INTEGER.match(value) else _unquoted(value)[:_LONGEST_VALUE]


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return re.sub(r"\s+#.*\Z", "", value)

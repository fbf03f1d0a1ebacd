"""Arguments as people type them, read into what the engine takes. Raises `ConfigError`."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ingest.config import literal
from ingest.raw_names import printable
from schemas.errors import ConfigError


def read_overrides(items: Sequence[str]) -> dict[str, object]:
    """`parse.workers=4` → `{"parse.workers": 4}`; a value is read as TOML, else it is text."""
    return {key: literal(value, key) for key, value in (_pair(item, "--set") for item in items)}


def read_question(given: str) -> str:
    """As it was typed. A terminal of another encoding sends bytes that are no text."""
    try:
        given.encode("utf-8")
    except UnicodeEncodeError:
        raise ConfigError("the question is not UTF-8: set the terminal to UTF-8 and type it again") from None
    return given


def read_filters(items: Sequence[str]) -> dict[str, str | int | tuple[str | int, ...]]:
    """`path=a.pdf`, `pages=3`; a repeated key means either. The index refuses keys it does not know."""
    values: dict[str, list[str | int]] = {}
    for item in items:
        key, value = _pair(printable(item), "--filter")
        values.setdefault(key, []).append(_number(key, value) if key in _NUMBERS else value)
    return {key: found[0] if len(found) == 1 else tuple(found) for key, found in values.items()}


_NUMBERS = frozenset({"pages", "from_seq", "to_seq"})


def _number(key: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ConfigError(f"--filter {key}= takes a whole number, not '{value}'") from None


def _pair(item: str, option: str) -> tuple[str, str]:
    key, sign, value = item.partition("=")
    if not sign or not key:
        raise ConfigError(f"{option} takes KEY=VALUE, not '{item}'")
    return key.strip(), value.strip()


def complete_path(incomplete: str) -> list[str]:
    """Files and folders that begin so; nothing of a URL, which would have to be asked for."""
    folder, slash, name = incomplete.rpartition("/")
    try:
        with os.scandir(folder or slash or ".") as found:
            names = [each.name + "/" * each.is_dir() for each in found if each.name.startswith(name)]
    except OSError:
        return []
    shown = (each for each in names if name.startswith(".") or not each.startswith("."))
    return sorted(folder + slash + each for each in shown)

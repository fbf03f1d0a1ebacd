"""Metadata that stands beside a document: `report.pdf.meta.json` says what is known of `report.pdf`.

One JSON object of names and values: text, numbers, true or false, and lists of text. A `title`
takes the place of the document's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import BadSidecar
from schemas.source import MetadataValue

_LARGEST = 1024 * 1024
_MOST_NAMES = 200


def read_sidecar(path: Path, name: str) -> dict[str, MetadataValue]:
    """Raises `BadSidecar` with a sentence that says what to mend, `OSError` when it cannot be opened."""
    with path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise BadSidecar(f"{name} has more than {_LARGEST // 1024} KiB: it is not metadata", name=name)
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadSidecar(f"{name} is not JSON in UTF-8 ({error}): mend it, or take it away", name=name) from error
    if not isinstance(found, Mapping) or len(found) > _MOST_NAMES:
        raise BadSidecar(
            f'{name} must be one object such as {{"author": "Ada"}}, of at most {_MOST_NAMES} names', name=name
        )
    return {str(key): _value(str(key), value, name) for key, value in found.items() if value is not None}


def _value(key: str, value: object, name: str) -> MetadataValue:
    if isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise BadSidecar(
        f"{name}: {key!r} must be text, a number, true, false or a list of texts, nothing nested", name=name, key=key
    )

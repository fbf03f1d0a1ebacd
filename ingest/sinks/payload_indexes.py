"""Which payload fields may be filtered on: each has an index, whatever the engine."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ingest.vectors import FACETS, METADATA_PREFIX, PayloadFilter
from schemas.errors import ConfigError, InvariantError


class FieldType(StrEnum):
    KEYWORD = "keyword"
    INTEGER = "integer"
    BOOL = "bool"


TENANT_FIELD: Final = "tenant"
"""Servers may lay points out by it: every search names its tenant."""

INDEXED_FIELDS: Final[Mapping[str, FieldType]] = MappingProxyType(
    {
        TENANT_FIELD: FieldType.KEYWORD,
        "source": FieldType.KEYWORD,
        "path": FieldType.KEYWORD,
        "container": FieldType.KEYWORD,
        FACETS: FieldType.KEYWORD,
        "doc_id": FieldType.KEYWORD,
        "chunk_id": FieldType.KEYWORD,
        "section": FieldType.KEYWORD,
        "parent": FieldType.KEYWORD,
        "position": FieldType.INTEGER,
        "kind": FieldType.KEYWORD,
        "language": FieldType.KEYWORD,
        "media_type": FieldType.KEYWORD,
        "heading_path": FieldType.KEYWORD,
        "survivor": FieldType.KEYWORD,
        "pages": FieldType.INTEGER,
        "current": FieldType.BOOL,
        "from_seq": FieldType.INTEGER,
        "to_seq": FieldType.INTEGER,
    }
)

_PYTHON_TYPES: Final = {FieldType.KEYWORD: str, FieldType.INTEGER: int, FieldType.BOOL: bool}


MOST_VALUES: Final = 1_000_000
"""Of a field; engines want a limit, and nothing of what is asked for is to be left out."""


def check_values(field: str) -> None:
    """Raises `InvariantError` for a field whose values no engine can list."""
    if INDEXED_FIELDS.get(field) is not FieldType.KEYWORD:
        raise InvariantError("the values of a field without an index of text were asked for", field=field)


def check_filter(where: PayloadFilter) -> None:
    """A server in strict mode refuses an unindexed filter; the embedded engine would read every
    point instead, or find nothing for a value of the wrong type. Both refuse alike here.

    Raises `ConfigError` that names the fields there are, `InvariantError` without a tenant.
    """
    if where.history and where.as_of is not None:
        raise ConfigError("a filter asks either for all history or for one moment (as_of), not for both")
    if isinstance(where.equals.get(TENANT_FIELD), str) is where.all_tenants:
        raise InvariantError("a filter names one tenant, or says that it is for all of them", tenants=where.all_tenants)
    for condition in where.conditions():
        name, kind = condition.field, INDEXED_FIELDS.get(condition.field)
        if kind is None:
            known = ", ".join(sorted(INDEXED_FIELDS))
            raise ConfigError(
                f"{name!r} cannot be filtered on; these fields can: {known}, and {METADATA_PREFIX}NAME", field=name
            )
        for value in condition.values:
            # type() and not isinstance: True is an int to Python, and matches 1 in no index.
            if type(value) is not _PYTHON_TYPES[kind]:
                raise ConfigError(f"{name!r} is filtered by {kind} values, and {value!r} is none", field=name)

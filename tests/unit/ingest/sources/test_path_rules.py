from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ingest.sources.path_rules import check_rules, metadata_of_path
from schemas.errors import ConfigError
from schemas.source import MetadataValue


@dataclass(frozen=True)
class Rule:
    match: str
    values: dict[str, MetadataValue] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("contracts/{customer}/**", "contracts/acme/2024/a.pdf", {"customer": "acme"}),
        ("contracts/{customer}/", "contracts/acme/2024/a.pdf", {"customer": "acme"}),
        ("contracts/{customer}/*", "contracts/acme/2024/a.pdf", {}),
        ("**/{year}-{month}.md", "notes/2024-05.md", {"year": "2024", "month": "05"}),
        ("**/{year}-{month}.md", "2024-05.md", {"year": "2024", "month": "05"}),
        ("{name}.md", "手册.md", {"name": "手册"}),
        ("a?c/[x].md", "abc/[x].md", {"hit": True}),
        ("a?c/[x].md", "a/c/[x].md", {}),
        ("/top/*.md", "top/a.md", {"hit": True}),
        ("*.md", "deep/a.md", {}),
    ],
)
def test_a_pattern_counts_from_the_top_and_names_parts_of_the_path(
    pattern: str, path: str, found: dict[str, MetadataValue]
) -> None:
    values: dict[str, MetadataValue] = {} if "{" in pattern else {"hit": True}
    assert metadata_of_path(path, [Rule(pattern, values)]) == found


def test_later_rules_stand_above_earlier_ones_and_values_above_parts_of_the_path() -> None:
    rules = [Rule("{a}/**", {"b": 1}), Rule("x/**", {"b": 2, "a": "told"})]
    assert metadata_of_path("x/y", rules) == {"a": "told", "b": 2}
    assert metadata_of_path("z/y", rules) == {"a": "z", "b": 1}


def test_a_name_twice_in_a_pattern_is_refused() -> None:
    with pytest.raises(ConfigError, match="stands twice"):
        check_rules([Rule("{a}/{a}")])

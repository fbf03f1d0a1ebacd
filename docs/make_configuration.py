"""Writes docs/configuration.md from the options themselves: `python docs/make_configuration.py [--check]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from ingest.config import Settings

PAGE = Path(__file__).with_name("configuration.md")
HEAD = """# Configuration

`docstrata.toml` in the working folder (or `--config FILE`), overridden by the environment
(`DOCSTRATA__SECTION__KEY`), overridden by `--set section.key=value`. This page is made from the code by
`python docs/make_configuration.py`.
"""


def render() -> str:
    top = [(name, field) for name, field in Settings.model_fields.items() if not _is_section(field)]
    parts = [HEAD, _table(top)]
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if _is_section(field) and isinstance(section, type) and issubclass(section, BaseModel):
            parts += [f"## [{name}]\n", _table(list(section.model_fields.items()))]
    return "\n".join(parts)


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _table(fields: list[tuple[str, FieldInfo]]) -> str:
    rows = ["| key | default | what it does |", "|---|---|---|"]
    rows += [f"| `{name}` | {_default(field)} | {field.description or ''} |" for name, field in fields]
    return "\n".join(rows) + "\n"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or isinstance(value, SecretStr):
        return "not set"
    return f"`{json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)}`"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit("docs/configuration.md is outdated" if PAGE.read_text("utf-8") != render() else 0)
    PAGE.write_text(render(), "utf-8")

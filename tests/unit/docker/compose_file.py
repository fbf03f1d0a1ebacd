"""docker/compose.yaml as it is when docker/.env holds something for each name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "docker"
OURS = ("docstrata:0.1.0", "docstrata-gpu:0.1.0")
_VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z_]+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}")


def text() -> str:
    return (FOLDER / "compose.yaml").read_text("utf-8")


def services() -> dict[str, dict[str, Any]]:
    """With every variable filled in: its default, else a word."""
    filled = _VARIABLE.sub(lambda match: match["default"] if match["default"] is not None else "word", text())
    found: dict[str, dict[str, Any]] = yaml.safe_load(filled)["services"]
    return found


def variables() -> set[str]:
    return {match["name"] for match in _VARIABLE.finditer(text())}


def environment(service: str) -> dict[str, str]:
    found: dict[str, str] = services()[service].get("environment", {})
    return found

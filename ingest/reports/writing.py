"""A report as files: the page, and beside it the same as JSON."""

from __future__ import annotations

import os
from pathlib import Path

from ingest.reports.html import render
from schemas.errors import ConfigError
from schemas.quality import QualityReport

_JSON = ".json"


def write_report(report: QualityReport, page: Path) -> Path:
    """Writes `page` and the JSON beside it, whose path is given back. Raises `ConfigError`."""
    json, html = data_path(page), render(report)
    _replace(json, report.model_dump_json(indent=2) + "\n")
    _replace(page, html)
    return json


def data_path(page: Path) -> Path:
    """Raises `ConfigError` for a page that would lie where its JSON does."""
    if page.suffix == _JSON:
        raise ConfigError(f"--out names the page: give {page.with_suffix('.html')}, the JSON is written beside it")
    return page.with_suffix(_JSON)


def _replace(path: Path, text: str) -> None:
    """Whoever reads it sees the old file or the new one, never half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_text(text, "utf-8")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; give --out FILE.html") from error

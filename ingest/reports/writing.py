"""Reports as files: the page, and beside it the same as JSON and a summary as Markdown."""

from __future__ import annotations

import os
from pathlib import Path

from ingest.reports.attachments import Attachments
from ingest.reports.html import render, render_comparison
from ingest.reports.markdown import summary
from schemas.comparison import Comparison
from schemas.errors import ConfigError
from schemas.quality import QualityReport

_JSON = ".json"
_MARKDOWN = ".md"


def write_report(
    report: QualityReport, page: Path, attachments: Attachments | None = None, *, also: tuple[Path, ...] = ()
) -> Path:
    """Writes `page`, the summary, and the JSON, whose path is given back; the same under the pages of `also`. Raises
    `ConfigError`."""
    json, html = report.model_dump_json(indent=2) + "\n", render(report, attachments)
    for place in (page, *also):
        _replace(data_path(place), json)
        _replace(summary_path(place), summary(report, str(place)))
        _replace(place, html)
    return data_path(page)


def write_comparison(comparison: Comparison, page: Path) -> Path:
    """Writes `page`, and the JSON, whose path is given back. Raises `ConfigError`."""
    json = data_path(page)
    _replace(json, comparison.model_dump_json(indent=2) + "\n")
    _replace(page, render_comparison(comparison))
    return json


def data_path(page: Path) -> Path:
    """Raises `ConfigError` for a page that would lie where its JSON or its summary does."""
    if page.suffix in {_JSON, _MARKDOWN}:
        raise ConfigError(f"--out names the page: give {page.with_suffix('.html')}, the others are written beside it")
    return page.with_suffix(_JSON)


def summary_path(page: Path) -> Path:
    return page.with_suffix(_MARKDOWN)


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

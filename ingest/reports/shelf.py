"""A folder of dated reports: the newest under a name of its own, the oldest removed."""

from __future__ import annotations

from pathlib import Path

from ingest.reports.attachments import Attachments
from ingest.reports.writing import data_path, summary_path, write_report
from schemas.quality import QualityReport

NEWEST = "report.html"
_DATED = "%Y-%m-%dT%H%M%SZ"


def shelve(report: QualityReport, folder: Path, keep: int, attachments: Attachments | None = None) -> Path:
    """Writes the report under its time and as the newest; of the dated ones `keep` stay. The dated page."""
    page = folder / f"{report.made_at.strftime(_DATED)}.html"
    write_report(report, page, attachments, also=(folder / NEWEST,))
    for old in sorted(folder.glob("[0-9]*T*Z.html"))[:-keep]:
        old.unlink(missing_ok=True)
        data_path(old).unlink(missing_ok=True)
        summary_path(old).unlink(missing_ok=True)
    return page

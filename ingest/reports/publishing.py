"""A report where people can open it: the page, its JSON and its summary at an fsspec URL."""

from __future__ import annotations

from pathlib import Path

from fsspec.core import url_to_fs

from ingest.reports.shelf import NEWEST
from ingest.reports.writing import data_path, summary_path
from schemas.errors import StoreDown


def publish(page: Path, url: str, link_base: str = "") -> str:
    """Copies a dated page, its JSON and its summary, and all as the newest one. The link to the dated page: below
    `link_base`, else below `url`. Raises `StoreDown`; of copies that are older nothing is removed."""
    base = url.rstrip("/")
    newest = Path(NEWEST)
    copies = (
        (page, page.name),
        (page, NEWEST),
        (data_path(page), data_path(page).name),
        (data_path(page), data_path(newest).name),
        (summary_path(page), summary_path(page).name),
        (summary_path(page), summary_path(newest).name),
    )
    try:
        files, folder = url_to_fs(base)
        files.makedirs(folder, exist_ok=True)
        for source, name in copies:
            files.pipe_file(f"{folder}/{name}", source.read_bytes())
    except Exception as error:  # every driver of fsspec has errors of its own
        raise StoreDown(f"the report cannot be copied to {base}: {error}; look at report.publish_url") from error
    return f"{(link_base or base).rstrip('/')}/{page.name}"

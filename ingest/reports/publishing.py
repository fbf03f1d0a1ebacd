"""A report where people can open it: the page and its JSON at an fsspec URL."""

from __future__ import annotations

from pathlib import Path

from fsspec.core import url_to_fs

from ingest.reports.shelf import NEWEST
from ingest.reports.writing import data_path
from schemas.errors import StoreDown


def publish(page: Path, url: str, link_base: str = "") -> str:
    """Copies a dated page and its JSON, and both as the newest one. The link to the dated page: below `link_base`,
    else below `url`. Raises `StoreDown`; of copies that are older nothing is removed."""
    base = url.rstrip("/")
    data = data_path(page)
    try:
        files, folder = url_to_fs(base)
        files.makedirs(folder, exist_ok=True)
        for source, name in ((page, page.name), (page, NEWEST), (data, data.name), (data, data_path(Path(NEWEST)))):
            files.pipe_file(f"{folder}/{name}", source.read_bytes())
    except Exception as error:  # every driver of fsspec has errors of its own
        raise StoreDown(f"the report cannot be copied to {base}: {error}; look at report.publish_url") from error
    return f"{(link_base or base).rstrip('/')}/{page.name}"

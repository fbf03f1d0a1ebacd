"""`[parse]`: how files are read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from ingest.options.section import Section


class ParseOptions(Section):
    """`[parse]`: the worker processes and the limits of a file."""

    workers: int | None = Field(
        default=None,
        ge=0,
        description="processes, which share files and the pages of large PDFs; left out: one a core; 0: none, the run"
        " reads files itself",
    )
    timeout_s: float = Field(
        default=300.0,
        gt=0,
        description="seconds a file may take; each page of a PDF that was read adds a hundredth to it",
    )
    max_rss_mb: int = Field(default=4096, ge=256, description="MiB a worker may hold")
    max_file_mb: float = Field(default=512.0, gt=0, description="MiB a file may have")
    max_pages: int = Field(default=5_000, ge=1, description="pages or slides a file may have")
    max_pixels: int = Field(
        default=100_000_000, ge=1, description="pixels an image may have; told before anything is decoded"
    )
    dpi: int = Field(default=200, ge=72, le=600, description="dots per inch at which scanned pages are read")
    convert_timeout_s: float = Field(default=120.0, gt=0, description="seconds LibreOffice or pandoc may take")
    passwords: tuple[SecretStr, ...] = Field(default=(), description="tried on encrypted files, in this order")
    as_text: tuple[str, ...] = Field(
        default=(), description='patterns of data files that shall be read as plain text, such as "*.json"'
    )
    pictures: bool = Field(
        default=True, description="read the text in pictures that stand in PDF, Office, EPUB and HTML files, by OCR"
    )
    html_main: bool = Field(
        default=True,
        description="of an HTML page that is an article, keep navigation, banners and advertisements out of chunks",
    )
    comments: bool = Field(
        default=False, description="read reviewers' comments in Office and PDF files, and notes on cells"
    )
    tracked_changes: Literal["final", "original", "all"] = Field(
        default="final",
        description="of Word texts; final: as if all were accepted; original: as if all were rejected; "
        "all: with what was deleted, as [deleted: …]",
    )
    speaker_notes: bool = Field(default=True, description="read the notes of slides, as quotes behind them")
    layout_doubt: float = Field(
        default=0.2,
        ge=-1,
        le=1,
        description="share of a PDF page's text that geometry may leave in doubt before the layout model is asked; "
        "-1: about every page, 1: about none, several times as fast and without tables that have no rules",
    )
    recycle_after: int = Field(default=500, ge=0, description="files after which a worker is replaced; 0: never")

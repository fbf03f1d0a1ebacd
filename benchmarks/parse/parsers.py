"""The parsers that are compared, by name: each makes Markdown of a file, tables as HTML or pipes.

None of them does OCR, and each is told to leave page headers and footers out where it can.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pdfplumber.page

    from ingest.parsers.base import Parser

Parse = Callable[[Path], str]

TABLES_ONLY = ("camelot",)
_FLAVORS = ("", "lattice", "stream", "network", "hybrid", "auto")


def make_parser(name: str) -> Parse:
    """Exits with a sentence for a name that is none."""
    kind, _, argument = name.partition(":")
    maker = _MAKERS.get(kind)
    if maker is None or (argument and kind not in _WITH_ARGUMENT):
        sys.exit(f"there is no parser {name!r}; choose one of {', '.join(sorted(NAMES))}")
    try:
        return maker(argument)
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing.name} is not installed here: install requirements/bench.lock beside docstrata")


# --------------------------------------------------------------------------- docstrata


def _docstrata(argument: str) -> Parse:
    """The parser alone, in this process: without workers, chunks or any store. After the colon, parted
    by commas: `comments` reads those of Office files too; `doubt=0.2` is the share of a PDF page's
    text that geometry may leave in doubt before the layout model is asked (-1 asks it about every
    page, 1 about none); `threads=2` are the model's, of which there is one else."""
    from ingest.cli.show import to_markdown
    from ingest.parsers.base import ParseInput, ReadOptions, Tools
    from ingest.parsers.registry import make_parser as parser_for
    from ingest.routing import route
    from schemas.source import Route

    options = dict(part.partition("=")[::2] for part in argument.split(",") if part)
    if unknown := set(options) - {"comments", "doubt", "threads"}:
        sys.exit(f"docstrata has no option {', '.join(sorted(unknown))}; there are comments, doubt=SHARE and threads=N")
    tools = Tools(ReadOptions(comments="comments" in options))
    kept: dict[Route, Parser] = {}

    def parse(path: Path) -> str:
        routed = route(path, path.name)
        if routed.route not in kept:
            kept[routed.route] = _pdf_parser(options) if routed.route is Route.PDF else parser_for(routed.route, tools)
        source = ParseInput(path, path.name, routed.media_type, routed.route, path.stat().st_size)
        return to_markdown(kept[routed.route].parse(source))

    return parse


def _pdf_parser(options: Mapping[str, str]) -> Parser:
    from ingest.parsers.base import ReadOptions, Tools
    from ingest.parsers.pdf.parser import PdfParser

    usual = ReadOptions()
    read = replace(usual, layout_doubt=float(options.get("doubt", usual.layout_doubt)))
    return PdfParser(Tools(read), threads=int(options.get("threads", 1)))


# ------------------------------------------------------------------------- pymupdf4llm


def _pymupdf4llm(_: str) -> Parse:
    """With its layout model, as it comes."""
    import pymupdf4llm

    def parse(path: Path) -> str:
        return str(pymupdf4llm.to_markdown(str(path), use_ocr=False, header=False, footer=False))

    return parse


# -------------------------------------------------------------------------- pdfplumber


def _pdfplumber(_: str) -> Parse:
    """Its default table finder; text lines and tables from the top. It knows no headings."""
    import pdfplumber

    def parse(path: Path) -> str:
        with pdfplumber.open(path) as document:
            return "\n\n".join(part for page in document.pages for part in _plumbed(page))

    return parse


def _plumbed(page: pdfplumber.page.Page) -> list[str]:
    tables = page.find_tables()
    parts = [(table.bbox[1], _html(table.extract())) for table in tables]
    rest = page
    for table in tables:
        rest = rest.outside_bbox(_clipped(table.bbox, page.bbox))
    parts += [(line["top"], line["text"]) for line in rest.extract_text_lines(return_chars=False)]
    return [text for _, text in sorted(parts, key=lambda part: part[0])]


def _clipped(
    box: tuple[float, float, float, float], outer: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """pdfplumber refuses a box that leaves the page."""
    return max(box[0], outer[0]), max(box[1], outer[1]), min(box[2], outer[2]), min(box[3], outer[3])


# ----------------------------------------------------------------------------- camelot


def _camelot(flavor: str) -> Parse:
    """Tables only, of all pages; ruled ones (lattice) unless another flavor is named."""
    if flavor not in _FLAVORS:
        sys.exit(f"camelot has no flavor {flavor!r}; choose one of {', '.join(filter(None, _FLAVORS))}")
    import camelot

    def parse(path: Path) -> str:
        tables = camelot.read_pdf(str(path), pages="all", flavor=flavor or "lattice", suppress_stdout=True)
        return "\n\n".join(_html(table.data) for table in tables)

    return parse


# ------------------------------------------------------------------ ready-made Markdown


def _predictions(folder: str) -> Parse:
    if not Path(folder).is_dir():
        sys.exit(f"there is no folder {folder!r}: write predictions:FOLDER, where NAME.md lies for every document")

    def parse(path: Path) -> str:
        for name in (f"{path.name}.md", f"{path.stem}.md"):
            if (Path(folder) / name).is_file():
                return (Path(folder) / name).read_text("utf-8")
        raise FileNotFoundError(f"{folder} holds no {path.stem}.md")

    return parse


def _html(rows: Sequence[Sequence[str | None]]) -> str:
    lines = ("".join(f"<td>{escape(cell or '')}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


_MAKERS: dict[str, Callable[[str], Parse]] = {
    "docstrata": _docstrata,
    "pymupdf4llm": _pymupdf4llm,
    "pdfplumber": _pdfplumber,
    "camelot": _camelot,
    "predictions": _predictions,
}
_WITH_ARGUMENT = ("docstrata", "camelot", "predictions")
NAMES = ("docstrata", "pymupdf4llm", "pdfplumber", "camelot", "camelot:FLAVOR", "predictions:FOLDER")

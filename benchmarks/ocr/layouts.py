"""Order and structure of scanned pages, through the parser: columns, tables, and how the sheet lay on the glass.

    python benchmarks/ocr/layouts.py [--dpi 150] [--engine paddleocr] [--condition clean noisy skewed ...]

Two columns: the character error rate over the whole page, so that a wrong order costs. Tables, ruled and
without rules, with a heading over two columns and cells of several lines: F1 of the cells, right when
row, column and text are (white space and case not counted), and whether the shape is right.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pymupdf
from conditions import CONDITIONS
from pages import CHINESE, DPI, ENGLISH, error_rate, options
from PIL import Image

from ingest.ocr.local import LocalOcr
from ingest.options.ocr import OcrOptions
from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.image import ImageParser
from schemas.document import Document, Table
from schemas.source import Route

Rows = tuple[tuple[str, ...], ...]

PUMPS: Rows = (
    ("Pump", "Oil type", "Interval", "Pressure"),
    ("MS-17", "ISO VG 46", "weekly", "2.4 bar"),
    ("MS-18", "ISO VG 68", "monthly", "3.1 bar"),
    ("BX-204", "ISO VG 46", "weekly", "2.9 bar"),
    ("BX-310", "none", "yearly", "3.5 bar"),
    ("KL-9", "ISO VG 32", "quarterly", "1.8 bar"),
)
BUDGET: Rows = (
    ("科目", "预算（万元）", "实际（万元）", "说明"),
    ("人员费用", "1,250.00", "1,198.40", "按编制核定"),
    ("设备采购", "860.50", "912.75", "含运输安装"),
    ("差旅会议", "75.00", "43.20", "压减一般支出"),
    ("合计", "2,185.50", "2,154.35", "结余待上缴"),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    html: str
    truth: str = ""
    rows: Rows = ()


def table_html(rows: Rows, *, ruled: bool) -> str:
    border = "border: 0.6pt solid black;" if ruled else ""
    cells = "".join("<tr>" + "".join(f'<td style="{border}">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    return f"<table>{cells}</table>"


def sheets() -> list[Sheet]:
    before, after = "The pumps of the station and their oil.", "The table is checked once a year."
    return [
        *(
            Sheet(
                f"{name} {'ruled' if ruled else 'open'}",
                f"<p>{before}</p>{table_html(rows, ruled=ruled)}<p>{after}</p>",
                rows=rows,
            )
            for name, rows in (("pumps", PUMPS), ("budget", BUDGET))
            for ruled in (True, False)
        ),
    ]


def printed(html: str, dpi: int) -> Image.Image:
    css = "body {font-family: sans-serif; font-size: 10.5pt; line-height: 1.4} td {padding: 4pt 10pt}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sheet.pdf")
        story = pymupdf.Story(html=html, user_css=css)
        writer = pymupdf.DocumentWriter(str(path))
        device = writer.begin_page(pymupdf.paper_rect("a4"))
        story.place(pymupdf.Rect(60, 72, 535, 770))
        story.draw(device)
        writer.end_page()
        writer.close()
        with pymupdf.open(path) as document:
            return picture_of(document[0], dpi)


def picture_of(page: pymupdf.Page, dpi: int) -> Image.Image:
    drawn = page.get_pixmap(dpi=dpi)
    return Image.frombytes("RGB", (drawn.width, drawn.height), drawn.samples)


def columns(text: str, font: str, dpi: int) -> Image.Image:
    """The text in two columns with a heading over both, lines of the two at the same heights."""
    heading, *lines = text.splitlines()
    with pymupdf.open() as document:
        page = document.new_page()
        writer = pymupdf.TextWriter(page.rect)
        face = pymupdf.Font(font)
        writer.append(pymupdf.Point(60, 80), heading, font=face, fontsize=13)
        half = (len(lines) + 1) // 2
        for row, line in enumerate(lines):
            place = pymupdf.Point(48 if row < half else 310, 120 + (row % half) * 15)
            writer.append(place, line, font=face, fontsize=7.4)
        writer.write_text(page)
        return picture_of(page, dpi)


def parsed(picture: Image.Image, dpi: int, ocr: LocalOcr) -> Document:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "scan.png")
        picture.save(path, dpi=(dpi, dpi))
        source = ParseInput(path, path.name, "image/png", Route.UNSUPPORTED, path.stat().st_size)
        return ImageParser(Tools(ocr=ocr)).parse(source)


def cell_f1(table: Table | None, rows: Rows) -> float:
    wanted = {(r, c, plain(cell)) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell}
    found = {(cell.row, cell.col, plain(cell.text)) for cell in table.cells if cell.text} if table else set()
    return 2 * len(wanted & found) / max(len(wanted) + len(found), 1)


def plain(text: str) -> str:
    return "".join(text.split()).casefold()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="paddleocr")
    parser.add_argument("--dpi", type=int, default=DPI)
    parser.add_argument(
        "--condition", nargs="+", choices=list(CONDITIONS), default=["clean", "noisy", "skewed", "left"]
    )
    arguments = parser.parse_args()
    ocr = LocalOcr(options(arguments.engine, "small", OcrOptions().longest_side, 0, devices=("cpu",)))
    print("sheet          condition  CER     cell F1  shape")
    for name in arguments.condition:
        for text, font in ((ENGLISH, "helv"), (CHINESE, "cjk")):
            picture = CONDITIONS[name](columns(text, font, arguments.dpi), arguments.dpi)
            rate = error_rate(parsed(picture, arguments.dpi, ocr).text, text)
            print(f"columns {font:6} {name:9}  {rate:.4f}", flush=True)
        for sheet in sheets():
            picture = CONDITIONS[name](printed(sheet.html, arguments.dpi), arguments.dpi)
            tables = [block.table for block in parsed(picture, arguments.dpi, ocr).blocks if block.table]
            table = tables[0] if len(tables) == 1 else None
            shape = f"{table.n_rows} x {table.n_cols}" if table else f"{len(tables)} tables"
            wanted = f"{len(sheet.rows)} x {len(sheet.rows[0])}"
            verdict = "right" if shape == wanted else f"{shape}, not {wanted}"
            print(f"{sheet.name:14} {name:9}          {cell_f1(table, sheet.rows):.3f}    {verdict}", flush=True)


if __name__ == "__main__":
    main()

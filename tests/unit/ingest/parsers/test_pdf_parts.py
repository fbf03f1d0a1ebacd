"""A PDF that is read by several processes: the same document, and no page takes others with it.

A child can import no test module: its worker is made of an expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import in_workers
import pymupdf
import pytest
from ocr_fakes import KnowingOcr, boxed, scanned

from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.pdf import page_routes, reading
from ingest.parsers.pdf.parser import PdfParser
from ingest.parsers.pdf.parts import PagesPart, PageTask, Task
from ingest.workers.pool import PoolOptions, WorkerPool
from schemas.document import Document, PageMethod
from schemas.errors import InputError, ParserTimeout
from schemas.source import Route

SOURCE = """(lambda load: (lambda os, time, words, layout, page, document, parts, base, parser, Reader:
    (lambda pdf: lambda job: pdf.read_part(job) if isinstance(job, parts.PagesPart) else pdf.parse(job))(
        parser.PdfParser(base.Tools(), reader=Reader(os, time, words, layout, page, document))))(
    load("os"), load("time"), *(load(f"ingest.parsers.pdf.{name}") for name in ("words", "layout", "page")),
    load("schemas.document"), load("ingest.parsers.pdf.parts"), load("ingest.parsers.base"),
    load("ingest.parsers.pdf.parser"),
    type("Reader", (), {
        "__init__": lambda self, *modules: self.__dict__.update(modules=modules),
        "read": lambda self, sheet, number: (lambda os, time, words, layout, page, document, text:
            os._exit(3) if "CRASH" in text
            else time.sleep(600) if "HANG" in text
            else ("MEET" in text and load("runpy").run_path(os.environ["IN_WORKERS"])["meet"](os.environ["MEETING"]),
                page.PageContent(number, 1.0, 1.0, 0, document.PageMethod.DIGITAL, f"pid {os.getpid()}",
                    layout.arrange(words.read_runs(sheet), (), (), number)))[1]
        )(*self.modules, sheet.get_text()),
    })))(__import__("importlib").import_module)"""
WORKER: Callable[[], Callable[[ParseInput], Document]] = partial(eval, SOURCE)


def of_pages(path: Path, *texts: str) -> ParseInput:
    with pymupdf.open() as document:
        for text in texts:
            document.new_page().insert_text((72, 100), text)
        document.save(path)
    return ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size)


def read(source: ParseInput, workers: int, timeout_s: float = 60.0) -> Document | InputError:
    """With another, short file beside it, so that the second worker is there and soon idle."""
    with WorkerPool(WORKER, PoolOptions(workers=workers, timeout_s=timeout_s)) as pool:
        short = of_pages(source.path.with_name("short.pdf"), "Short")
        outcome, *_ = [outcome for _, outcome in pool.imap([source, short][: max(workers, 1)])]
    return outcome


def test_a_document_is_the_same_whatever_the_number_of_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "met").mkdir()
    monkeypatch.setenv("IN_WORKERS", in_workers.__file__)
    monkeypatch.setenv("MEETING", str(tmp_path / "met"))
    source = of_pages(tmp_path / "in.pdf", *(f"MEET on page {number}" for number in range(1, 61)))
    two, here = read(source, 2), read(source, 0)
    assert isinstance(two, Document)
    assert isinstance(here, Document)
    assert two.text == here.text
    assert two.blocks == here.blocks
    assert len({page.reason for page in here.pages}) == 1
    assert len({page.reason for page in two.pages}) == 2  # by two processes


def test_a_page_that_ends_its_process_is_failed_and_the_others_are_read(tmp_path: Path) -> None:
    texts = [f"Page {number} of the manual" for number in range(1, 8)]
    texts[2] = texts[5] = "CRASH"
    result = read(of_pages(tmp_path / "in.pdf", *texts), 1)
    assert isinstance(result, Document)
    failed = {page.number: page.reason for page in result.pages if page.method is PageMethod.FAILED}
    assert list(failed) == [3, 6]
    assert all("status 3" in reason for reason in failed.values())
    assert [text for text in texts if text != "CRASH"] == result.text.split("\n\n")


def test_pages_that_hang_are_failed_until_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hanging(parts: Iterable[PagesPart], here: object, **_: object) -> Iterator[tuple[PagesPart, ParserTimeout]]:
        for part in parts:
            yield part, ParserTimeout("not read within 300 s")

    monkeypatch.setattr(reading, "in_parts", hanging)
    source = of_pages(tmp_path / "in.pdf", "HANG")
    pages = reading.DocumentReading(source, PdfParser().read_part).pages(PageTask(n, Task.READ) for n in range(20))
    failed = [next(pages) for _ in range(5)]
    assert [(page.method, page.reason) for page in failed] == [(PageMethod.FAILED, "not read within 300 s")] * 5
    with pytest.raises(ParserTimeout):
        next(pages)


def test_a_second_try_reads_scans_and_pictures_as_the_first_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here in one process; it only changes who renders what."""
    with pymupdf.open() as drawn:
        drawn.new_page(width=400, height=500).insert_text((40, 60), "On a sheet")
        scan, lines = scanned(drawn)
        page = scan.new_page(width=400, height=500)
        page.insert_text((40, 60), "Above the picture")
        page.insert_image((40, 100, 240, 200), pixmap=drawn[0].get_pixmap(clip=(30, 40, 230, 140)))
        scan.save(tmp_path / "in.pdf")
    source = ParseInput(tmp_path / "in.pdf", "in.pdf", "application/pdf", Route.PDF, 1)

    def read_it() -> Document:
        return PdfParser(Tools(ocr=KnowingOcr([*lines, [boxed("On a sheet", 10, 10, 70, 22, 0.95)]]))).parse(source)

    first = read_it()
    for module in (reading, page_routes):
        monkeypatch.setattr(module, "second_try", lambda: True)
    assert read_it() == first
    assert [page.method for page in first.pages] == [PageMethod.OCR, PageMethod.MIXED]


def test_a_page_whose_content_is_damaged_is_failed_and_not_called_blank(tmp_path: Path) -> None:
    path = tmp_path / "in.pdf"
    of_pages(tmp_path / "whole.pdf", "First", "Second", "Third", "")
    with pymupdf.open(tmp_path / "whole.pdf") as document:
        content = document[1].get_contents()[0]
        document.update_stream(content, b"\x9c\x00broken" * 40, compress=False)
        document.xref_set_key(content, "Filter", "/FlateDecode")
        document.update_object(document[2].xref, "<</Type/Nothing>>")
        document.new_page()
        document.save(path)
    result = PdfParser(Tools()).parse(ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size))
    methods = [page.method for page in result.pages]
    assert methods == [PageMethod.DIGITAL, PageMethod.FAILED, PageMethod.FAILED, PageMethod.EMPTY, PageMethod.EMPTY]
    assert "zlib error" in result.pages[1].reason
    assert "is a Nothing" in result.pages[2].reason

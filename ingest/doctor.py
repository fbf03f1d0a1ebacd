"""Doctor: does everything that a run needs work on this machine?"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from ingest.config import Settings
from ingest.context import Context, Home, not_writable, open_context
from ingest.ocr.client import OcrClient
from ingest.ocr.service import OcrService
from ingest.page_images import PageImage
from ingest.search.words import words
from ingest.stages.parts import Parts
from ingest.stages.work import pool_options
from ingest.vectors import PayloadFilter
from ingest.workers.pool import WorkerPool
from schemas.errors import DocstrataError, InputError

_LOW_DISK_GIB = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: a sentence, and whether it is as it should be."""

    name: str
    ok: bool
    detail: str


def examine(home: Path, settings: Settings) -> Generator[Check]:
    """Each check as it is done. A home that is not there yet is not made."""
    yield _packages()
    yield _disk(home)
    yield _checked("workers", partial(_workers, settings))
    yield _checked("words", _segmenter)
    yield _checked("ocr", partial(_ocr, settings))
    yield _converters()
    yield _home(home)
    if not Home(home.absolute()).catalog.is_file():
        return
    context = open_context(home, settings)
    parts = Parts(context)
    try:
        yield _checked("catalog", partial(_catalog, context))
        yield _checked("model", partial(_model, parts))
        yield _checked("index", partial(_index, context, parts))
    finally:
        parts.close()
        context.close()


def _checked(name: str, check: Callable[[], tuple[bool, str]]) -> Check:
    try:
        ok, detail = check()
    except DocstrataError as error:
        return Check(name, False, error.message)
    return Check(name, ok, detail)


def _packages() -> Check:
    names = (
        "pymupdf",
        "unstructured",
        "paddleocr",
        "sentence-transformers",
        "torch",
        "qdrant-edge-py",
        "qdrant-client",
        "datasketch",
    )
    return Check("packages", True, ", ".join(f"{name} {version(name)}" for name in names))


def _disk(home: Path) -> Check:
    place = _there(home)
    free = shutil.disk_usage(place).free / 2**30
    return Check("disk", free >= _LOW_DISK_GIB, f"{free:,.1f} GiB free at {place}")


def _there(home: Path) -> Path:
    """The home, or what of the way to it is there."""
    place = home.absolute()
    while not place.exists():
        place = place.parent
    return place


def _home(home: Path) -> Check:
    folder = Home(home.absolute())
    if not folder.catalog.is_file():
        place = _there(home)
        if not os.access(place, os.W_OK | os.X_OK):
            return Check("home", False, f"{home} cannot be made: {place} is not writable; give --home DIR")
        return Check("home", True, f"{home} holds nothing yet: the first run makes it")
    locked = folder.unwritable()
    if locked is not None:
        return Check("home", False, not_writable(locked).message)
    return Check("home", True, f"{home} can be read and written")


def _double() -> Callable[[int], int]:
    return _times_two


def _times_two(number: int) -> int:
    return 2 * number


def _workers(settings: Settings) -> tuple[bool, str]:
    options = pool_options(settings.parse)
    began = time.perf_counter()
    with WorkerPool(_double, options) as pool:
        results = [result for _, result in pool.imap([21])]
    if isinstance(results[0], InputError):
        return False, results[0].message
    took = time.perf_counter() - began
    return results == [42], f"a worker answers in {took:.1f} s; {options.workers} of them parse"


def _ocr(settings: Settings) -> tuple[bool, str]:
    """The engine reads a line that PyMuPDF draws."""
    options = settings.ocr
    if options.engine == "none":
        return True, "off (ocr.engine): images and scanned pages end in quarantine"
    import pymupdf

    with pymupdf.open() as document:
        page = document.new_page(width=300, height=60)
        page.insert_text((20, 38), "docstrata reads", fontsize=24)
        drawn = page.get_pixmap(dpi=150)
    image = PageImage(drawn.width, drawn.height, bytes(drawn.samples), 150)
    began = time.perf_counter()
    with OcrService(options) as service:
        [result] = OcrClient(service.address).read([image])
    if isinstance(result, InputError):
        return False, result.message
    text = " ".join(line.text for line in result.lines)
    took = time.perf_counter() - began
    return "docstrata" in text, f"{options.engine} loads and reads '{text}' in {took:.1f} s"


def _converters() -> Check:
    office = shutil.which("soffice")
    detail = office or "LibreOffice is not installed: .doc, .ppt and .xlsb files end in quarantine"
    return Check("office", True, detail)


def _segmenter() -> tuple[bool, str]:
    found = words("机器学习模型 machine learning models")
    return len(found) >= 4, f"segmented into {len(found)} terms: {' '.join(found)}"


def _catalog(context: Context) -> tuple[bool, str]:
    totals = context.catalog.history.totals(context.settings.tenant)
    open_plans = len(context.catalog.history.open_intents())
    detail = f"{totals.documents:,} documents, {totals.points:,} current points"
    return open_plans == 0, detail + (f"; {open_plans} interrupted commits: run again" if open_plans else "")


def _model(parts: Parts) -> tuple[bool, str]:
    began = time.perf_counter()
    vector = parts.embedder.embed_query("a question")
    took = time.perf_counter() - began
    return len(vector) == parts.embedder.dimension, f"loads and embeds in {took:.1f} s, {len(vector)} dimensions"


def _index(context: Context, parts: Parts) -> tuple[bool, str]:
    """The catalog says what should be there, the index what is."""
    there = parts.index.count(PayloadFilter(equals={"tenant": context.settings.tenant}))
    told = context.catalog.history.totals(context.settings.tenant).points
    if there == told:
        return True, f"{there:,} current points, as the catalog says"
    return False, f"{there:,} current points, but the catalog says {told:,}"

"""Which number of a report's JSON stands where in the section of parsing."""

from __future__ import annotations

from page_bindings import NOTHING, Bindings, Said


def bind_parsing(b: Bindings) -> None:
    s, some = "parsing", bool(b.told.number("documents.total"))
    if some or b.told.number("files.listed"):
        _files(b)
    else:
        b.told.nothing_of("files", "documents")
    if some:
        _read(b)
    else:
        b.told.nothing_of("pages", "headings", "completeness", "documents")
    for row in range(b.told.count("failures")):
        b.row(s, "Files in quarantine", row, [b.n(f"failures.{row}.attempts")], 3)
    for row in range(b.told.count("findings")):
        b.row(s, "Documents that something is wrong with", row, [b.n(f"findings.{row}.count")], 2)
    if b.told("parsing") is not None:
        _formats(b)
        if some:
            _parsed(b)
        else:
            b.told.nothing_of("parsing.ocr", "parsing.headings", "parsing.tables", "parsing.paragraphs")


def _files(b: Bindings) -> None:
    s = "parsing"
    b.lines(s, "Each file is in one group", "files", {
        "indexed: gave a document": "indexed", "copies of a file before them": "copies",
        "opened: archives without text of their own": "opened",
        "stale: failed, an older version is still live": "stale",
        "quarantined: failed, nothing of it is live": "quarantined",
    })  # fmt: skip
    b.counts(s, "Live documents by their parser", "documents.by_parser", "documents.total")
    b.lines(s, "Documents", "documents", {
        "live": "total", "members of archives and mails": "members",
        "copies: the bytes of a document before them": "copies", "stale": "stale",
        "chunks missing or damaged in the store": "unread", "parse missing or damaged in the store": "without_parse",
        "parsed by an older docstrata, with coarse boxes": "coarse",
    })  # fmt: skip


def _read(b: Bindings) -> None:
    s, without = "parsing", b.n("pages.documents_without")
    if b.told.number("pages.total"):
        b.counts(s, f"Pages by how they were read; {without} documents have no", "pages.by_method", "pages.total")
    else:
        b.told.nothing_of("pages")
        b.sentences.append(Said(s, f"{without} documents, and none has pages"))
    for depth in b.told.keys("headings.depths"):
        b.row(s, "Chunks by the number of headings", depth, [b.n(f"headings.depths.{depth}")])
    b.lines(s, "Characters of the text", "completeness", {
        "all": "characters", "in no chunk": "lost", "documents with such": "documents_with_loss",
    })  # fmt: skip
    b.row(s, "Characters of the text", "documents without headings", [b.n("documents.without_headings")])


def _formats(b: Bindings) -> None:
    s, whole = "parsing", "whole"
    formats = sorted(
        range(b.told.count("parsing.formats")),
        key=lambda at: (
            b.told(f"parsing.formats.{at}.outcome") == whole,
            -int(b.told.number(f"parsing.formats.{at}.documents") or 0),
        ),
    )
    for row, at in enumerate(formats):
        media_type = str(b.told(f"parsing.formats.{at}.media_type")) or NOTHING
        b.row(s, "Documents, and files in quarantine", row, [b.n(f"parsing.formats.{at}.documents"), media_type], 3)
    for at in range(b.told.count("parsing.failures")):
        path = f"parsing.failures.{at}.files"
        b.row(
            s, "By error code", str(b.told(f"parsing.failures.{at}.code")), [b.n(path), b.share(path, "failures_total")]
        )


def _parsed(b: Bindings) -> None:
    s = "parsing"
    if b.told.number("parsing.ocr.pages"):
        b.lines(s, "What OCR says", "parsing.ocr", {
            "pages with a confidence": "pages", "characters read by it": "characters",
            "pages with doubtful lines": "doubtful_pages", "doubtful lines": "doubtful_lines",
        })  # fmt: skip
        b.row(s, "What OCR says", "mean of the pages", [b.three("parsing.ocr.pages_mean")])
        b.row(s, "What OCR says", "mean of the characters", [b.three("parsing.ocr.characters_mean")])
        for row in range(b.told.count("parsing.ocr.bins")):
            b.row(s, "Pages by the confidence of OCR", row, [b.n(f"parsing.ocr.bins.{row}.pages")])
    for level in b.told.keys("parsing.headings"):
        b.row(s, "Headings by their level", level, [b.n(f"parsing.headings.{level}")])
    b.lines(s, "Tables with a grid", "parsing.tables", {"found": "total", "rows": "rows", "cells": "cells"})
    b.lines(s, "Tables with a grid", "parsing.tables", {
        "joined from several pages": "over_pages", "with header rows": "with_header",
    }, "parsing.tables.total")  # fmt: skip
    if b.told("parsing.paragraphs") is None:
        return
    if b.told.number("parsing.paragraphs.paragraphs"):
        _paragraphs(b)
    else:
        b.told.nothing_of("parsing.paragraphs")


def _paragraphs(b: Bindings) -> None:
    s, p = "parsing", "parsing.paragraphs"
    b.sentences.append(Said(s, f"A plain reading of {b.n(f'{p}.compared')} of {b.n(f'{p}.documents')} originals"))
    found = f"{b.n(f'{p}.found')} ({b.share(f'{p}.found', f'{p}.paragraphs')}) of them stand in the parsed"
    b.sentences.append(Said(s, f"has {b.n(f'{p}.paragraphs')} paragraphs; {found}"))
    b.sentences += [Said(s, f"{b.n(f'{p}.not_compared.{why}')} (") for why in b.told.keys(f"{p}.not_compared")]
    if b.told.count(f"{p}.worst"):
        b.sentences.append(Said(s, f"Documents that lack paragraphs: {b.n(f'{p}.documents_with_loss')}"))
    for caption, lines, first in (
        ("Paragraphs by format", f"{p}.by_format", 2),
        ("Those with the most", f"{p}.worst", 1),
    ):
        for row in range(b.told.count(lines)):
            line = f"{lines}.{row}"
            missing = int(b.told.number(f"{line}.paragraphs") or 0) - int(b.told.number(f"{line}.found") or 0)
            b.row(s, caption, row, [b.n(f"{line}.paragraphs"), f"{missing:,}"], first)
    for row in range(b.told.count(f"{p}.by_format")):
        line = f"{p}.by_format.{row}"
        b.row(s, "Paragraphs by format", row, [b.n(f"{line}.documents")])
        b.row(s, "Paragraphs by format", row, [b.share(f"{line}.found", f"{line}.paragraphs")], 4)

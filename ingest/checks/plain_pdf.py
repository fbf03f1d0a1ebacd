"""A plain reading of a PDF: the blocks of the text layer as MuPDF groups them, without layout, tables or order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MOST_PAGES = 40
"""Of one document: spread evenly from the first to the last, so that a reading that ends early is noticed."""


def pdf_paragraphs(content: bytes, pages: Sequence[int]) -> Iterator[str]:
    """Of these pages (from 1), or so many of them. Raises `ValueError` for what is not a readable PDF."""
    import pymupdf

    chosen = spread(pages)
    try:
        with pymupdf.open(stream=content, filetype="pdf") as opened:
            for number in chosen:
                if number <= opened.page_count:
                    yield from (block[4] for block in opened[number - 1].get_text("blocks") if block[6] == 0)
    except (RuntimeError, pymupdf.mupdf.FzErrorBase) as error:
        raise ValueError(str(error)) from error


def spread(pages: Sequence[int]) -> list[int]:
    if len(pages) <= MOST_PAGES:
        return list(pages)
    step = (len(pages) - 1) / (MOST_PAGES - 1)
    return [pages[round(step * index)] for index in range(MOST_PAGES)]

"""Memory given back while a long document is read: by MuPDF, and by the C library to the system."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable
from typing import cast

PAGES_KEPT = 25
"""Pages after which `give_back` is worth its few milliseconds."""


def give_back() -> None:
    """MuPDF's cache of fonts and images is emptied. What was freed, by it and by the layout model, lies in
    pieces that the C library keeps, some hundred kilobytes a page."""
    import pymupdf

    pymupdf.TOOLS.store_shrink(100)
    trim = _trim()
    if trim is not None:
        trim(0)


@functools.cache
def _trim() -> Callable[[int], int] | None:
    """Glibc's; others keep less."""
    return cast("Callable[[int], int] | None", getattr(ctypes.CDLL(None), "malloc_trim", None))

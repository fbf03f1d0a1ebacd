"""Which parser reads which route, and what of it makes up the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Any

from ingest.parsers.base import Parser, ReadOptions, Tools
from schemas.errors import UnsupportedFormat
from schemas.source import Route


@dataclass(frozen=True, slots=True)
class _Entry:
    """`module` has the class `parser`, `VERSION`, and `LIBRARIES`, the distributions that it depends on.
    `tools`: whether it takes any; `images`: whether it has images read; `options`: fields of
    `ReadOptions` that decide what it makes of a file, beyond whether it can be read."""

    module: str
    parser: str
    tools: bool = True
    images: bool = False
    options: tuple[str, ...] = ()


_ENTRIES: Mapping[Route, _Entry] = {
    Route.MARKDOWN: _Entry("markdown.parser", "MarkdownParser", tools=False),
    Route.TEXT: _Entry("text", "TextParser", tools=False),
    Route.NOTEBOOK: _Entry("notebook", "NotebookParser"),
    Route.PDF: _Entry("pdf.parser", "PdfParser", images=True, options=("pictures", "comments", "layout_doubt")),
    Route.IMAGE: _Entry("image", "ImageParser", images=True),
    Route.HTML: _Entry("office.html", "HtmlParser", images=True, options=("pictures", "html_main")),
    Route.OFFICE: _Entry(
        "office.parser",
        "OfficeParser",
        images=True,
        options=("pictures", "comments", "tracked_changes", "speaker_notes"),
    ),
    Route.SHEET: _Entry("office.sheets", "SheetParser", options=("comments",)),
    Route.MAIL: _Entry("mail.parser", "MailParser"),
}


def make_parser(route: Route, tools: Tools | None = None) -> Parser:
    """A parser for the route. Raises `UnsupportedFormat` where none reads it."""
    entry = _entry(route)
    kind = _class(entry)
    parser: Parser = kind(tools or Tools()) if entry.tools else kind()
    return parser


def parser_recipe(
    route: Route, images: Mapping[str, str] | None = None, options: ReadOptions | None = None
) -> dict[str, str]:
    """What makes a route's documents: the parser's name and version, those of its libraries,
    `images`, how images are read, where it has any read, and the options that are not the default
    (so that a new option makes no document of before another one).

    Equal recipes give equal documents. Cheap: none of the libraries is imported.
    Raises `UnsupportedFormat` where nothing reads the route.
    """
    entry = _entry(route)
    return {
        "parser": _class(entry).name,
        "version": str(_module(entry).VERSION),
        **{library: version(library) for library in _module(entry).LIBRARIES},
        **({f"images.{name}": value for name, value in (images or {}).items()} if entry.images else {}),
        **_chosen(entry, options or ReadOptions()),
    }


def _chosen(entry: _Entry, options: ReadOptions) -> dict[str, str]:
    usual = ReadOptions()
    values = {name: getattr(options, name) for name in entry.options}
    return {f"option.{name}": str(value) for name, value in values.items() if value != getattr(usual, name)}


def _module(entry: _Entry) -> ModuleType:
    return import_module(f"ingest.parsers.{entry.module}")


def _class(entry: _Entry) -> Any:
    return getattr(_module(entry), entry.parser)


def _entry(route: Route) -> _Entry:
    entry = _ENTRIES.get(route)
    if entry is None:
        raise UnsupportedFormat("no parser reads this kind of file: convert it to PDF or text", route=route.value)
    return entry

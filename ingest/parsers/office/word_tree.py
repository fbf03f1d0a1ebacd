"""A Word document made ready for unstructured: text that it passes by is put where it looks.

unstructured reads paragraphs and tables that stand right in the body. Content controls and fields
are unwrapped, tracked changes settled; text boxes, footnotes, endnotes, comments, charts and SmartArt
become paragraphs behind the one that they hang on; math becomes text. A paragraph that is made
here says in `KIND` what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.parsers.base import ReadOptions, TrackedChanges
from ingest.parsers.office.drawings import drawn_texts
from ingest.parsers.office.math_text import math_text
from ingest.parsers.office.word_changes import settle_changes
from schemas.document import BlockKind

KIND = "{urn:docstrata}kind"
ID = "{urn:docstrata}id"
"""Attribute of every paragraph: parts of one that a page break parts have the same."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

_PROPERTIES = tuple(_W + name for name in ("sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr"))
_WRAPPERS = tuple(_W + name for name in ("sdt", "sdtContent", "smartTag", "customXml", "fldSimple", "dir", "bdo"))
_NOTE_PARTS = {"footnote": "footnotes", "endnote": "endnotes", "comment": "comments"}


def prepare_body(document: Any, options: ReadOptions) -> None:
    """Changes a python-docx document in place."""
    part, body = document.part, document.element.body
    wanted = {kind: plural for kind, plural in _NOTE_PARTS.items() if kind != "comment" or options.comments}
    notes = {kind: _notes(part, plural, options.tracked_changes) for kind, plural in wanted.items()}
    _prepare(body, options.tracked_changes)
    for paragraph in list(body.iter(_W + "p")):
        _hang_drawings(paragraph, part)
    for kind, texts in notes.items():
        _hang_notes(body, kind, texts)
    for number, paragraph in enumerate(body.iter(_W + "p")):
        paragraph.set(ID, str(number))
    titled = any(section.different_first_page_header_footer for section in document.sections)
    for section in document.sections:
        # One that shows no first page of its own may still define it for those behind.
        section.different_first_page_header_footer = titled
        for edge in _edges(section):
            _prepare(edge._element, options.tracked_changes)


def _edges(section: Any) -> Iterator[Any]:
    names = ("header", "footer", "first_page_header", "first_page_footer", "even_page_header", "even_page_footer")
    for edge in (getattr(section, name) for name in names):
        if not edge.is_linked_to_previous:
            yield edge


def _prepare(root: Any, changes: TrackedChanges) -> None:
    for choice in list(root.iter(_MC + "AlternateContent")):
        # The same content twice, for old programs and for new ones.
        fallbacks = choice.findall(_MC + "Fallback") if choice.find(_MC + "Choice") is not None else []
        for fallback in fallbacks:
            choice.remove(fallback)
    settle_changes(root, changes)
    for node in list(root.iter(*_PROPERTIES)):
        node.getparent().remove(node)
    for math in list(root.iter(_M + "oMathPara")):
        _replace(math, list(math.iter(_M + "oMath")))
    for math in list(root.iter(_M + "oMath")):
        _spell(math)
    for ruby in list(root.iter(_W + "ruby")):
        _spell_ruby(ruby)
    for wrapper in list(root.iter(*_WRAPPERS)):
        _replace(wrapper, list(wrapper))


def _spell(math: Any) -> None:
    paragraph = next(math.iterancestors(_W + "p"), None)
    text = math_text(math)
    if paragraph is not None and text.strip():
        if not any((node.text or "").strip() for node in paragraph.iter(_W + "t")):
            paragraph.set(KIND, BlockKind.FORMULA.value)
        elif paragraph.get(KIND) == BlockKind.FORMULA.value:
            text = f"\n{text}"
    _replace(math, [run(text)])


def _spell_ruby(ruby: Any) -> None:
    """The reading in brackets behind what it is of."""
    reading = "".join(text.text or "" for node in ruby.iter(_W + "rt") for text in node.iter(_W + "t"))
    base = "".join(text.text or "" for node in ruby.iter(_W + "rubyBase") for text in node.iter(_W + "t"))
    text = ruby.makeelement(_W + "t")
    text.text = f"{base}({reading})" if reading else base
    _replace(ruby, [text])


def _hang_drawings(paragraph: Any, part: Any) -> None:
    """Text boxes, charts and SmartArt as paragraphs behind the one that holds them."""
    if next(paragraph.iterancestors(_W + "txbxContent"), None) is not None:
        return  # moved with its box
    behind = paragraph
    for box in list(paragraph.iter(_W + "txbxContent")):
        for inner in list(box):
            if inner.tag in {_W + "p", _W + "tbl"}:
                behind.addnext(inner)
                behind = inner
                if inner.tag == _W + "p":
                    _hang_drawings(inner, part)
    for drawing in paragraph.iter(_W + "drawing"):
        for text in drawn_texts(drawing, part):
            made = _paragraph(text, BlockKind.FIGURE)
            behind.addnext(made)
            behind = made


def _notes(part: Any, plural: str, changes: TrackedChanges) -> dict[str, list[str]]:
    """The paragraphs of each note by its id."""
    from docx.oxml import parse_xml

    related = [rel for rel in part.rels.values() if rel.reltype.endswith(f"/{plural}") and not rel.is_external]
    if not related:
        return {}
    root = parse_xml(related[0].target_part.blob)
    _prepare(root, changes)
    found = {}
    for note in root:
        author = note.get(_W + "author")
        texts = [_paragraph_text(paragraph) for paragraph in note.iter(_W + "p")]
        texts = [text for text in texts if text.strip()]
        if author and texts:
            texts[0] = f"{author}: {texts[0]}"
        found[note.get(_W + "id") or ""] = texts
    return found


def _paragraph_text(paragraph: Any) -> str:
    return "".join(
        "\t" if node.tag == _W + "tab" else "\n" if node.tag in {_W + "br", _W + "cr"} else node.text or ""
        for node in paragraph.iter(_W + "t", _W + "tab", _W + "br", _W + "cr")
        if node.getparent().tag == _W + "r"
    )


def _hang_notes(body: Any, kind: str, notes: dict[str, list[str]]) -> None:
    """Behind the block of the body that refers to them; foot- and endnotes with the number shown."""
    behind: dict[Any, Any] = {}
    number = 0
    for reference in list(body.iter(f"{_W}{kind}Reference")):
        texts = notes.get(reference.get(_W + "id") or "", [])
        block = next(node for node in (reference, *reference.iterancestors()) if node.getparent() is body)
        mark = ""
        if kind != "comment" and reference.get(_W + "customMarkFollows") not in {"1", "true", "on"}:
            number += 1
            mark = f"[{number}]"
            _replace(reference, [_text(mark)])
        if not texts:
            continue
        lines = "\n".join(texts).strip()
        block_kind = BlockKind.QUOTE if kind == "comment" else BlockKind.FOOTNOTE
        made = _paragraph(f"{mark} {lines}".strip(), block_kind)
        behind.get(block, block).addnext(made)
        behind[block] = made


def _paragraph(text: str, kind: BlockKind) -> Any:
    from docx.oxml import OxmlElement

    paragraph = OxmlElement("w:p")
    paragraph.set(KIND, kind.value)
    paragraph.append(run(text))
    return paragraph


def run(text: str) -> Any:
    from docx.oxml import OxmlElement

    made = OxmlElement("w:r")
    for number, line in enumerate(text.split("\n")):
        if number:
            made.append(OxmlElement("w:br"))
        made.append(_text(line))
    return made


def _text(text: str) -> Any:
    from docx.oxml import OxmlElement

    made = OxmlElement("w:t")
    made.set(_XML_SPACE, "preserve")
    made.text = text
    return made


def _replace(node: Any, others: list[Any]) -> None:
    """Puts the others where the node stands."""
    for other in others:
        node.addprevious(other)
    node.getparent().remove(node)

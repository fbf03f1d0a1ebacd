"""Text in what Word and PowerPoint draw: charts, SmartArt, and what pictures are described as."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def drawn_texts(drawing: Any, part: Any) -> list[str]:
    """A text each of the nodes of its SmartArt, and of its charts' titles, names, labels and values.

    `drawing` is the XML element, `part` the part of the package that it stands in.
    """
    texts: list[str] = []
    for relation in _relations(drawing):
        root = _related_xml(part, relation)
        if root is not None:
            texts += _chart_texts(root) if root.tag.startswith(_C) else _diagram_texts(root)
    return texts


def _relations(drawing: Any) -> Iterator[str]:
    for chart in drawing.iter(f"{_C}chart"):
        yield chart.get(f"{_R}id") or ""
    for diagram in drawing.iter(f"{_DGM}relIds"):
        yield diagram.get(f"{_R}dm") or ""


def _related_xml(part: Any, relation: str) -> Any | None:
    from lxml import etree

    if relation not in part.rels or part.rels[relation].is_external:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(part.rels[relation].target_part.blob, parser)
    except etree.XMLSyntaxError:
        return None


def _diagram_texts(root: Any) -> list[str]:
    points = (_paragraphs(point) for point in root.iter(f"{_DGM}pt"))
    return [text for text in points if text]


def _paragraphs(node: Any) -> str:
    lines = ("".join(run.text or "" for run in line.iter(f"{_A}t")) for line in node.iter(f"{_A}p"))
    return "\n".join(line for line in lines if line.strip())


def _chart_texts(root: Any) -> list[str]:
    texts = [_paragraphs(title) for title in root.iter(f"{_C}title")]
    for series in root.iter(f"{_C}ser"):
        name = _values(series, "tx")
        categories, values = _values(series, "cat", "xVal"), _values(series, "val", "yVal")
        pairs = [" ".join(pair) for pair in zip(categories, values, strict=False)] or values or categories
        texts.append(": ".join(part for part in (" ".join(name), ", ".join(pairs)) if part))
    return [text for text in texts if text.strip()]


def _values(series: Any, *names: str) -> list[str]:
    return [value.text or "" for name in names for node in series.iter(f"{_C}{name}") for value in node.iter(f"{_C}v")]

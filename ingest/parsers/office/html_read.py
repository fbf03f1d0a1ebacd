"""HTML to drafts, through unstructured: which text is whose, its tags say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.parsers.html_tables import read_html_table
from ingest.parsers.office.drafts import Draft, tidy, tidy_code
from ingest.parsers.office.html_main import mark_surroundings
from ingest.parsers.office.html_metadata import html_metadata, html_title
from ingest.parsers.office.html_tree import ITEM, LABEL, LINE_BREAK, PICTURE, WAS, Node, prepared, rows_of, text_of
from ingest.parsers.office.pictures import FindPicture, Picture, data_picture
from ingest.parsers.office.setup import prepare_unstructured
from schemas.document import BlockKind, Region, TableCell
from schemas.errors import CorruptFile
from schemas.source import MetadataValue

SLIDE = "data-slide"
"""Attribute of an element that is one slide; its number."""
KIND = "data-kind"
"""Attribute that names the kind of block that an element is, for formats that are turned into HTML here."""

_HEADING = re.compile(r"h([1-6])")
_ITEM_START = re.compile(rf"\s*{ITEM}\s*")
_LISTS = frozenset({"ol", "ul", "dl"})
_ITEMS = frozenset({"li", "dd"})
_EDGES = frozenset({BlockKind.HEADER.value, BlockKind.FOOTER.value})
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight-source|brush)[-:]\s?([\w+#.-]+)")
_NOTES = frozenset({"doc-endnotes", "doc-footnotes", "doc-footnote", "doc-endnote"})
_EPUB_TYPE = "epub:type"


@dataclass(frozen=True, slots=True)
class HtmlContent:
    """`title` is what `<title>` says, whoever wrote it there."""

    drafts: tuple[Draft, ...]
    title: str
    metadata: Mapping[str, MetadataValue]


def read_html(
    markup: str, name: str, find_picture: FindPicture = data_picture, *, article: bool = False
) -> HtmlContent:
    """Nothing that the markup names is opened: neither entities nor addresses. Pictures are those
    that `find_picture` knows. `article`: what stands around the article of a page is furniture.

    Raises `CorruptFile` for markup that cannot be read.
    """
    root = _parsed(markup, name)
    title, metadata = html_title(root), html_metadata(root)
    pictures = _take_pictures(root, find_picture)
    if article:
        mark_surroundings(root, KIND)
    nodes = prepared(root)
    try:
        drafts = tuple(_drafts(root, nodes, pictures))
    except RecursionError as error:
        raise _too_deep(name) from error
    return HtmlContent(drafts, title, metadata)


def _parsed(markup: str, name: str) -> Node:
    from lxml import etree, html

    parser = html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=True, encoding="utf-8")
    try:
        # As bytes: a declaration of another encoding within the text is of no more weight.
        root = html.document_fromstring(markup.encode("utf-8", errors="replace"), parser=parser)
    except etree.ParserError as error:
        raise CorruptFile(f"{name} holds no HTML ({error}): fetch it anew from where it came.", name=name) from error
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise _too_deep(name)  # the parser has stopped there and would leave the rest out
    return root


def _too_deep(name: str) -> CorruptFile:
    return CorruptFile(f"{name} nests its elements too deeply: save a simpler copy.", name=name)


def _take_pictures(root: Node, find: FindPicture) -> list[Picture]:
    """Their elements then have a number in place of what may be megabytes."""
    pictures: list[Picture] = []
    for node in root.iter("img"):
        picture = find(node.get("src") or "")
        if picture is None and node.get("data-src"):
            picture = find(node.get("data-src"))
        node.attrib.pop(PICTURE, None)
        if picture is not None:
            node.set(PICTURE, str(len(pictures)))
            node.set("src", "#")
            node.attrib.pop("data-src", None)
            pictures.append(picture)
    return pictures


def _figures(node: Node, text: str, pictures: Sequence[Picture]) -> Iterator[Draft]:
    """The first has the text. What is in headers and footers repeats and is left alone."""
    edge = _edge(node)
    if edge is not None:
        yield Draft(edge, text, region=_region(node))
        return
    shown: list[Picture | None] = [pictures[int(n)] for n in (node.get(PICTURE) or "").split()]
    for picture in shown or [None]:
        yield Draft(BlockKind.FIGURE, text, region=_region(node), picture=picture)
        text = ""


def _edge(node: Node) -> BlockKind | None:
    """Header or footer, for what stands in one."""
    kinds = (step.get(KIND) for step in (node, *node.iterancestors()))
    return next((BlockKind(kind) for kind in kinds if kind in _EDGES), None)


def _drafts(root: Node, nodes: list[Node], pictures: Sequence[Picture]) -> Iterator[Draft]:
    prepare_unstructured()
    from lxml import etree
    from unstructured.partition.html import partition_html

    markup = etree.tostring(root, encoding="unicode", method="html")
    labelled: set[Node] = set()
    for element in partition_html(text=markup, languages=[""]):
        number = element.metadata.page_number
        node = nodes[number] if number is not None else nodes[0]
        match element.category:
            case "Table" if _edge(node) is not None:
                yield _text(" ".join(" ".join(node.itertext()).replace(ITEM, " ").split()), node, labelled)
            case "Table":
                yield from _table(node)
                yield from _figures(node, "", pictures)
            case "Image":
                yield from _figures(node, tidy(element.text), pictures)
            case "CodeSnippet" if _edge(node) is None:
                yield _code(element.text, node)
            case _:
                yield _text(element.text, node, labelled)


def _text(text: str, node: Node, labelled: set[Node]) -> Draft:
    chain = [node, *node.iterancestors()]
    text = tidy(text.replace(LINE_BREAK, "\n"))
    region = _region(node)
    marked = next((step.get(KIND) for step in chain if step.get(KIND)), None)
    if marked:
        return Draft(BlockKind(marked), text, region=region, source=node)
    for step in chain:
        heading = _HEADING.fullmatch(str(step.tag))
        if heading:
            return Draft(BlockKind.HEADING, text, int(heading[1]), region, source=step)
        if step.get(WAS) == "figcaption":
            return Draft(BlockKind.CAPTION, text, region=region, source=step)
    if any(_is_notes(step) for step in chain):
        item = next((step for step in chain if step.tag == "li"), node)
        return Draft(BlockKind.FOOTNOTE, _labelled(text, item, labelled), region=region, source=item)
    item = next((step for step in chain if step.tag in _ITEMS), None)
    if item is not None:
        depth = sum(step.tag in _LISTS for step in item.iterancestors()) - 1
        return Draft(BlockKind.LIST_ITEM, _labelled(text, item, labelled), max(depth, 0), region, source=item)
    quoted = any(step.tag == "blockquote" for step in chain)
    return Draft(BlockKind.QUOTE if quoted else BlockKind.PARAGRAPH, text, region=region)


def _labelled(text: str, item: Node, labelled: set[Node]) -> str:
    """The number in front that a browser shows, once an item."""
    if item in labelled or not text:
        return text
    labelled.add(item)
    label = item.get(LABEL) or ""
    if label and any(_is_notes(step) for step in item.iterancestors()):
        label = f"[{label.rstrip('.')}]"
    return f"{label} {text}" if label else text


def _is_notes(node: Node) -> bool:
    types = (node.get(_EPUB_TYPE) or "").split()
    return node.get("role") in _NOTES or bool({"footnotes", "endnotes", "footnote", "endnote"} & set(types))


def _code(text: str, node: Node) -> Draft:
    classes = " ".join(step.get("class") or "" for step in (node.getparent(), node, *node) if step is not None)
    language = _LANGUAGE.search(classes)
    return Draft(
        BlockKind.CODE,
        tidy_code(text.replace(LINE_BREAK, "\n")),
        region=_region(node),
        code_language=language[1].lower() if language else None,
    )


def _table(node: Node) -> Iterator[Draft]:
    """unstructured's own rows have no spans: the grid is read from the source's tags."""
    from lxml import etree

    region = _region(node)
    caption = next((child for child in node if child.tag == "caption"), None)
    if caption is not None:
        yield Draft(BlockKind.CAPTION, _cell_text(text_of(caption)), region=region)
        node.remove(caption)
    markup = etree.tostring(node, encoding="unicode", method="html", with_tail=False).replace(LINE_BREAK, " ")
    grid = read_html_table(markup)
    cells = grid.cells if grid else _plain_cells(node)
    yield Draft(
        BlockKind.TABLE,
        cells=tuple(cell.model_copy(update={"text": _cell_text(cell.text)}) for cell in cells),
        header_rows=grid.header_rows if grid else 0,
        region=region,
    )


def _cell_text(text: str) -> str:
    """Items of a list are lines of the cell."""
    return tidy(_ITEM_START.sub("\n", text))


def _plain_cells(node: Node) -> tuple[TableCell, ...]:
    """Of a table whose spans lie: every cell on its own, in its row."""
    return tuple(
        TableCell(row=row, col=col, text=text_of(cell))
        for row, line in enumerate(rows_of(node))
        for col, cell in enumerate(child for child in line if child.tag in {"td", "th"})
    )


def _region(node: Node) -> Region | None:
    for step in (node, *node.iterancestors()):
        slide = step.get(SLIDE)
        if slide:
            return Region(page=int(slide))
    return None

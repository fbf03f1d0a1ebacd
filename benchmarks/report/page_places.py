"""What stands where on a report's page: each cell of a table by the table's caption, its row and its column; the
figures at the top; and the text of sections and of cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import html


@dataclass(frozen=True, slots=True)
class Table:
    """`rows`: what the cells of the body say; the first is the row's head. `small`: what stands small in each, and is
    not part of its text."""

    section: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    small: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]
    """`data-chunk` of each row."""


@dataclass(frozen=True, slots=True)
class Page:
    tables: tuple[Table, ...]
    figures: dict[str, tuple[str, str]]
    """By name: the figure, and what stands small under it."""
    texts: dict[str, str]
    """By section: all that it says outside of its tables, in one line."""
    cards: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By section: what each of its cards says, its head first."""

    def table(self, section: str, caption: str) -> Table | None:
        """The one of the section whose caption begins so."""
        return next((t for t in self.tables if t.section == section and t.caption.startswith(caption)), None)


def read_page(source: str) -> Page:
    tree = html.fromstring(source)
    for unseen in tree.xpath("//script|//style|//svg"):
        unseen.drop_tree()
    figures = {
        _text(group.find("dt")): (_without_small(group.find("dd")), _text(group.find("dd/small")))
        for group in tree.xpath("//dl[@class='figures']/div")
    }
    tables = tuple(_tables(tree))
    cards = {
        str(section.get("id")): tuple(_text(card) for card in section.xpath(".//details[@class='card']"))
        for section in tree.xpath("//section")
    }
    for table in tree.xpath("//table"):
        table.drop_tree()
    texts = {str(section.get("id")): _text(section) for section in tree.xpath("//section")}
    return Page(tables, figures, texts, cards)


def _tables(tree: html.HtmlElement) -> Iterator[Table]:
    for section in tree.xpath("//section"):
        for table in section.xpath(".//table"):
            rows = table.xpath("./tbody/tr")
            yield Table(
                str(section.get("id")),
                _text(table.find("caption")),
                tuple(_text(head) for head in table.xpath("./thead/tr/th")),
                tuple(_cells(row) for row in rows),
                tuple(tuple(_text(cell.find("small")) for cell in row.xpath("./th|./td")) for row in rows),
                tuple(str(row.get("data-chunk", "")) for row in rows),
            )


def _cells(row: html.HtmlElement) -> tuple[str, ...]:
    return tuple(_without_small(cell) for cell in row.xpath("./th|./td"))


def _without_small(element: html.HtmlElement) -> str:
    return _joined(text for text in element.xpath(".//text()[not(ancestor::small)]"))


def _text(element: html.HtmlElement | None) -> str:
    return "" if element is None else _joined(element.itertext())


def _joined(parts: Iterator[str] | Sequence[str]) -> str:
    return " ".join("".join(parts).split())

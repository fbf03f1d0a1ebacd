"""Rows and passages as a terminal of any width shows them, and a pipe: nothing of them is cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

_GAP = "  "
_FRAME = 6
"""Characters of a panel's first line that are not its title."""


@dataclass(frozen=True, slots=True)
class Column:
    """`number`: its values stand under each other by their last digit."""

    name: str
    number: bool = False


def lines_are_whole(console: Console) -> bool:
    """It is read by a program or kept in a file: a line is as long as what it says."""
    return console.soft_wrap


def show_rows(console: Console, columns: Sequence[Column], rows: Sequence[Sequence[str | Text]]) -> None:
    """Side by side where the terminal is wide enough, and in a pipe always; else each row as lines of a name and a
    value, without empty ones. A column without a name says what its row is."""
    cells = [[cell if isinstance(cell, Text) else Text(cell) for cell in row] for row in rows]
    widths = [
        max([cell_len(column.name), *(row[place].cell_len for row in cells)]) for place, column in enumerate(columns)
    ]
    if lines_are_whole(console) or sum(widths) + len(_GAP) * (len(widths) - 1) <= console.width:
        _show_side_by_side(console, columns, widths, cells)
    else:
        _show_one_below_another(console, columns, cells)


def _show_side_by_side(
    console: Console, columns: Sequence[Column], widths: Sequence[int], rows: Sequence[Sequence[Text]]
) -> None:
    names = [Text(column.name, "bold") for column in columns]
    for row in (names, *rows):
        line = Text(_GAP).join(
            _aligned(cell, column, width) for cell, column, width in zip(row, columns, widths, strict=True)
        )
        line.rstrip()
        _print_line(console, line)


def _aligned(cell: Text, column: Column, width: int) -> Text:
    space = " " * (width - cell.cell_len)
    return Text.assemble(space, cell) if column.number else Text.assemble(cell, space)


def _show_one_below_another(console: Console, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    width = max(cell_len(column.name) for column in columns)
    for number, row in enumerate(rows):
        if number:
            console.print()
        for cell, column in zip(row, columns, strict=True):
            if cell.plain:
                space = " " * (width - cell_len(column.name)) + _GAP
                name = Text(column.name + space, "bold") if column.name else Text()
                _print_line(console, Text.assemble(name, cell))


def _print_line(console: Console, line: Text) -> None:
    console.print(line, soft_wrap=True, highlight=False)


def show_groups(
    console: Console,
    title: str,
    groups: Sequence[Sequence[tuple[str, str]]],
    style: Callable[[str, str], str],
) -> None:
    """Names and values in a frame, the groups side by side, where that fits; else one below another. `style`: of a
    name and its value."""
    blocks = [_block(group, style) for group in groups if group]
    depth, between = max(map(len, blocks)), " " * 4
    blank = [Text(" " * block[0].cell_len) for block in blocks]
    lines = [
        Text(between).join(block[at] if at < len(block) else none for block, none in zip(blocks, blank, strict=True))
        for at in range(depth)
    ]
    if not lines_are_whole(console) and lines[0].cell_len + _FRAME <= console.width:
        console.print(Panel(Group(*lines), title=title, title_align="left", expand=False))
        return
    _print_line(console, Text(title, "bold"))
    for line in _block([pair for group in groups for pair in group], style):
        _print_line(console, line)


def _block(group: Sequence[tuple[str, str]], style: Callable[[str, str], str]) -> list[Text]:
    """A line a name, all of one width."""
    names, values = (max((cell_len(pair[at]) for pair in group), default=0) for at in (0, 1))
    return [Text(f"{name:<{names}}  {value:>{values}}", style(name, value)) for name, value in group]


def show_passage(console: Console, title: Text, heading_path: Sequence[str], text: Text) -> None:
    """In a frame; in a pipe without one, so that its text can be searched and copied."""
    path = Text(" › ".join(heading_path), "green")
    if lines_are_whole(console):
        for part in (title, path, text):
            if part.plain:
                _print_line(console, part)
        console.print()
        return
    body = Group(path, text) if path.plain else text
    if title.cell_len + _FRAME <= console.width:
        console.print(Panel(body, title=title, title_align="left"))
    else:
        _print_line(console, title)
        console.print(Panel(body))

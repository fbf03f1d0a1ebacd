"""Rows and passages keep all that they say, on a terminal of any width and in a pipe."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ingest.cli.common import out
from ingest.cli.layout import Column, show_groups, show_passage, show_rows

WIDTHS = (20, 40, 60, 80, 200)
NAMES = ("run", "what happened", "seconds")
CELLS = st.text("ab[]:/中文é ", min_size=1, max_size=60).map(str.strip).filter(bool)
RUN = Column("run"), Column("what happened"), Column("seconds", number=True)


def terminal(width: int) -> Console:
    return Console(file=io.StringIO(), width=width, emoji=False)


def pipe(width: int = 80) -> Console:
    return Console(file=io.StringIO(), width=width, emoji=False, soft_wrap=True)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def without_blanks(text: str) -> str:
    return re.sub(r"[\s╭╮╰╯│─]", "", text)


@pytest.mark.parametrize("width", WIDTHS)
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4))
def test_no_cell_is_cut_at_any_width(width: int, rows: Sequence[Sequence[str]]) -> None:
    for console in (terminal(width), pipe(width)):
        show_rows(console, RUN, rows)
        told = without_blanks(said(console))
        for cell in (*NAMES, *(cell for row in rows for cell in row)):
            assert without_blanks(cell) in told


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4))
def test_in_a_pipe_a_row_is_a_line_and_a_column_begins_at_one_place(rows: Sequence[Sequence[str]]) -> None:
    console = pipe(width=10)
    show_rows(console, RUN, rows)
    lines = said(console).splitlines()
    assert len(lines) == 1 + len(rows)
    begins = max(cell_len(each) for each in ("run", *(row[0] for row in rows))) + 2
    for line, row in zip(lines[1:], rows, strict=True):
        assert line.startswith(row[0])
        before = next(at for at in range(len(line) + 1) if cell_len(line[:at]) == begins)
        assert line[before:].startswith(row[1])


def test_rows_that_fit_stand_side_by_side_with_numbers_under_each_other() -> None:
    console = terminal(80)
    show_rows(console, RUN, [("4f", "done", "1.5"), ("80", "failed", "116.1")])
    assert said(console).splitlines() == [
        "run  what happened  seconds",
        "4f   done               1.5",
        "80   failed           116.1",
    ]


def test_rows_that_do_not_fit_are_lines_of_names_and_values_without_empty_ones() -> None:
    console = terminal(16)
    show_rows(console, (Column(""), *RUN), [("recall@1", "4f", "", "1.5"), ("MRR", Text("80", "red"), "failed", "2")])
    assert said(console).splitlines() == [
        "recall@1",
        "run            4f",
        "seconds        1.5",
        "",
        "MRR",
        "run            80",
        "what happened  failed",
        "seconds        2",
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_summary_has_a_frame_where_that_fits_and_all_of_its_values_everywhere(width: int) -> None:
    groups = [[("seen", "12,345"), ("failed", "0")], [("chunks", "9")], []]
    for console in (terminal(width), pipe(width)):
        show_groups(console, "run 4fefe85cd2a9", groups, lambda _name, _value: "")
        assert without_blanks("run 4fefe85cd2a9 seen 12,345") in without_blanks(said(console))
        assert all(re.search(pair, said(console)) for pair in (r"failed +0", r"chunks +9"))
    framed = terminal(width)
    show_groups(framed, "run 4fefe85cd2a9", groups, lambda _name, _value: "")
    assert ("╭" in said(framed)) == (width >= 40)


@pytest.mark.parametrize("width", WIDTHS)
def test_where_a_passage_stands_is_never_cut(width: int) -> None:
    title = Text("1. inbox/contracts/a-very-long-name-of-a-contract.pdf  page 3  1.224")
    for console in (terminal(width), pipe(width)):
        show_passage(console, title, ("Chapter", "Section"), Text("The pump runs at night. " * 5))
        told = without_blanks(said(console))
        assert without_blanks(title.plain) in told
        assert without_blanks("Chapter › Section") in told
        assert without_blanks("The pump runs at night. " * 5) in told


def test_what_a_terminal_would_obey_is_shown_and_not_sent(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows(out, RUN, [("esc\x1b[31mred.md", "done", "1")])
    out.print("\x9b2J.md is read", style="bold", markup=False)
    told = capsys.readouterr().out
    assert r"esc\x1b[31mred.md" in told
    assert r"\x9b2J.md is read" in told
    assert not re.search(r"[\x1b\x9b]", told)


def test_a_passage_in_a_pipe_has_no_frame_and_no_line_breaks_of_its_own() -> None:
    console = pipe(width=20)
    show_passage(
        console, Text("1. a.md"), (), Text("one line that is longer than twenty\nand [bold]another[/] :smile:")
    )
    assert said(console).splitlines() == [
        "1. a.md",
        "one line that is longer than twenty",
        "and [bold]another[/] :smile:",
        "",
    ]

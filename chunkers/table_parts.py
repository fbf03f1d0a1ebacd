"""A table as drafts: whole where it fits, else cut between rows, each part under the header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from chunkers.drafts import Draft, Measure, Place, characters_for, reach
from chunkers.tables import Grid, column_names
from chunkers.units import Joint, Unit, Units
from schemas.base import Span
from schemas.document import Block, Document

HEADER_OMITTED = "header_omitted"
ROW_CUT = "row_cut"
_LONGEST = 40
"""Characters of header rows per token that there is room for: what has more is too long without a count."""


class TableParts:
    """Plans drafts of the tables of one document. `largest`: tokens that text may take at most."""

    def __init__(self, document: Document, units: Units, measure: Measure, largest: int) -> None:
        self._document = document
        self._units = units
        self._measure = measure
        self._largest = largest
        self._grid: tuple[int, Grid | None] | None = None
        self._named: tuple[int, list[tuple[str, int]]] | None = None

    def grid(self, ordinal: int) -> Grid | None:
        """The table's grid, kept until another table is asked for."""
        if self._grid is None or self._grid[0] != ordinal:
            table = self._block(ordinal).table
            self._grid = (ordinal, Grid(table) if table and table.rows else None)
        return self._grid[1]

    def size(self, rows: Sequence[Unit]) -> int:
        """Tokens of a table. Sums of rows may differ a little from the whole, so what is near
        the limit is counted as a whole."""
        total = self._sum(rows)
        first = rows[0]
        if self._largest < total <= self._largest + reach(first):
            total -= first.size - self._measure([first._replace(gap=first.start)])[0].size
        if abs(total - self._largest) <= len(rows):
            return self._measure.tokens(self._document.text[first.start : rows[-1].end])
        return total

    def least(self, rows: Sequence[Unit]) -> int:
        """What the first part of a table that is cut takes at least: header and first row."""
        header, body = self._split_header(rows)
        return min(self._sum(header) + self._sum(body[:1]), self._largest)

    def whole(self, units: Sequence[Unit], rows: Sequence[Unit], place: Place) -> Draft:
        """One draft of the table and what goes with it."""
        table = self._block(rows[0].block).table
        return Draft(tuple(units), place, table=rows[0].block, rows=(0, table.n_rows if table else rows[-1].row + 1))

    def parts(self, lead: Sequence[Unit], rows: Sequence[Unit], place: Place) -> list[Draft]:
        """The table cut between rows; `lead` stands above the first part. Rows that do not fit
        under the header stand without it, and rows that do not fit at all are cut."""
        header, body = self._split_header(rows)
        first_body = body[0].row if body else rows[-1].row + 1
        prefix = self._prefix(rows[0].block)
        above = self._sum(header)
        delimited = self._is_delimited(rows[0].block)
        near = len(prefix) <= _LONGEST * self._largest if delimited else above <= self._largest + 8
        prefix_size = self._measure.tokens(prefix) if prefix and near else above
        ends = {row.row: after.row for row, after in pairwise(rows)}
        drafts: list[Draft] = []
        group: list[Unit] = []
        size = self._sum(lead)

        def flush() -> None:
            if group:
                drafts.append(self._part(group, place, prefix if size_of_prefix else "", ends))
                group.clear()

        size_of_prefix = 0
        for row in (*header, *body):
            alone = self._alone(row, prefix_size)
            wanted = prefix_size if row.row >= first_body and prefix_size + alone <= self._largest else 0
            # Below a header that had to be cut, the rows begin a part of their own, where the prefix tells all of it.
            in_first = bool(group) and not size_of_prefix and group[0].row == rows[0].row < first_body
            if group and (size + row.size > self._largest or (wanted != size_of_prefix and not in_first)):
                flush()
            if alone > self._largest:
                drafts += self._row(row, place, 0 if drafts else self._sum(lead))
                continue
            if not group:
                size_of_prefix = wanted
                size = wanted + (0 if drafts else self._sum(lead))
                size += alone
            else:
                size += row.size
            group.append(row)
        flush()
        opening = drafts[0]
        rows_told = (0, opening.rows[1]) if opening.rows and opening.columns is None else opening.rows
        drafts[0] = replace(opening, units=(*lead, *opening.units), rows=rows_told)
        return drafts

    def _alone(self, row: Unit, prefix_size: int) -> int:
        """The size of a row at the beginning of a part, where no empty rows stand before it."""
        if not any(limit < row.size <= limit + reach(row) for limit in (self._largest, self._largest - prefix_size)):
            return row.size
        return self._measure([row._replace(gap=row.start)])[0].size

    def finer(self, draft: Draft) -> list[Draft]:
        """A draft of a table that turned out too large, in at least two, or without its prefix."""
        rows = [unit for unit in draft.units if unit.block == draft.table]
        lead = [unit for unit in draft.units if unit.start < rows[0].start]
        trail = [unit for unit in draft.units if unit.start > rows[-1].end]
        if trail:
            return [replace(draft, units=(*lead, *rows)), *_texts(trail, draft)]
        if lead and (len(rows) == 1 or (draft.columns is None and self._is_whole_and_fits(rows))):
            later = range((len(lead) + 1) // 2, len(lead))
            cut = next((at for at in later if lead[at].joint < Joint.GLUE), len(lead))
            return [*_texts(lead[:cut], draft), replace(draft, units=(*lead[cut:], *rows))]
        if draft.columns is None and len(rows) > 1:
            return self._halves(draft, lead, rows)
        if draft.prefix:
            return [replace(draft, prefix="", flags=_with(draft.flags, HEADER_OMITTED))]
        return self._row(rows[0], draft.place) if draft.columns is None else self._half_cells(draft, lead, rows)

    def _half_cells(self, draft: Draft, lead: list[Unit], pieces: list[Unit]) -> list[Draft]:
        if len(pieces) == 1:
            pieces = self._units.finer(pieces[0], characters_for(pieces[0], self._largest))
        if len(pieces) == 1:
            return [draft]
        middle = len(pieces) // 2
        first, second = (self._piece(half, draft.place, "", draft.flags) for half in (pieces[:middle], pieces[middle:]))
        return [replace(first, units=(*lead, *first.units)), second]

    def _halves(self, draft: Draft, lead: list[Unit], rows: list[Unit]) -> list[Draft]:
        header, body = self._split_header(rows)
        cut = len(header) + len(body) // 2 if len(body) > 1 else len(rows) - 1
        before, after = rows[:cut], rows[cut:]
        first, last = draft.rows or (rows[0].row, rows[-1].row + 1)
        prefix = self._prefix(rows[0].block) if body else ""
        return [
            replace(draft, units=(*lead, *before), rows=(first, after[0].row)),
            replace(draft, units=tuple(after), rows=(after[0].row, last), prefix=draft.prefix or prefix, flags=()),
        ]

    def _part(self, rows: Sequence[Unit], place: Place, prefix: str, ends: Mapping[int, int]) -> Draft:
        """Rows without text go with the part above them. Rows from below a header that is itself cut have not all
        of it above them."""
        table = self._block(rows[0].block).table
        end = ends.get(rows[-1].row, table.n_rows if table else rows[-1].row + 1)
        later = rows[0].row > next(iter(ends), rows[0].row)
        body = table is not None and rows[-1].row >= table.header_rows > 0
        flags = (HEADER_OMITTED,) if body and later and not prefix else ()
        return Draft(tuple(rows), place, prefix, rows[0].block, (rows[0].row, end), flags=flags)

    def _row(self, row: Unit, place: Place, reserved: int = 0) -> list[Draft]:
        """A row that does not fit by itself, cut between cells; the first part leaves `reserved` tokens."""
        grid = self.grid(row.block)
        if grid and row.row == grid.table.header_rows - 1 and self._is_delimited(row.block):
            cells = self._names_and_dashes(row, grid)
        else:
            cells = self._measure.shares(row, self._units.cells(row, grid)) if grid else [row]
        pieces: list[Unit] = []
        for at, cell in enumerate(cells):
            pieces += self._settled(cell, self._largest - (0 if at else reserved))
        drafts: list[Draft] = []
        group: list[Unit] = []
        for piece in pieces:
            room = self._largest - (0 if drafts else reserved)
            if group and self._prefixed_size([*group, piece]) > room:
                drafts.append(self._cells(group, place))
                group = []
            group.append(piece)
        drafts.append(self._cells(group, place))
        return drafts

    def _names_and_dashes(self, row: Unit, grid: Grid) -> list[Unit]:
        """The cells of the last header row, and the delimiter line below them by itself. Each is counted: by their
        length the names would seem to take as many tokens as the dashes."""
        end = self._block(row.block).start + grid.table.rows[row.row][1]
        names = self._units.cells(row._replace(end=end), grid)
        text = self._document.text
        begin = next(at for at in range(end, row.end) if not text[at].isspace())
        dashes = row._replace(start=begin, gap=begin, columns=(0, grid.table.n_cols), joint=Joint.ITEM)
        return self._measure([*names, self._units.behind(names[-1], dashes)])

    def _settled(self, cell: Unit, largest: int) -> list[Unit]:
        if cell.size <= largest:
            return [cell]
        columns = cell.columns or (0, 1)
        freed = self._measure.settle([cell._replace(row=-1)], self._units, largest, counted=True)
        return [unit._replace(row=cell.row, columns=columns) for unit in freed]

    def _prefixed_size(self, pieces: Sequence[Unit]) -> int:
        total = self._sum(pieces)
        size = self._names_size(pieces)
        return total + (size if size <= self._largest // 2 else 0)

    def _names_size(self, pieces: Sequence[Unit]) -> int:
        columns = _columns(pieces)
        return sum(size for _, size in self._names(pieces[0].block)[slice(*columns)]) if columns else 0

    def _cells(self, pieces: Sequence[Unit], place: Place) -> Draft:
        prefix = self._names_line(pieces)
        flags: tuple[str, ...] = (ROW_CUT,)
        if prefix and self._names_size(pieces) + self._sum(pieces) > self._largest:
            prefix, flags = "", (ROW_CUT, HEADER_OMITTED)
        return self._piece(pieces, place, prefix, flags)

    def _names_line(self, pieces: Sequence[Unit]) -> str:
        """The names of the columns that the pieces are in, as a line; empty without a header."""
        table, columns = self._block(pieces[0].block).table, _columns(pieces)
        if table is None or columns is None or pieces[0].row < table.header_rows:
            return ""
        line = " | ".join(name for name, _ in self._names(pieces[0].block)[slice(*columns)])
        return f"{line}\n" if line.strip(" |") else ""

    def _names(self, ordinal: int) -> list[tuple[str, int]]:
        """The name of each column and its tokens, kept until another table is asked for."""
        if self._named is None or self._named[0] != ordinal:
            table = self._block(ordinal).table
            names = column_names(table) if table and table.header_rows else []
            sizes = self._measure.each([f"{name} | " for name in names])
            self._named = (ordinal, list(zip(names, sizes, strict=True)))
        return self._named[1]

    def _piece(self, pieces: Sequence[Unit], place: Place, prefix: str, flags: tuple[str, ...]) -> Draft:
        row = pieces[0].row
        columns = _columns(pieces)
        return Draft(tuple(pieces), place, prefix, pieces[0].block, (row, row + 1), columns, flags)

    def _is_whole_and_fits(self, rows: Sequence[Unit]) -> bool:
        block = self._block(rows[0].block)
        text = self._document.text
        if text[block.start : rows[0].start].strip() or text[rows[-1].end : block.end].strip():
            return False
        return self._measure.tokens(text[rows[0].start : rows[-1].end]) <= self._largest

    def _split_header(self, rows: Sequence[Unit]) -> tuple[list[Unit], list[Unit]]:
        table = self._block(rows[0].block).table
        count = table.header_rows if table else 0
        return [row for row in rows if row.row < count], [row for row in rows if row.row >= count]

    def _is_delimited(self, ordinal: int) -> bool:
        """A delimiter line of Markdown stands below the last header row, and is part of its unit."""
        block = self._block(ordinal)
        if block.table is None or not block.table.header_rows:
            return False
        end = block.table.rows[block.table.header_rows - 1][1]
        return bool(self._document.text[block.start + end : block.start + block.table.header_end].strip())

    def _prefix(self, ordinal: int) -> str:
        """The header rows without the delimiter line of Markdown below them: to many tokenizers each of its marks
        is a token, so it would cost more than the names, and crowd them out."""
        block = self._block(ordinal)
        if block.table is None or not block.table.header_rows:
            return ""
        end = block.table.rows[block.table.header_rows - 1][1]
        header = self._document.text[block.start : block.start + end].strip()
        return f"{header}\n" if header else ""

    def _block(self, ordinal: int) -> Block:
        return self._document.blocks[ordinal]

    @staticmethod
    def _sum(units: Sequence[Unit]) -> int:
        return sum(unit.size for unit in units)


def _texts(units: Sequence[Unit], draft: Draft) -> list[Draft]:
    return [Draft(tuple(units), draft.place)] if units else []


def _with(flags: tuple[str, ...], flag: str) -> tuple[str, ...]:
    return flags if flag in flags else (*flags, flag)


def _columns(pieces: Sequence[Unit]) -> Span | None:
    spans = [piece.columns for piece in pieces if piece.columns]
    return (min(start for start, _ in spans), max(end for _, end in spans)) if spans else None

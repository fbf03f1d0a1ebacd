"""Documents of every kind of block, as hypothesis strategies. Loaded by the property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from schemas.document import Block, BlockKind, Document, Region, Table, TableCell

_LATIN = st.text("abcdefghij ABC,.!?;:()\"'“”…-", min_size=1, max_size=60)
_HAN = st.text("文档分块检索的中国语言，。！？；：、（）「」“”…一二三 ", min_size=1, max_size=60)
_ODD = st.text("e\u0301\u0308👩\u200d🔬🏽🇨🇳한\u1100\u1161\u200b\ufeff\u00a0\t\n |x", min_size=1, max_size=20)
_GIANT = st.builds(
    lambda piece, times: piece * times, st.sampled_from(["a", "文", "e\u0301", "=", "."]), st.integers(30, 900)
)
_SENTENCES = st.lists(
    st.sampled_from(
        [
            "The cat sat on the mat.",
            "Dr. Smith paid 3.5 dollars, e.g. for No. 5, and left.",
            "See Fig. 3 (which is new).",
            "他说：“今天天气很好。”",
            "文档被切成小块；每一块都有标题。",
            "真的吗？",
            "A sentence that goes on and on, with one clause, then another; and so it never seems to end, does it?",
            "Short.",
            "“Go on. It is late.” she said, (as ever. And again.)",
            "他问：「去哪里？还回来吗？」没有人回答。",
            "These are the points:",
            "这是一个很长的句子，里面有很多的逗号，所以可以在逗号处切开，但是只有在放不下的时候才应该这样做。",
        ]
    ),
    min_size=1,
    max_size=8,
).map(" ".join)
_TEXT = st.one_of(_SENTENCES, _SENTENCES, _LATIN, _HAN, _ODD, _GIANT).filter(lambda text: text.strip() != "")
_LINE = _TEXT.map(lambda text: " ".join(text.split())).filter(bool)

_GAPS = st.sampled_from(
    [
        "\n\n",
        "\n\n",
        "\n",
        "\n\n## ",
        "\n\n---\n\n",
        "",
        " ",
        "\n```\n",
        "\n\nleft out text of some length\n\n",
        "\n" * 90,
    ]
)
_BODY = sorted(set(BlockKind) - {BlockKind.TITLE, BlockKind.HEADING, BlockKind.TABLE})


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, Table]:
    columns = draw(st.integers(1, 4))
    count = draw(st.integers(1, 9))
    header_rows = draw(st.integers(0, min(2, count)))
    cell = st.one_of(
        st.text("ab文 1", max_size=6), st.text("ab文 1", max_size=6), _LINE.map(lambda text: text.replace("|", "/"))
    )
    text, spans, cells, header_end = "", [], [], 0
    for row in range(count):
        values = [draw(cell) for _ in range(columns)]
        start = len(text)
        text += f"| {' | '.join(values)} |" if draw(st.integers(0, 9)) else "  "
        spans.append((start, len(text)))
        if text[start:].strip():
            tall = draw(st.sampled_from([1, 1, 1, 2])) if row + 2 <= count else 1
            cells += [
                TableCell(row=row, col=column, text=value.strip(), header=row < header_rows, row_span=tall)
                for column, value in enumerate(values)
            ]
        text += "\n"
        if row + 1 == header_rows:
            text += "|---" * columns + "|\n" if draw(st.booleans()) else ""
            header_end = len(text) - 1
    return text.rstrip("\n"), Table(
        n_rows=count,
        n_cols=columns,
        header_rows=header_rows,
        header_end=header_end,
        rows=tuple(spans),
        cells=tuple(cells),
    )


@st.composite
def documents(draw: st.DrawFn, max_blocks: int = 12) -> Document:
    text = draw(st.sampled_from(["", "# ", "\n\n"]))
    blocks: list[Block] = []
    for ordinal in range(draw(st.integers(0, max_blocks))):
        kind = draw(
            st.sampled_from(
                [
                    BlockKind.HEADING,
                    BlockKind.HEADING,
                    BlockKind.PARAGRAPH,
                    BlockKind.PARAGRAPH,
                    BlockKind.TITLE,
                    BlockKind.TABLE,
                    *_BODY,
                ]
            )
        )
        table = None
        if kind is BlockKind.TABLE:
            content, table = draw(tables())
            if not draw(st.integers(0, 5)):
                table = None
        elif kind in {BlockKind.HEADING, BlockKind.TITLE}:
            content = draw(
                st.one_of(st.sampled_from(["Start", "开始", "End"]), st.sampled_from(["Start", "开始"]), _TEXT)
            )
        else:
            content = draw(_TEXT)
        level = {
            BlockKind.HEADING: draw(st.sampled_from([None, 1, 2, 3, 4])),
            BlockKind.LIST_ITEM: draw(st.integers(0, 2)),
        }.get(kind)
        parent = (
            draw(st.sampled_from([None, None, ordinal - 1, ordinal + 1]))
            if kind in {BlockKind.CAPTION, BlockKind.FOOTNOTE}
            else None
        )
        regions = tuple(Region(page=page, bbox=(0, 0, ordinal, 1)) for page in range(1, 1 + draw(st.integers(0, 2))))
        if draw(st.integers(0, 30)) == 0 and kind not in {BlockKind.TABLE}:
            content = ""
        blocks.append(
            Block(
                ordinal=ordinal,
                kind=kind,
                start=len(text),
                end=len(text) + len(content),
                level=level,
                regions=regions,
                table=table,
                parent=parent if parent is None or parent >= 0 else None,
            )
        )
        text += content + draw(_GAPS)
    title = draw(st.sampled_from([None, "Start", "A title", "很长的标题" * 30]))
    return Document(text=text, title=title, language="en", parser="made", parser_version="1", blocks=tuple(blocks))

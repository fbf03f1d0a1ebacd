"""Documents of a few blocks, said in a line. Loaded by tests; not collected itself."""

from __future__ import annotations

from schemas.document import Block, BlockKind, Document


def document(*parts: tuple[str, str]) -> Document:
    """Of kinds and texts; headings are of the first level."""
    text, blocks = "", []
    for ordinal, (kind, content) in enumerate(parts):
        level = 1 if kind == "heading" else None
        end = len(text) + len(content)
        blocks.append(Block(ordinal=ordinal, kind=BlockKind(kind), start=len(text), end=end, level=level))
        text += f"{content}\n\n"
    return Document(text=text, parser="made", parser_version="1", blocks=tuple(blocks))

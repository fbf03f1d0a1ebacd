"""Source files: a block for each definition, where a file may be cut best.

A grammar for every language would be a hundred megabytes, or a download: layout tells nearly as much.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from itertools import pairwise

from ingest.parsers.source_lines import SourceLines
from schemas.base import Span
from schemas.document import Block, BlockKind

LANGUAGES = {
    ".py": "python", ".pyi": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript",
    ".jsx": "javascript", ".ts": "typescript", ".tsx": "typescript", ".java": "java", ".kt": "kotlin",
    ".scala": "scala", ".go": "go", ".rs": "rust", ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp",
    ".hpp": "cpp", ".cs": "csharp", ".swift": "swift", ".rb": "ruby", ".php": "php", ".lua": "lua",
    ".sh": "shell", ".bash": "shell", ".ps1": "powershell", ".sql": "sql", ".r": "r", ".jl": "julia",
    ".proto": "protobuf", ".sol": "solidity",
}  # fmt: skip
"""By the end of a file's name. Text formats are no code."""

_GOES_ON = re.compile(r"[)\]}{]|\*/|(?:else|elif|elsif|except|finally|catch|rescue|ensure|end|then|do|fi|done|esac)\b")
"""A line at the margin that belongs to what stands above it."""
_COMMENT_END = re.compile(r"\s+\*|.*\*/\s*\Z")


def code_blocks(text: str, language: str) -> tuple[Block, ...]:
    """Definitions with the comments and decorators above them; lines between them by paragraphs."""
    spans = (span for span in _definitions(text, language) if span[0] < span[1])
    return tuple(
        Block(ordinal=ordinal, kind=BlockKind.CODE, start=start, end=end, code_language=language)
        for ordinal, (start, end) in enumerate(spans)
    )


def _definitions(text: str, language: str) -> Iterator[Span]:
    lines = SourceLines(text)
    inner = _inside_python(text) if language == "python" else frozenset()
    starts = [number for number in _starts(lines) if number not in inner]
    for first, end in pairwise([0, *starts, len(lines)]):
        yield _without_blank_lines(lines, first, end)


def _starts(lines: SourceLines) -> Iterator[int]:
    """Lines at the margin, below a blank line or a body."""
    before = ""
    blank = False
    for number in range(len(lines)):
        line = lines.line(number)
        if not line.strip():
            blank = True
            continue
        at_margin = not line[0].isspace() and not _GOES_ON.match(line)
        below_body = (before[:1].isspace() and not _COMMENT_END.match(before)) or before[:1] in {"}", ")", "]"}
        if before and at_margin and (blank or below_body):
            yield number
        before, blank = line, False


def _inside_python(text: str) -> frozenset[int]:
    """Lines within a statement, such as those of a string at the margin; none where Python cannot read it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the file that is read, not of ours
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(number for node in tree.body for number in range(node.lineno, node.end_lineno or node.lineno))


def _without_blank_lines(lines: SourceLines, first: int, end: int) -> Span:
    """White space that indents the first line stays, for it is part of the code."""
    while first < end and not lines.line(first).strip():
        first += 1
    while first < end and not lines.line(end - 1).strip():
        end -= 1
    return (lines.start(first), lines.end(end - 1)) if first < end else (0, 0)

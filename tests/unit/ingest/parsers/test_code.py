from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkers.kinds import DocumentKind, kind_of
from ingest.parsers.base import ParseInput
from ingest.parsers.code import code_blocks
from ingest.parsers.text import TextParser
from schemas.document import BlockKind
from schemas.source import Route

PYTHON = '''"""Pumps."""

import os
import sys

# How fast.
SPEED = 3
@cached
def pump(water):
    if water:
        return water

    return None
class Valve:
    """A valve."""

    TEXT = """
at the margin

def not_a_function
"""

    def open(self): ...


# The end.
def tank(
    size,
):
    return size
'''

GO = """package pump

import "fmt"

// Pump pumps.
// It does.
func Pump(w int) int {
	if w > 0 {
		return w
	}

	return 0
}
type Valve struct {
	open bool
}
"""

C = """#include <a.h>

/* Pumps
 * water. */
int pump(int water)
{
    return water;

}
static int valve(void)
{
    return 0;
}
"""


def pieces(text: str, language: str) -> list[str]:
    return [text[block.start : block.end] for block in code_blocks(text, language)]


def test_functions_and_classes_of_python_are_blocks_with_what_stands_above_them() -> None:
    assert [piece.split("\n")[0] for piece in pieces(PYTHON, "python")] == [
        '"""Pumps."""',
        "import os",
        "# How fast.",
        "class Valve:",
        "# The end.",
    ]
    assert pieces(PYTHON, "python")[3].endswith("def open(self): ...")


def test_python_that_cannot_be_read_is_told_by_its_layout() -> None:
    assert pieces("print 'old'\n\ndef f():\n    exec 'x'\n\ndef g(): pass", "python") == [
        "print 'old'",
        "def f():\n    exec 'x'",
        "def g(): pass",
    ]


def test_braces_and_comments_stay_with_their_definition() -> None:
    assert [piece.split("\n")[0] for piece in pieces(GO, "go")] == [
        "package pump",
        'import "fmt"',
        "// Pump pumps.",
        "type Valve struct {",
    ]
    assert [piece.split("\n")[0] for piece in pieces(C, "c")] == [
        "#include <a.h>",
        "/* Pumps",
        "static int valve(void)",
    ]


@pytest.mark.parametrize("name", ["pump.py", "PUMP.PY"])
def test_a_source_file_is_code(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    path.write_text(PYTHON, encoding="utf-8")
    document = TextParser().parse(ParseInput(path, name, "text/plain", Route.TEXT, path.stat().st_size))
    assert {(block.kind, block.code_language) for block in document.blocks} == {(BlockKind.CODE, "python")}
    assert document.title is None
    assert kind_of(document).kind is DocumentKind.CODE


@given(st.text("def class():\n\t \"'#}{a文\\", max_size=80), st.sampled_from(["python", "c"]))
def test_no_sign_of_code_is_lost(text: str, language: str) -> None:
    assert "".join("".join(pieces(text, language)).split()) == "".join(text.split())

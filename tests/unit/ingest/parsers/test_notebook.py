"""Notebooks as Markdown: cells, what they printed, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.notebook import MAX_OUTPUT_CHARS, NotebookParser
from schemas.document import Document
from schemas.errors import CorruptFile, NoText
from schemas.source import Route


def read(tmp_path: Path, notebook: object) -> Document:
    path = tmp_path / "n.ipynb"
    path.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook), encoding="utf-8")
    source = ParseInput(path, path.name, "application/x-ipynb+json", Route.NOTEBOOK, path.stat().st_size)
    return NotebookParser(Tools()).parse(source)


def markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": text.splitlines(keepends=True)}


def code(text: str, *outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": text, "outputs": list(outputs)}


def texts(document: Document) -> list[tuple[str, str]]:
    return [(block.kind.value, document.text_of(block)) for block in document.blocks]


def test_cells_and_outputs_are_one_markdown_text(tmp_path):
    printed = {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]}
    cells = [markdown("# Title\n\nSome *text*."), code("print('x')", printed)]
    document = read(tmp_path, {"cells": cells, "metadata": {"language_info": {"name": "R"}}})
    assert document.text == "# Title\n\nSome *text*.\n\n```R\nprint('x')\n```\n\n```\none\ntwo\n```"
    assert texts(document)[:2] == [("heading", "Title"), ("paragraph", "Some *text*.")]
    assert [block.code_language for block in document.blocks] == [None, None, "r", None]
    assert document.title == "Title"


def test_pictures_are_left_out_and_results_and_errors_are_kept(tmp_path):
    picture = {"output_type": "display_data", "data": {"image/png": "iVBOR", "text/plain": "<Figure 1>"}}
    result = {"output_type": "execute_result", "data": {"text/plain": ["42"]}}
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[0;31mE\x1b[0m: v"]}
    text = read(tmp_path, {"cells": [code("f()", picture, result, error)]}).text
    assert "iVBOR" not in text
    assert "Figure" not in text
    assert "```\n42\n```" in text
    assert "```\nE: v\n```" in text


def test_a_progress_bar_says_what_it_said_at_last(tmp_path):
    bar = {"output_type": "stream", "text": "10%\r50%\r100%\ndone\n"}
    assert "```\n100%\ndone\n```" in read(tmp_path, {"cells": [code("run()", bar)]}).text


def test_a_long_output_is_cut_with_a_warning(tmp_path):
    long = {"output_type": "stream", "text": "a line of a log\n" * 10_000}
    document = read(tmp_path, {"cells": [code("run()", long)]})
    assert len(document.text) < MAX_OUTPUT_CHARS + 100
    assert document.quality.warnings == ("An output of cell 1 was cut: it has 160000 characters.",)


def test_an_open_code_block_of_one_cell_swallows_no_other(tmp_path):
    document = read(tmp_path, {"cells": [markdown("```python\nx = 1"), markdown("## After")]})
    assert texts(document)[-1] == ("heading", "After")


def test_code_that_holds_fences_stays_one_block(tmp_path):
    document = read(tmp_path, {"cells": [code('s = """\n```\nx\n```\n"""')]})
    assert len(document.blocks) == 1


def test_front_matter_of_a_raw_cell_is_metadata(tmp_path):
    raw = {"cell_type": "raw", "source": "---\ntitle: Report\nauthor: Ann\n---"}
    document = read(tmp_path, {"cells": [raw, markdown("text")]})
    assert document.title == "Report"
    assert document.metadata["author"] == "Ann"


def test_notebooks_of_format_3_are_read(tmp_path):
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Old"},
        {"cell_type": "code", "input": "1+1", "outputs": [{"output_type": "pyout", "text": "2"}]},
    ]
    document = read(tmp_path, {"worksheets": [{"cells": cells}], "metadata": {}})
    assert document.text == "## Old\n\n```python\n1+1\n```\n\n```\n2\n```"


@pytest.mark.parametrize("notebook", ["{", "[1, 2]", '{"a": 1}', '{"cells": 3}', "[" * 100_000])
def test_what_is_no_notebook_is_corrupt(tmp_path, notebook):
    with pytest.raises(CorruptFile):
        read(tmp_path, notebook)


@pytest.mark.parametrize("cells", [[], [markdown("  ")], [7, "x"], [code("", {"output_type": "stream"})]])
def test_a_notebook_without_content_has_no_text(tmp_path, cells):
    with pytest.raises(NoText):
        read(tmp_path, {"cells": cells})


def test_the_notebooks_of_the_corpus_lose_no_source(corpus):
    for path in sorted(corpus.rglob("*.ipynb")):
        source = ParseInput(path, path.name, "application/x-ipynb+json", Route.NOTEBOOK, path.stat().st_size)
        document = NotebookParser(Tools()).parse(source)
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            for line in "".join(cell["source"]).splitlines():
                assert line.strip() in document.text, (path.name, line)

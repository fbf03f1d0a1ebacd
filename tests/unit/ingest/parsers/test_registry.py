from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

from ingest.parsers.registry import make_parser, parser_recipe
from schemas.errors import UnsupportedFormat
from schemas.source import Route

READ = [Route.PDF, Route.MARKDOWN, Route.TEXT]


@pytest.mark.parametrize("route", READ)
def test_the_recipe_names_the_parser_that_is_made_and_its_version(route: Route) -> None:
    parser, recipe = make_parser(route), parser_recipe(route)
    assert recipe["parser"] == parser.name
    assert parser.version.startswith(recipe["version"])


def test_the_recipe_names_the_versions_of_the_libraries() -> None:
    assert parser_recipe(Route.MARKDOWN)["markdown-it-py"] == version("markdown-it-py")
    assert parser_recipe(Route.PDF)["pymupdf"] == version("pymupdf")


def test_what_nothing_reads_is_unsupported() -> None:
    with pytest.raises(UnsupportedFormat):
        make_parser(Route.UNSUPPORTED)
    with pytest.raises(UnsupportedFormat):
        parser_recipe(Route.UNSUPPORTED)


def test_a_recipe_costs_no_import_of_what_it_names() -> None:
    code = (
        "import sys; from ingest.parsers.registry import parser_recipe; from schemas.source import Route;"
        "[parser_recipe(r) for r in Route if r is not Route.UNSUPPORTED];"
        "print([m for m in ('pymupdf', 'torch', 'markdown_it', 'numpy', 'fasttext') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

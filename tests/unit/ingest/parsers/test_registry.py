from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

from ingest.parsers.base import ReadOptions
from ingest.parsers.registry import make_parser, parser_recipe
from schemas.errors import UnsupportedFormat
from schemas.source import Route

READ = [route for route in Route if route not in {Route.ARCHIVE, Route.UNSUPPORTED}]

HEAVY = (
    "pymupdf", "torch", "markdown_it", "numpy", "fasttext", "unstructured", "spacy", "pandas", "openpyxl", "docx",
    "pptx", "PIL", "cv2", "paddleocr",
)  # fmt: skip


@pytest.mark.parametrize("route", READ)
def test_the_recipe_names_the_parser_that_is_made_and_its_version(route: Route) -> None:
    parser, recipe = make_parser(route), parser_recipe(route)
    assert recipe["parser"] == parser.name
    assert parser.version.startswith(recipe["version"])


def test_the_recipe_names_the_versions_of_the_libraries() -> None:
    assert parser_recipe(Route.MARKDOWN)["markdown-it-py"] == version("markdown-it-py")
    assert parser_recipe(Route.PDF)["pymupdf"] == version("pymupdf")


def test_how_images_are_read_is_part_of_the_recipe_of_what_has_any() -> None:
    images = {"engine": "an engine"}
    assert parser_recipe(Route.IMAGE, images)["images.engine"] == "an engine"
    assert parser_recipe(Route.MARKDOWN, images) == parser_recipe(Route.MARKDOWN)


def test_only_options_that_differ_from_the_default_and_matter_to_the_route_are_part_of_the_recipe() -> None:
    told = ReadOptions(tracked_changes="all", html_main=False, max_pages=3)
    recipe = parser_recipe(Route.OFFICE, options=told)
    assert recipe == {**parser_recipe(Route.OFFICE), "option.tracked_changes": "all"}
    assert parser_recipe(Route.HTML, options=told)["option.html_main"] == "False"
    assert parser_recipe(Route.MAIL, options=told) == parser_recipe(Route.MAIL)


def test_what_nothing_reads_is_unsupported() -> None:
    with pytest.raises(UnsupportedFormat):
        make_parser(Route.UNSUPPORTED)
    with pytest.raises(UnsupportedFormat):
        parser_recipe(Route.UNSUPPORTED)


def test_a_recipe_costs_no_import_of_what_it_names() -> None:
    code = (
        "import sys; from ingest.parsers.registry import parser_recipe; from schemas.source import Route;"
        "[parser_recipe(r) for r in Route if r not in {Route.UNSUPPORTED, Route.ARCHIVE}];"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

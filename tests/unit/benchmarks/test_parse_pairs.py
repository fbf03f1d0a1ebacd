"""The pure parts of the parse benchmark's pairs: how features are spread, and how the truth is written."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks" / "parse"))

pytest.importorskip("mdit_py_plugins")

from pairs.compose import notes_numbered
from pairs.html_reader import read_markdown, tidy_runs
from pairs.hyphens import softly_hyphenated
from pairs.looks import stretches
from pairs.model import Cell, Heading, Paragraph, Run, Table, TableLook, placed
from pairs.numbering import chinese, numbered, roman
from pairs.recipes import CHOICES, RENDERERS, spread
from pairs.tables import grouped, table_of, under_headers
from pairs.truth import heading_facts, table_fact, to_html, to_markdown


def heading(level: int, text: str) -> Heading:
    return Heading(level, (Run(text),))


def test_the_same_seed_spreads_the_same_features() -> None:
    assert spread(7, 66) == spread(7, 66)
    assert spread(7, 66) != spread(8, 66)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_every_value_of_a_feature_comes_with_every_renderer(renderer: str) -> None:
    recipes = [recipe for recipe in spread(1, 66) if recipe.renderer == renderer]
    for feature in ("columns", "rule", "turn", "adjacent", "header", "page_number", "heading_look", "bookmarks"):
        counts = Counter(getattr(recipe, feature) for recipe in recipes)
        assert set(counts) == set(CHOICES[feature])
        assert min(counts.values()) >= 3


def test_names_are_unique_and_count_is_kept() -> None:
    for count in (1, 10, 66, 67):
        names = [recipe.name for recipe in spread(1, count)]
        assert len(set(names)) == len(names) == count


def test_a_missing_renderer_leaves_its_pairs_to_the_others() -> None:
    assert Counter(recipe.renderer for recipe in spread(1, 60, ("typst", "reportlab"))) == {
        "typst": 30,
        "reportlab": 30,
    }


def test_chinese_is_never_hyphenated_and_english_never_numbered_in_chinese() -> None:
    for recipe in spread(3, 66):
        assert not (recipe.language == "zh" and recipe.hyphenate)
        assert not (recipe.language == "en" and recipe.numbering.startswith("zh"))


def test_markdown_becomes_blocks_and_plain_markdown_again() -> None:
    source = "# T\n\nA **b** `c` [d](https://e.org/)[^n].\n\n- x\n  - y\n\n1. one\n2. two\n\n"
    source += "```py\na\n  b\n```\n\n[^n]: Note."
    assert to_markdown(notes_numbered(read_markdown(source)), "mark") == (
        "# T\n\nA b c d[^1].\n\n[^1]: Note.\n\n- x\n  - y\n\n1. one\n2. two\n\n```py\na\n  b\n```\n"
    )


def test_footnotes_wait_for_the_end_of_their_chapter_when_they_are_printed_there() -> None:
    blocks = [
        heading(2, "One"),
        Paragraph((Run("a"), Run("1", note=(Run("note"),)))),
        heading(3, "Sub"),
        heading(2, "Two"),
    ]
    assert to_markdown(blocks, "chapter") == "## One\n\na[^1]\n\n### Sub\n\n[^1]: note\n\n## Two\n"
    assert to_markdown(blocks, "mark") == "## One\n\na[^1]\n\n[^1]: note\n\n### Sub\n\n## Two\n"


def test_a_paragraph_that_looks_like_syntax_is_escaped() -> None:
    assert to_markdown([Paragraph((Run("# not a heading"),))], "mark") == "\\# not a heading\n"


def test_the_parent_of_a_heading_is_the_nearest_above_with_a_smaller_level() -> None:
    facts = heading_facts([heading(1, "T"), heading(2, "A"), heading(3, "B"), heading(3, "C"), heading(2, "D")])
    assert [(fact["text"], fact["parent"]) for fact in facts] == [
        ("T", None),
        ("A", "T"),
        ("B", "A"),
        ("C", "A"),
        ("D", "T"),
    ]


def test_groups_span_rows_and_headers_span_columns_in_grid_and_html() -> None:
    table = grouped(table_of([("y", "n"), ("2020", "a"), ("2020", "b"), ("2021", "<c>")]))
    assert '<tr><td rowspan="2">2020</td><td>a</td></tr>\n<tr><td>b</td></tr>' in to_html(table)
    assert "<td>&lt;c&gt;</td>" in to_html(table)
    assert [(row, col) for row, col, _ in placed(table)] == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (3, 0), (3, 1)]
    nested = under_headers(table_of([("a", "b", "c"), ("1", "2", "3")]), [("bc", 1, 2)])
    assert to_html(nested).startswith('<table>\n<tr><th rowspan="2">a</th><th colspan="2">bc</th></tr>\n<tr><th>b</th>')
    fact = table_fact(nested, [4, 5])
    assert (fact["rows"], fact["cols"], fact["header_rows"], fact["pages"]) == (3, 3, 2, [4, 5])


def test_numbers_replace_the_sources_own() -> None:
    blocks = [
        heading(1, "T"),
        heading(2, "一、背景"),
        heading(3, "2.1 方法"),
        heading(3, "结果"),
        heading(2, "三、总结"),
    ]

    def texts(scheme: str) -> list[str]:
        return [fact["text"] for fact in heading_facts(list(numbered(blocks, scheme)))]

    assert texts("decimal") == ["T", "1 背景", "1.1 方法", "1.2 结果", "2 总结"]
    assert texts("zh_chapter") == ["T", "第一章 背景", "第一节 方法", "第二节 结果", "第二章 总结"]
    assert texts("none") == ["T", "背景", "方法", "结果", "总结"]
    assert texts("source") == ["T", "一、背景", "2.1 方法", "结果", "三、总结"]


def test_numerals() -> None:
    assert [chinese(number) for number in (1, 10, 11, 20, 34)] == ["一", "十", "十一", "二十", "三十四"]
    assert [roman(number) for number in (1, 4, 9, 14)] == ["I", "IV", "IX", "XIV"]


def test_a_table_on_its_own_page_takes_the_heading_above_along() -> None:
    table = Table(((Cell((Run("a"),)),),), look=TableLook(own_page=True))
    blocks = [Paragraph((Run("p"),)), heading(3, "h"), table, table, Paragraph((Run("q"),))]
    assert [(alone, len(members)) for alone, members in stretches(blocks)] == [
        (False, 1),
        (True, 2),
        (True, 1),
        (False, 1),
    ]


def test_words_are_broken_only_where_that_is_sure() -> None:
    assert softly_hyphenated("implementation running") == "implementa\u00adtion run\u00adning"
    assert softly_hyphenated("std::formatting https://example.org/formatting") == (
        "std::formatting https://example.org/formatting"
    )


def test_white_space_collapses_over_the_borders_of_styles() -> None:
    runs = tidy_runs([Run(" a "), Run(" b", bold=True), Run("\n c ")])
    assert [(run.text, run.bold) for run in runs] == [("a ", False), ("b", True), (" c", False)]


def test_a_caption_stands_where_it_is_printed() -> None:
    above = table_of([("a",), ("1",)], caption="Table 1")
    below = replace(above, look=TableLook(caption_above=False))
    assert to_markdown([above], "mark").startswith("Table 1\n\n<table>")
    assert to_markdown([below], "mark").endswith("</table>\n\nTable 1\n")

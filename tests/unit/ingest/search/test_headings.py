"""Which headings somebody means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.search.heading_numbers import read_heading
from ingest.search.headings import fitting, levels_of, near, stands_under

HEADINGS = (
    "Chapter 2: Oil",
    "第二章 总则",
    "2 Methods",
    "2.1 Scope",
    "2.10 Results",
    "二、范围",
    "Guide",
    "Guide to oil",
    "Appendix A — Data",
    "Installation",
    "§ 5 Notice",
    "Part IV",
    "20 Years",
)


@pytest.mark.parametrize(
    ("heading", "number", "unit", "title"),
    [
        ("Chapter 2: Oil", "2", "chapter", "oil"),
        ("第二十三条　违约", "23", "article", "违约"),
        ("第一百二十条", "120", "article", ""),
        ("第2章", "2", "chapter", ""),
        ("2.1.3 Scope", "2.1.3", "", "scope"),
        ("2. Scope", "2", "", "scope"),
        ("（三）范围", "3", "", "范围"),
        ("十二、附则", "12", "", "附则"),
        ("3范围", "3", "", "范围"),
        ("Part IV", "4", "part", ""),
        ("Appendix A — Data", "a", "appendix", "data"),
        ("附录B 图", "b", "appendix", "图"),
        ("A.2 Wires", "a.2", "", "wires"),
        ("§ 5 Notice", "5", "section", "notice"),
        ("2024年报告", "", "", "2024年报告"),
        ("1990s music", "", "", "1990s music"),
        ("Chemistry", "", "", "chemistry"),
        ("Part of it", "", "", "part of it"),
        ("", "", "", ""),
    ],
)
def test_a_heading_is_read_as_number_unit_and_title(heading: str, number: str, unit: str, title: str) -> None:
    name = read_heading(heading)
    assert (name.number, name.unit, name.title) == (number, unit, title)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Guide", {"Guide"}),
        ("guide", {"Guide"}),
        ("ＧＵＩＤＥ ", {"Guide"}),
        ("Installation.", {"Installation"}),
        ("第二章  总则", {"第二章 总则"}),
        ("chapter 2", {"Chapter 2: Oil", "第二章 总则"}),
        ("Chapter II", {"Chapter 2: Oil", "第二章 总则"}),
        ("第2章", {"Chapter 2: Oil", "第二章 总则"}),
        ("2", {"2 Methods", "二、范围"}),
        ("2.1", {"2.1 Scope"}),
        ("section 2.1", {"2.1 Scope"}),
        ("section 5", {"§ 5 Notice"}),
        ("part 4", {"Part IV"}),
        ("appendix a", {"Appendix A — Data"}),
        ("scope", {"2.1 Scope"}),
        ("总则", {"第二章 总则"}),
        ("guide to", {"Guide to oil"}),
        ("总", {"第二章 总则"}),
        ("oil", {"Chapter 2: Oil"}),
        ("install", {"Installation"}),
        ("2 meth", {"2 Methods"}),
        ("2.7", set()),
        ("chapter 9", set()),
        ("cope", set()),
        ("  ", set()),
    ],
)
def test_a_number_a_title_or_a_beginning_is_enough(asked: str, meant: set[str]) -> None:
    assert set(fitting(asked, HEADINGS)) == meant


def test_a_part_of_a_heading_is_the_last_resort_and_ends_where_words_end() -> None:
    assert fitting("to oil", HEADINGS) == ("Guide to oil",)
    assert fitting("ide to oil", HEADINGS) == ()


@given(st.lists(st.text(max_size=12), max_size=8), st.text(max_size=12))
def test_what_fits_are_headings_there_are_and_one_that_is_named_fits_alone(headings: list[str], asked: str) -> None:
    found = fitting(asked, headings)
    assert set(found) <= set(headings) and list(found) == sorted(set(found))
    for heading in headings:
        assert fitting(heading, headings) == (heading,)


def test_near_headings_are_named_the_likest_first() -> None:
    assert near("Instalation", HEADINGS)[0] == "Installation"
    assert near("zzzz", ("b", "A"))[:2] == ["A", "b"]


@pytest.mark.parametrize(
    ("under", "levels"),
    [
        ("第二章 › 2.1", ("第二章", "2.1")),
        ("Part 1 > 2 / Oil", ("Part 1", "2", "Oil")),
        ("GB/T 19001", ("GB/T 19001",)),
        (" › ", ()),
    ],
)
def test_levels_are_written_as_results_show_them(under: str, levels: tuple[str, ...]) -> None:
    assert levels_of(under) == levels


def test_levels_stand_in_order_and_others_may_stand_between() -> None:
    guide, oil = frozenset({"Guide"}), frozenset({"Oil", "Öl"})
    assert stands_under(["Guide", "Care", "Öl", "Weekly"], [guide, oil])
    assert not stands_under(["Oil", "Guide"], [guide, oil])
    assert not stands_under(["Guide"], [guide, guide])
    assert stands_under([], [])

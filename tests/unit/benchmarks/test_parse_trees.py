"""Tree edit distances; `apted` comes with `requirements/bench.lock` and not with what docstrata needs."""

from __future__ import annotations

import pytest
from scores.mhs import mhs
from scores.reading import read
from scores.teds import teds
from scores.trees import Node, rename_cost

TABLE = "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>"  # 7 nodes


@pytest.fixture
def apted() -> None:
    pytest.importorskip("apted", reason="install requirements/bench.lock to test TEDS and MHS")


def test_another_label_costs_one_and_another_text_its_share() -> None:
    assert rename_cost(Node("td", "abcd"), Node("td", "abcd")) == 0.0
    assert rename_cost(Node("td", "abcd"), Node("td", "abcx")) == 0.25
    assert rename_cost(Node("td", "abcd"), Node("tr", "abcd")) == 1.0


def test_a_document_without_its_like_in_the_reference_has_no_score() -> None:
    assert teds(read("text"), read(TABLE)).teds is None
    assert mhs(read("text"), read("# heading")).mhs is None


def test_nothing_found_scores_zero() -> None:
    assert teds(read(TABLE), read("text")).teds == 0.0
    assert mhs(read("# heading"), read("text")).mhs == 0.0


@pytest.mark.usefixtures("apted")
def test_the_same_table_scores_one_as_pipes_too() -> None:
    assert teds(read(TABLE), read(TABLE)).teds == 1.0
    assert teds(read(TABLE), read("| a | b |\n|---|---|\n| c | d |")).teds == 1.0


@pytest.mark.usefixtures("apted")
def test_another_text_costs_in_teds_and_not_in_its_structure() -> None:
    scores = teds(read(TABLE), read(TABLE.replace("<td>d", "<td>x")))

    assert scores.teds == pytest.approx(1 - 1 / 7)
    assert scores.teds_s == 1.0


@pytest.mark.usefixtures("apted")
def test_a_missing_row_costs_its_nodes_from_either_side() -> None:
    shorter = TABLE.replace("<tr><td>c</td><td>d</td></tr>", "")

    assert teds(read(TABLE), read(shorter)).teds == pytest.approx(1 - 3 / 7)
    assert teds(read(shorter), read(TABLE)).teds == pytest.approx(1 - 3 / 7)


@pytest.mark.usefixtures("apted")
def test_two_tables_are_compared_together() -> None:
    assert teds(read(f"{TABLE}\n\n{TABLE}"), read(TABLE)).teds == pytest.approx(1 - 7 / 14)


@pytest.mark.usefixtures("apted")
def test_a_span_that_is_missing_costs_its_cell() -> None:
    spanning = '<table><tr><td colspan="2">a</td></tr></table>'

    assert teds(read(spanning), read(spanning.replace(' colspan="2"', ""))).teds_s == pytest.approx(1 - 1 / 3)


@pytest.mark.usefixtures("apted")
def test_levels_of_headings_do_not_count_in_mhs() -> None:
    assert mhs(read("# A\n\ntext\n\n## B"), read("### A\n\ntext\n\n### B")).mhs == 1.0


@pytest.mark.usefixtures("apted")
def test_a_missed_heading_costs_one_node_and_the_text_that_it_parted() -> None:
    truth, found = read("# A\n\nxxxx\n\n# B\n\nyyyy"), read("# A\n\nxxxx\n\nyyyy")

    assert mhs(truth, found).mhs_s == pytest.approx(1 - 2 / 5)
    assert mhs(truth, found).mhs == pytest.approx(1 - (2 + 5 / 9) / 5)

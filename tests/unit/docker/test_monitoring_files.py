"""Dashboard and alert rules ask for metrics and labels that are told, and for nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

from ingest.metrics.names import METRICS, Kind

DOCKER = Path(__file__).resolve().parents[3] / "docker"
TOLD = {metric.name: metric for metric in METRICS}
BY_PROMETHEUS = frozenset({"instance", "job"})
"""Labels that every scraped series has."""

RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DOCKER / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((DOCKER / "grafana" / "dashboards" / "docstrata.json").read_text("utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]] + [
    (rule["alert"], rule["expr"]) for rule in RULES
]


@dataclass(frozen=True)
class Asked:
    """A metric, and the labels by which it is chosen, or grouped and joined further out."""

    metric: str
    labels: frozenset[str]


def asked(text: str) -> list[Asked]:
    """Raises `ValueError` for what is no PromQL."""
    return list(_asked(promql.parse(text), frozenset()))


def _asked(expr: object, around: frozenset[str]) -> Iterator[Asked]:
    if isinstance(expr, promql.VectorSelector):
        yield Asked(expr.name, around | {matcher.name for matcher in expr.matchers.matchers})
    elif isinstance(expr, promql.MatrixSelector):
        yield from _asked(expr.vector_selector, around)
    elif isinstance(expr, promql.AggregateExpr):
        yield from _asked(expr.expr, around.union(expr.modifier.labels if expr.modifier is not None else ()))
    elif isinstance(expr, promql.BinaryExpr):
        matching = expr.modifier.matching if expr.modifier is not None else None
        for side in (expr.lhs, expr.rhs):
            yield from _asked(side, around.union(matching.labels if matching is not None else ()))
    elif isinstance(expr, promql.Call):
        for argument in expr.args:
            yield from _asked(argument, around)
    elif isinstance(expr, promql.ParenExpr | promql.UnaryExpr | promql.SubqueryExpr):
        yield from _asked(expr.expr, around)
    elif not isinstance(expr, promql.NumberLiteral | promql.StringLiteral):
        raise TypeError(f"an expression of a kind that nobody looked at: {type(expr).__name__}")


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_an_expression_asks_for_names_and_labels_that_are_told(where: str, expression: str) -> None:
    found = asked(expression.replace("$__rate_interval", "5m"))

    assert found
    for each in found:
        labels = BY_PROMETHEUS if each.metric == "up" else BY_PROMETHEUS.union(TOLD[each.metric].labels)
        assert each.labels <= labels, f"{where}: {each.metric} has no label {set(each.labels - labels)}"


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_only_counters_are_asked_how_fast_they_grow(where: str, expression: str) -> None:
    grows = re.findall(r"(?:rate|increase)\((\w+)", expression)
    assert [name for name in grows if TOLD[name].kind is not Kind.COUNTER] == []
    plain = {each.metric for each in asked(expression)} - set(grows)
    assert [name for name in plain if name in TOLD and TOLD[name].kind is Kind.COUNTER] == []


def test_a_name_that_is_not_told_would_be_noticed() -> None:
    (found,) = asked('sum by (colour) (rate(docstrata_unheard_of_total{shape="round"}[5m]))')

    assert found == Asked("docstrata_unheard_of_total", frozenset({"colour", "shape"}))
    assert found.metric not in TOLD


def test_variables_of_the_dashboard_are_labels() -> None:
    queries = [each["definition"] for each in DASHBOARD["templating"]["list"] if each["type"] == "query"]

    assert len(queries) == 3
    for query in queries:
        (metric, label) = re.fullmatch(r"label_values\((\w+)(?:\{.*\})?, (\w+)\)", query).groups()
        assert label in BY_PROMETHEUS.union(TOLD[metric].labels)


def test_legends_and_sentences_name_labels_that_are_there() -> None:
    for panel in PANELS:
        for target in panel["targets"]:
            named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert named <= set().union(*(TOLD[each.metric].labels for each in asked(target["expr"])))
    for rule in RULES:
        named = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
        told = set().union(*(TOLD[each.metric].labels for each in asked(rule["expr"]) if each.metric in TOLD))
        assert named <= told | BY_PROMETHEUS, rule["alert"]


def test_panels_do_not_overlap_and_say_what_they_show() -> None:
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert [panel["title"] for panel in PANELS if not panel["description"]] == []


def test_an_alert_says_how_bad_it_is_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert {"summary", "description"} == rule["annotations"].keys()


def test_commands_that_alerts_name_are_there() -> None:
    from ingest.cli.app import app

    known = {(command.name or command.callback.__name__) for command in app.registered_commands}
    told = " ".join(" ".join(rule["annotations"].values()) for rule in RULES)
    assert set(re.findall(r"`docstrata (\w+)", told)) <= known


def test_prometheus_reads_the_rules_and_the_port_of_the_manual() -> None:
    config = yaml.safe_load((DOCKER / "prometheus" / "prometheus.yml").read_text("utf-8"))

    assert config["rule_files"] == ["alerts.yml"]
    (job,) = config["scrape_configs"]
    assert job["job_name"] == "docstrata"
    assert job["static_configs"][0]["targets"][0].endswith(":9464")

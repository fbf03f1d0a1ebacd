"""The values for Airflow's official Helm chart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from known_variables import airflow_options, docstrata_settings

FOLDER = Path(__file__).resolve().parents[3] / "docker"
SCHEMA = Path(__file__).with_name("chart_values.schema.json")
FILES = ("values.yaml", "values-gpu.yaml")


def values(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", FILES)
def test_the_chart_knows_every_value(name: str) -> None:
    jsonschema.validate(values(name), json.loads(SCHEMA.read_text("utf-8")))


@pytest.mark.parametrize("name", FILES)
def test_airflow_knows_every_option(name: str) -> None:
    options = airflow_options()
    for section, chosen in values(name)["config"].items():
        assert set(chosen) <= options[section], section


def test_docstrata_accepts_the_environment() -> None:
    environ = {each["name"]: each["value"] for each in values("values.yaml")["env"]}
    settings = docstrata_settings({**environ, "DOCSTRATA__CATALOG__URL": "postgresql://db/docstrata"})
    assert settings.airflow.gpu_queue == "gpu"


def test_every_queue_has_workers() -> None:
    celery = values("values.yaml")["workers"]["celery"]
    assert {celery["queue"], *(each["queue"] for each in celery["sets"])} == {"default", "gpu"}
    assert values("values-gpu.yaml")["workers"]["celery"]["queue"] == "gpu"


def test_no_pod_is_root_and_none_goes_without_a_limit() -> None:
    chosen = values("values.yaml")
    pod, container = chosen["securityContexts"]["pod"], chosen["securityContexts"]["container"]
    assert (pod["runAsUser"], pod["runAsNonRoot"], container["allowPrivilegeEscalation"]) == (50000, True, False)
    celery = chosen["workers"]["celery"]
    parts = [
        celery,
        *celery["sets"],
        *(chosen[name] for name in ("scheduler", "apiServer", "dagProcessor", "triggerer")),
    ]
    assert all("memory" in part["resources"]["limits"] for part in parts)


def test_no_secret_stands_in_a_file() -> None:
    for name in FILES:
        text = (FOLDER / name).read_text("utf-8")
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        assert [line for line in lines if "password" in line.lower() or "SECRET_ACCESS_KEY" in line] == []

"""Which `AIRFLOW__…` variables Airflow knows, and that docstrata accepts the others: without importing Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import yaml

from ingest.config import Settings, load_settings


def airflow_options() -> dict[str, set[str]]:
    """By section: Airflow's own, and those of the Celery provider."""
    spec = find_spec("airflow")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    sections = yaml.safe_load((package / "config_templates" / "config.yml").read_text("utf-8"))
    found = {name: set(section["options"]) for name, section in sections.items()}
    from airflow.providers.celery.get_provider_info import get_provider_info

    for name, section in get_provider_info()["config"].items():
        found.setdefault(name, set()).update(section["options"])
    return found


def unknown_to_airflow(names: set[str]) -> set[str]:
    options = airflow_options()
    wrong = set()
    for name in names:
        if name.startswith("AIRFLOW__"):
            section, _, option = name.removeprefix("AIRFLOW__").lower().partition("__")
            if option not in options.get(section, ()):
                wrong.add(name)
    return wrong


def docstrata_settings(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """Raises `ConfigError` for a `DOCSTRATA__…` variable that there is not."""
    return load_settings(file, environ)

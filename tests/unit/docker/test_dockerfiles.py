"""The images' recipes: hadolint, and rules of our own that it does not have."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from known_variables import docstrata_settings, unknown_to_airflow

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "docker"
FILES = ("Dockerfile", "Dockerfile.gpu")


def instructions(name: str) -> list[tuple[str, str]]:
    """`(instruction, arguments)` in order, lines that go on joined, comments left out."""
    text = re.sub(r"^\s*#.*\n", "", (FOLDER / name).read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def last_stage(name: str) -> list[tuple[str, str]]:
    found = instructions(name)
    start = max(place for place, (word, _) in enumerate(found) if word == "FROM")
    return found[start:]


def test_hadolint_has_nothing_to_say() -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    hadolint = shutil.which("hadolint", path=path)
    assert hadolint is not None, "hadolint is in requirements/dev.lock: install that"
    done = subprocess.run(
        [hadolint, "--config", FOLDER / ".hadolint.yaml", *(FOLDER / name for name in FILES)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", FILES)
def test_every_base_is_pinned_and_the_same_python_builds_and_runs(name: str) -> None:
    bases = [rest.split()[0] for word, rest in instructions(name) if word == "FROM"]
    assert all(re.fullmatch(r"python:3\.11\.\d+-(slim-)?bookworm(@sha256:[0-9a-f]{64})?", base) for base in bases)
    assert len({base.split("-")[0] for base in bases}) == 1


@pytest.mark.parametrize("name", FILES)
def test_an_image_is_nobodys_root_is_watched_and_says_what_it_is(name: str) -> None:
    stage = dict(last_stage(name))
    assert stage["USER"] == "50000:0"
    assert "CMD" in stage["HEALTHCHECK"]
    labels = {rest for word, rest in last_stage(name) if word == "LABEL"}
    for key in ("title", "description", "version", "revision", "licenses", "base.name"):
        assert f"org.opencontainers.image.{key}=" in "".join(labels)
    assert [word for word, _ in instructions(name) if word == "ADD"] == []


@pytest.mark.parametrize("name", FILES)
def test_what_is_installed_is_the_lock(name: str) -> None:
    runs = " ".join(rest for word, rest in instructions(name) if word == "RUN")
    assert "cluster.lock" in runs
    assert re.findall(r"pip install (?!--no-cache-dir)", runs) == []
    assert re.findall(r"https?://|--extra-index-url", runs) == []


@pytest.mark.parametrize("name", FILES)
def test_what_is_copied_exists_and_gets_to_the_builder(name: str) -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]
    for word, rest in instructions(name):
        if word == "COPY" and "--from=" not in rest:
            *sources, _ = [part for part in rest.split() if not part.startswith("--")]
            for source in sources:
                assert (ROOT / source).exists(), source
                assert any(
                    fnmatch.fnmatch(source.rstrip("/"), f"{each}*") or source.startswith(each) for each in allowed
                )


@pytest.mark.parametrize("name", FILES)
def test_the_variables_of_an_image_exist(name: str) -> None:
    text = " ".join(rest for word, rest in last_stage(name) if word == "ENV")
    environ = {key: value.strip("'") for key, value in re.findall(r"([A-Z_]+)=('[^']*'|\S+)", text)}
    assert unknown_to_airflow(set(environ)) == set()
    settings = docstrata_settings(environ)
    assert settings.ocr.devices == (("cuda:0",) if name.endswith("gpu") else docstrata_settings({}).ocr.devices)


def test_both_images_hold_the_same_project_and_the_same_entrance() -> None:
    copies = [
        [rest for word, rest in instructions(name) if word in {"COPY", "ENTRYPOINT", "HEALTHCHECK"}] for name in FILES
    ]
    assert copies[0] == copies[1]

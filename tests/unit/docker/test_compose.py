"""The compose file, as far as it can be known without a Docker engine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from compose_file import FOLDER, OURS, ROOT, environment, services, text, variables
from known_variables import docstrata_settings, unknown_to_airflow

ONE_SHOT = {"airflow-init", "minio-init", "volume-owner"}
ROOT_ONCE = {"volume-owner"}
"""Gives a new volume to whom it is for, without a network, and ends."""
AIRFLOW = {"api-server", "scheduler", "dag-processor", "triggerer", "worker", "worker-gpu"}

pytestmark = pytest.mark.filterwarnings("ignore")


def test_it_is_a_compose_file() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", "vendor.compose-spec",
         FOLDER / "compose.yaml"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(services()))
def test_every_image_is_pinned(name: str) -> None:
    image = services()[name]["image"]
    _, _, tag = image.partition(":")
    assert re.search(r"\d+\.\d+\.\d+|\d+\.\d+-|RELEASE\.\d{4}-\d\d-\d\dT", tag), image
    assert "latest" not in tag


@pytest.mark.parametrize("name", sorted(services()))
def test_every_service_that_stays_is_watched(name: str) -> None:
    service = services()[name]
    if name in ONE_SHOT:
        assert service["restart"] == "no"
    else:
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
        assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(services()))
def test_nobody_is_root_or_may_become_it(name: str) -> None:
    service = services()[name]
    assert "privileged" not in service
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["cap_drop"] == ["ALL"]
    if name in ROOT_ONCE:
        assert service["network_mode"] == "none"
    else:
        assert re.fullmatch(r"[1-9]\d*:\d+", service["user"])


def test_nothing_is_published_beyond_loopback() -> None:
    published = {name: port for name, service in services().items() for port in service.get("ports", ())}
    assert published.keys() == {"api-server", "grafana"}
    assert all(port.startswith("127.0.0.1:") for port in published.values())


def test_who_is_waited_for_says_when_it_is_ready() -> None:
    everyone = services()
    for service in everyone.values():
        for other, wait in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
            assert wait["condition"] == expected, other


def test_every_secret_is_asked_for_in_the_example_and_has_no_default() -> None:
    example = (FOLDER / ".env.example").read_text("utf-8")
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == variables()
    secret = {name for name in variables() if re.search("PASSWORD|KEY|SECRET", name)}
    assert set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE)) == secret
    assert all(f"${{{name}:?" in text() and f"${{{name}:-" not in text() for name in secret)


def test_airflow_knows_every_variable_of_its_own() -> None:
    names = {name for service in services() for name in environment(service)}
    assert len([name for name in names if name.startswith("AIRFLOW__")]) > 10
    assert unknown_to_airflow(names) == set()


def test_every_process_of_airflow_has_the_same_settings() -> None:
    """Other keys, and a task's call would be refused."""
    assert all(environment(name) == environment("airflow-init") for name in (*AIRFLOW, "metrics"))


@pytest.mark.parametrize("name", sorted(AIRFLOW))
def test_docstrata_accepts_the_settings_of_every_process(name: str) -> None:
    settings = docstrata_settings(environment(name), FOLDER / "docstrata.toml")
    assert settings.catalog.url is not None
    assert (str(settings.index.engine), settings.store.url) == ("qdrant", "s3://docstrata/store")
    assert [source.path for source in settings.airflow.sources] == ["/documents"]


def test_docstrata_has_every_command_that_a_container_runs() -> None:
    from ingest.cli.app import app

    commands = [service["command"] for service in services().values() if service.get("command", [""])[0] == "docstrata"]
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert {command[1] for command in commands} == {"metrics"}
    assert "metrics" in known


def test_every_queue_has_a_worker() -> None:
    gpu = services()["worker-gpu"]
    assert gpu["profiles"] == ["gpu"]
    assert environment("worker")["DOCSTRATA__AIRFLOW__GPU_QUEUE"] == "default", "without the profile nobody serves gpu"
    queues = {name: service["command"][service["command"].index("--queues") + 1]
              for name, service in services().items() if "--queues" in service.get("command", ())}  # fmt: skip
    assert queues == {"worker": "default", "worker-gpu": "gpu"}


def test_every_volume_and_folder_that_is_mounted_is_there() -> None:
    declared = set(re.findall(r"^  ([a-z]+):$", text().partition("\nvolumes:\n")[2], re.MULTILINE))
    sources = {str(mount).partition(":")[0] for service in services().values() for mount in service.get("volumes", ())}
    assert declared == {source for source in sources if not source.startswith((".", "/"))}
    ours = {source for source in sources if source.startswith("./") and "documents" not in source}
    assert {source for source in ours if not (FOLDER / source).exists()} <= {
        "./prometheus", "./grafana/provisioning", "./grafana/dashboards"
    }  # fmt: skip


def test_our_images_are_built_from_the_repository() -> None:
    built = {service["image"]: service["build"] for service in services().values() if service["image"] in OURS}
    assert built.keys() == set(OURS)
    for build in built.values():
        assert (FOLDER / build["context"]).resolve() == ROOT
        assert (ROOT / build["dockerfile"]).is_file()

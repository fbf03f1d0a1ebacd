"""Every alert rule, by Prometheus' own promtool: it fires when it should and is silent when it should."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

PROMETHEUS = Path(__file__).resolve().parents[2] / "docker" / "prometheus"
HOUR = 60
"""Minutes: the step between samples."""

pytestmark = pytest.mark.services


@dataclass(frozen=True)
class Case:
    """`bad` and `good`: series to values in promtool's words, a sample a minute. `at`: hours after the first."""

    alert: str
    bad: dict[str, str]
    good: dict[str, str]
    at: float


T = 'instance="m",tenant="t"'
S = 'instance="m",tenant="t",source="s"'
CASES = [
    Case("DocstrataExporterDown", {'up{job="docstrata",instance="m"}': "0x60"},
         {'up{job="docstrata",instance="m"}': "1x60"}, 0.2),
    Case("DocstrataCatalogUnreadable", {'docstrata_up{instance="m"}': "0x60"},
         {'docstrata_up{instance="m"}': "1x60"}, 0.2),
    Case("DocstrataRunFailed", {f'docstrata_last_run_state{{{T},state="failed"}}': "1x60"},
         {f'docstrata_last_run_state{{{T},state="failed"}}': "0x60",
          f'docstrata_last_run_state{{{T},state="done"}}': "1x60"}, 0.2),
    Case("DocstrataRunHangs",
         {f'docstrata_last_run_state{{{T},state="running"}}': "1x900",
          f"docstrata_last_run_start_timestamp_seconds{{{T}}}": "0x900"},
         {f'docstrata_last_run_state{{{T},state="running"}}': "0x900",
          f"docstrata_last_run_start_timestamp_seconds{{{T}}}": "0x900"}, 13),
    Case("DocstrataNoSuccess", {f"docstrata_last_success_timestamp_seconds{{{T}}}": "0x1700"},
         {f"docstrata_last_success_timestamp_seconds{{{T}}}": "7200x1700"}, 27),
    Case("DocstrataManyFailures",
         {f'docstrata_quarantined_files{{{S},code="corrupt_file"}}': "20x60", f"docstrata_documents{{{S}}}": "80x60"},
         {f'docstrata_quarantined_files{{{S},code="corrupt_file"}}': "2x60", f"docstrata_documents{{{S}}}": "98x60"},
         0.5),
    # A code that comes up during the day was in no series the day before.
    Case("DocstrataQuarantineGrowing",
         {f'docstrata_quarantined_files{{{S},code="corrupt_file"}}': "_x720 20x800",
          f"docstrata_documents{{{S}}}": "980x1600"},
         {f'docstrata_quarantined_files{{{S},code="corrupt_file"}}': "20x1600",
          f"docstrata_documents{{{S}}}": "980x1600"}, 25),
    Case("DocstrataStaleDocuments", {f"docstrata_documents_stale{{{S}}}": "3x1600"},
         {f"docstrata_documents_stale{{{S}}}": "0x1600"}, 25),
    Case("DocstrataReportBad", {f'docstrata_report_verdict{{{T},verdict="bad"}}': "1x60"},
         {f'docstrata_report_verdict{{{T},verdict="bad"}}': "0x60",
          f'docstrata_report_verdict{{{T},verdict="look"}}': "1x60"}, 0.2),
    Case("DocstrataIndexDiffers", {'docstrata_reconcile_differences{instance="m",kind="hole"}': "2x60"},
         {'docstrata_reconcile_differences{instance="m",kind="hole"}': "0x60",
          f"docstrata_index_difference_points{{{T}}}": "0x60"}, 0.2),
    Case("DocstrataIndexDiffers", {f"docstrata_index_difference_points{{{T}}}": "1x60"},
         {f"docstrata_index_difference_points{{{T}}}": "0x60"}, 0.2),
    Case("DocstrataCommitOpen", {'docstrata_open_commits{instance="m"}': "1x120"},
         {'docstrata_open_commits{instance="m"}': "1x30 0x90"}, 1.5),
    Case("DocstrataDiskNearlyFull",
         {'docstrata_disk_free_bytes{instance="m"}': "9x60", 'docstrata_disk_size_bytes{instance="m"}': "100x60"},
         {'docstrata_disk_free_bytes{instance="m"}': "11x60", 'docstrata_disk_size_bytes{instance="m"}': "100x60"},
         0.5),
    Case("DocstrataInboxUnreadable", {'docstrata_inbox_up{instance="m"}': "0x60"},
         {'docstrata_inbox_up{instance="m"}': "1x60"}, 0.2),
    # Whoever takes the files in ends the series.
    Case("DocstrataInboxOld", {'docstrata_inbox_oldest_file_timestamp_seconds{instance="m"}': "0x60"},
         {'docstrata_inbox_oldest_file_timestamp_seconds{instance="m"}': "0x20 stale"}, 0.75),
    Case("DocstrataWatchTrouble", {'docstrata_watch_trouble{instance="m"}': "1x60"},
         {'docstrata_watch_trouble{instance="m"}': "0x60"}, 0.5),
]  # fmt: skip


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    assert found is not None, "promtool is missing: make promtool, or apt-get install prometheus"
    return found


def firing(promtool: str, folder: Path, case: Case, series: dict[str, str]) -> bool:
    """Whether promtool, told that nothing of that name fires, finds that something does."""
    shutil.copy(PROMETHEUS / "alerts.yml", folder)
    minutes = round(case.at * HOUR)
    test = {
        "rule_files": ["alerts.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "alert_rule_test": [{"eval_time": f"{minutes}m", "alertname": case.alert, "exp_alerts": []}],
            }
        ],
    }
    file = folder / "test.yml"
    file.write_text(yaml.safe_dump(test), "utf-8")
    done = subprocess.run(
        [promtool, "test", "rules", str(file)], capture_output=True, text=True, check=False, timeout=60
    )
    said = done.stdout + done.stderr
    assert ("SUCCESS" in said) == (done.returncode == 0), said
    assert done.returncode == 0 or f"alertname: {case.alert}" in said, said
    return done.returncode != 0


def test_promtool_accepts_rules_and_configuration(promtool: str) -> None:
    for what, file in (("rules", "alerts.yml"), ("config", "prometheus.yml")):
        done = subprocess.run(
            [promtool, "check", what, str(PROMETHEUS / file)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case.alert}" for n, case in enumerate(CASES)])
def test_an_alert_fires_when_it_should_and_only_then(promtool: str, tmp_path: Path, case: Case) -> None:
    assert firing(promtool, tmp_path, case, case.bad)
    assert not firing(promtool, tmp_path, case, case.good)


def test_every_rule_has_a_case() -> None:
    groups = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text("utf-8"))["groups"]

    assert {rule["alert"] for group in groups for rule in group["rules"]} == {case.alert for case in CASES}

"""The same Markdown files through the scheduled DAG of a real Airflow and through the command line.

    python benchmarks/run/scheduled.py FOLDER [--files 2000] [--max-kb 4] [--batch-files 200] [--second-run]

Files are copied into a scratch folder; where the folder has fewer, they are taken again under another name and with a
line of their own, so that none is a copy. `--max-kb` leaves larger files out. The DAG's time is that of its run, from
trigger to end; the command line's is that of its process. Airflow (SQLite, LocalExecutor) is started before and
ended after. `--second-run` does both once more. Prints seconds, task instances, the sizes of XComs, and by how much
Airflow's database grew.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "services"))

from airflow_harness import AirflowForTests  # noqa: E402 - its folder has to be on the path first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--max-kb", type=float, default=float("inf"))
    parser.add_argument("--batch-files", type=int, default=200)
    parser.add_argument("--second-run", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        inbox = _filled(Path(scratch) / "inbox", arguments.folder, arguments.files, arguments.max_kb)
        config = f"[airflow]\nbatch_files = {arguments.batch_files}\nsources = [{{path = {json.dumps(str(inbox))}}}]\n"
        rounds = 2 if arguments.second_run else 1
        plain = [_plain(inbox, Path(scratch) / "plain", config) for _ in range(rounds)]
        with AirflowForTests(Path(scratch) / "airflow", config=config) as airflow:
            airflow.wait_for_dags("ingest_scheduled")
            for number, seconds in enumerate(plain, 1):
                print(f"run {number} over {arguments.files} files: command line {seconds:.1f} s", flush=True)
                _scheduled(airflow, seconds, arguments.files)


def _filled(inbox: Path, folder: Path, count: int, max_kb: float) -> Path:
    inbox.mkdir()
    origin = [file for file in sorted(folder.rglob("*.md")) if file.stat().st_size <= 1000 * max_kb]
    for number in range(count):
        turn, place = divmod(number, len(origin))
        own = f"\n\nCopy {turn} of {place}.\n".encode() if turn else b""
        (inbox / f"{number:05d}-{origin[place].name}").write_bytes(origin[place].read_bytes() + own)
    return inbox


def _plain(inbox: Path, home: Path, config: str) -> float:
    file = home.with_suffix(".toml")
    file.write_text(config)
    started = time.monotonic()
    command = [sys.executable, "-m", "ingest.cli.app", "run", str(inbox), "--home", str(home), "--config", str(file)]
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if done.returncode not in {0, 3}:  # 3: files in quarantine, as a folder of real ones has
        raise SystemExit(f"the command line ended with exit code {done.returncode}")
    return time.monotonic() - started


def _scheduled(airflow: AirflowForTests, plain: float, files: int) -> None:
    before = airflow.metadata_bytes()
    started = time.monotonic()  # Airflow's own times are the wall clock's, which may be set meanwhile
    run_id = airflow.trigger("ingest_scheduled")
    run = airflow.wait_for_run("ingest_scheduled", run_id, limit_s=3600)
    seconds = time.monotonic() - started
    tasks = airflow.task_instances("ingest_scheduled", run_id)
    xcoms = airflow.xcoms("ingest_scheduled", run_id)
    print(f"  scheduled DAG {seconds:.1f} s, {seconds / plain:.2f} times the command line, {run['state']}")
    print(
        f"  {len(tasks)} task instances, {len(xcoms)} XComs of {sum(x.size for x in xcoms)} bytes,"
        f" the largest {max(x.size for x in xcoms)}",
        flush=True,
    )
    grown = airflow.metadata_bytes() - before
    each = f"{grown / files:.0f} a file, {grown / len(tasks):.0f} a task instance"
    print(f"  Airflow's database grew by {grown} bytes, {each}", flush=True)
    for task in sorted(tasks, key=lambda task: str(task["start_date"])):
        if task["state"] == "success":
            name = f"{task['task_id']}[{task['map_index']}]"
            print(f"    {name:<24} {float(str(task['duration'])):6.1f} s")


if __name__ == "__main__":
    main()

"""A first and a second run over folders: seconds, peak memory, failures.

    python benchmarks/run/corpus.py FOLDER [FOLDER …] [--suffix .md] [--suffix .pdf] [--home DIR]

Files with one of the suffixes are linked into a scratch folder, so that other formats do not count.
Peak memory is the sum over the process and its workers, sampled five times a second.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--suffix", action="append", default=[])
    parser.add_argument("--home", type=Path)
    arguments = parser.parse_args()
    suffixes = arguments.suffix or [".md", ".pdf", ".txt"]
    with tempfile.TemporaryDirectory() as scratch:
        home = arguments.home or Path(scratch) / "home"
        inbox = Path(scratch) / "inbox"
        for folder in arguments.folders:
            for file in sorted(folder.rglob("*")):
                if file.is_file() and file.suffix.lower() in suffixes:
                    link = inbox / folder.name / file.relative_to(folder)
                    link.parent.mkdir(parents=True, exist_ok=True)
                    link.symlink_to(file.resolve())
        first = _run("first", inbox, home)
        second = _run("second", inbox, home)
        print(f"second / first: {second / first:.1%}")
        listed = subprocess.run(
            [_docstrata(), "failures", "--home", str(home), "--json"], check=True, capture_output=True, text=True
        )
        failures = json.loads(listed.stdout)
        for code, count in Counter(failure["code"] for failure in failures).most_common():
            example = next(failure for failure in failures if failure["code"] == code)
            print(f"{count:5} {code}: e.g. {example['path']}: {example['message']}")


def _docstrata() -> str:
    return str(Path(sys.executable).with_name("docstrata"))


def _run(name: str, inbox: Path, home: Path) -> float:
    began = time.perf_counter()
    process = subprocess.Popen(
        [_docstrata(), "run", str(inbox), "--home", str(home), "--json"], stdout=subprocess.PIPE, text=True
    )
    peak = 0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        peak = max(peak, _resident(watched))
        time.sleep(0.2)
    took = time.perf_counter() - began
    if process.returncode not in (0, 3):
        raise SystemExit(f"the {name} run ended with exit code {process.returncode}")
    output = process.stdout.read() if process.stdout else ""
    summary = json.loads(output.splitlines()[-1])
    print(f"{name}: {took:.1f} s, peak {peak / 2**20:,.0f} MiB, {json.dumps(summary)}")
    return took


def _resident(process: psutil.Process) -> int:
    total = 0
    try:
        for each in [process, *process.children(recursive=True)]:
            total += each.memory_info().rss
    except psutil.NoSuchProcess:
        return total
    return total


if __name__ == "__main__":
    main()

"""A first and a second run over folders: seconds, peak memory, failures.

    python benchmarks/run/corpus.py FOLDER [FOLDER …] [--suffix .md] [--suffix .pdf] [--home DIR]

With `--suffix`, files with one of them are linked into a scratch folder, so that other formats do
not count; without, one folder is taken as it is. Prints a Markdown table of suffixes and outcomes.
Peak memory is the sum over the process and its workers, sampled five times a second.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import psutil


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--suffix", action="append", default=[])
    parser.add_argument("--home", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = arguments.home or Path(scratch) / "home"
        inbox = arguments.folders[0]
        if arguments.suffix:
            inbox = Path(scratch) / "inbox"
            _link(arguments.folders, arguments.suffix, inbox)
        first = _run("first", inbox, home)
        second = _run("second", inbox, home)
        print(f"second / first: {second / first:.1%}\n")
        _print_outcomes(inbox, home)
        listed = subprocess.run(
            [_docstrata(), "failures", "--home", str(home), "--json"], check=True, capture_output=True, text=True
        )
        failures = json.loads(listed.stdout)
        for code, count in Counter(failure["code"] for failure in failures).most_common():
            example = next(failure for failure in failures if failure["code"] == code)
            print(f"{count:5} {code}: e.g. {example['path']}: {example['message']}")


def _link(folders: list[Path], suffixes: list[str], inbox: Path) -> None:
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix.lower() in suffixes:
                link = inbox / folder.name / file.relative_to(folder)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(file.resolve())


def _print_outcomes(inbox: Path, home: Path) -> None:
    """By suffix: how many of the listed files are taken in, ignored, or failed, and with which code."""
    with contextlib.closing(sqlite3.connect(f"file:{home / 'catalog.db'}?mode=ro", uri=True)) as catalog:
        status = dict(catalog.execute("SELECT path, status FROM files WHERE top = ''").fetchall())
        failures = [json.loads(row[0]) for row in catalog.execute("SELECT failure FROM failures")]
        members = Counter(row[0] for row in catalog.execute("SELECT top FROM documents WHERE live = 1 AND top <> ''"))
    codes = {failure["path"]: failure["code"] for failure in failures}
    table: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for file in inbox.rglob("*"):
        if file.is_file():
            path = unicodedata.normalize("NFC", file.relative_to(inbox).as_posix())
            row = table[file.suffix.lower() or "(none)"]
            row["files"] += 1
            row["members"] += members[path]
            row[{"ok": "taken in"}.get(status.get(path, "ignored"), codes.get(path, "ignored"))] += 1
    for path, code in codes.items():
        if path not in status:
            table["(inside others)"].update(["files", code])
    columns = ["files", "taken in", "members", "ignored", *sorted(set(codes.values()))]
    print("| suffix | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    for suffix, row in sorted(table.items(), key=lambda item: -item[1]["files"]):
        print(f"| {suffix} | " + " | ".join(str(row[column] or "") for column in columns) + " |")
    total = sum(table.values(), Counter())
    print("| all | " + " | ".join(str(total[column] or "") for column in columns) + " |\n")


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

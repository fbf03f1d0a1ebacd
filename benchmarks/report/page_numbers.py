"""Whether a report's page shows the numbers of its JSON.

    python benchmarks/report/page_numbers.py REPORT.html REPORT.json

Every number of the JSON that is a result has to stand in the page's text as the page writes such numbers: a count with
its thousands, a share as a per cent or in decimals. What the page leaves out by intent is named in `LEFT_OUT`. Exit
code 1 when a number is not there.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from lxml import html

LEFT_OUT = re.compile(
    r"schema_version|\.bins\.|\.boxes|\.cosines|\.(width|height|start|end|step|seed|resamples|characters)$"
    r"|^(sample|worst|trend|runs|findings|failures)\.|^evaluation\.(results|misses|options|tags|seq)"
    r"|\.(ordinal|dimension|looked_at|attempts|prose_joints|pairs|sampled)$|^pages\.total$"
)
"""Places, what a chart draws, what is listed in part, settings, and what shares are of."""
AS_SHARES = re.compile(r"^groups\.|^fit\.languages\.\d+\.unknown$|^headings\.chunks_with$")
"""Shown as a share of a number beside them, or, for headings, of all chunks."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path, metavar="REPORT.html")
    parser.add_argument("report", type=Path, metavar="REPORT.json")
    arguments = parser.parse_args()
    missing, looked_at = missing_numbers(
        arguments.page.read_text("utf-8"), json.loads(arguments.report.read_text("utf-8"))
    )
    for name, value in missing:
        print(f"not in the page: {name} {value}")
    print(f"{looked_at - len(missing):,} of {looked_at:,} numbers are in the page")
    return 1 if missing else 0


def missing_numbers(page: str, report: dict[str, object]) -> tuple[list[tuple[str, float]], int]:
    """Those that the page does not show, and how many were looked for."""
    tree = html.fromstring(page)
    for unseen in tree.xpath("//script|//style"):
        unseen.drop_tree()
    shown = set(re.findall(r"[-−]?\d[\d,]*(?:\.\d+)?", " ".join(tree.itertext()).replace("−", "-")))
    missing, looked_at = [], 0
    told = dict(numbers(report))
    for name, value in told.items():
        if LEFT_OUT.search(name):
            continue
        looked_at += 1
        as_share = (
            set().union(*(written(value / whole) for whole in wholes(name, told))) if AS_SHARES.search(name) else set()
        )
        if not shown & (written(value) | as_share):
            missing.append((name, value))
    return missing, looked_at


def wholes(name: str, told: dict[str, float]) -> list[float]:
    """What the number may be shown as a share of."""
    record = name.rpartition(".")[0]
    beside = [
        value for other, value in told.items() if other.rpartition(".")[0] == record and other != name and value > 0
    ]
    return [*beside, told["chunks.total"]]


def numbers(value: object, name: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from numbers(inner, f"{name}.{place}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, value


def written(value: float) -> set[str]:
    if isinstance(value, int) or value == int(value):
        return {f"{int(value):,}", f"{value:.1f}", f"{value:.2f}", f"{value:.3f}", f"{100 * value:.1f}"}
    return {f"{value:,.{places}f}" for places in (1, 2, 3)} | {f"{100 * value:.{places}f}" for places in (0, 1)}


if __name__ == "__main__":
    sys.exit(main())

"""Random edits of a folder, for the properties of runs."""

from __future__ import annotations

import zipfile
from pathlib import Path

from hypothesis import strategies as st

Edit = tuple[str, str, str | dict[str, str]]

NAMES = ("a.md", "b.md", "c/d.md", "c/e.txt")
ARCHIVES = ("p.zip", "q.zip")
SENTENCES = (
    "The pump moves 40 litres of water a minute at full speed and stops by itself.",
    "The pump moves 45 litres of water a minute at full speed and stops by itself.",
    "离心泵启动前应检查轴承箱油位，油面应在视油镜中线，油质清亮。",
    "The valve closes when the pressure in the boiler falls below two bar for a minute.",
    "Every three hundred hours of work somebody has to oil the bearings of the pump.",
)

texts = st.lists(st.sampled_from(SENTENCES), min_size=0, max_size=4).map(
    lambda lines: "\n\n".join(f"# Part {number}\n\n{line}" for number, line in enumerate(lines))
)
writes = st.tuples(st.just("write"), st.sampled_from(NAMES), texts)
packs = st.tuples(st.just("pack"), st.sampled_from(ARCHIVES), st.dictionaries(st.sampled_from(NAMES), texts))
deletes = st.tuples(st.just("delete"), st.sampled_from(NAMES + ARCHIVES), st.just(""))
moves = st.sampled_from((NAMES, ARCHIVES)).flatmap(
    lambda names: st.tuples(st.just("move"), st.sampled_from(names), st.sampled_from(names))
)
edits = st.lists(st.one_of(writes, writes, packs, deletes, moves), min_size=1, max_size=5)


def apply(folder: Path, edit: Edit) -> None:
    what, name, value = edit
    path = folder / name
    if isinstance(value, dict):
        with zipfile.ZipFile(path, "w") as archive:
            for member, text in value.items():
                archive.writestr(zipfile.ZipInfo(member), text)
    elif what == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value, "utf-8")
    elif what == "delete":
        path.unlink(missing_ok=True)
    elif path.exists():
        (folder / value).parent.mkdir(parents=True, exist_ok=True)
        path.rename(folder / value)

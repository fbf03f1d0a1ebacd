"""What a re-run costs for every file that did not change, beside the bare look at it.

    python benchmarks/run/unchanged.py [--files 100000] [--rounds 5] [--scratch DIR]

A tree of tiny text files, and a home whose catalog says that a run took them all in: a document of
one chunk each, as a run registers them (the index stays empty: nothing of a re-run asks it). Then
`Docstrata.run` over the tree takes turns with `os.scandir` and `stat` of every file, in one process;
opening the home is part of the run, starting Python is not.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from made_home import SOURCE, MadeHome, arrival

from ingest.api import Docstrata
from ingest.config import Settings
from ingest.sources.folder import FolderRules, ListedFile, list_folder
from schemas.chunk import Chunk, ChunkKind
from schemas.source import SourceKind

_TOGETHER = 5_000
_FOLDER = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scratch", type=Path, help="where tree and home are made; otherwise a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        tree, home = Path(scratch) / "tree", Path(scratch) / "home"
        _plant(tree, arguments.files)
        settings = _register(tree, home)
        ours, bare = [], []
        for number in range(arguments.rounds):
            bare.append(_timed(lambda: _look(tree)))
            ours.append(_timed(lambda: _run(tree, home, settings, arguments.files)))
            beyond = 1e6 * (ours[-1] - bare[-1]) / arguments.files
            print(
                f"round {number + 1}: run {ours[-1]:.2f} s, scandir and stat {bare[-1]:.2f} s, {beyond:.1f} us a file"
            )
        beyond = [1e6 * (a - b) / arguments.files for a, b in zip(ours, bare, strict=True)]
        print(f"median {statistics.median(beyond):.1f} us a file beyond os.scandir and stat")


def _plant(tree: Path, files: int) -> None:
    for number in range(files):
        folder = tree / f"{number // (_FOLDER * 32):03}" / f"{number // _FOLDER:05}"
        if number % _FOLDER == 0:
            folder.mkdir(parents=True)
        (folder / f"note-{number:06}.txt").write_text(f"Note {number} tells what was seen on that day.\n")


def _register(tree: Path, home: Path) -> Settings:
    # A file that was touched at the moment of its listing is looked at again.
    time.sleep(0.1)
    listed = list_folder(tree, FolderRules()).files
    with MadeHome(home) as made:
        made.context.catalog.files.remember_source(made.settings.tenant, SOURCE, SourceKind.MIRROR, str(tree))
        history = made.context.catalog.history
        for some in _pieces(listed):
            plan = made.plan([_arrival(file) for file in some])
            history.open_intent(plan)
            history.close_intent(plan)
        return made.settings


def _arrival(file: ListedFile) -> object:
    made = arrival(file.path, (_chunk(file),), listed=file)
    return type(made)(made.prepared, listed_at_ns=time.time_ns())


def _pieces(listed: tuple[ListedFile, ...]) -> Iterator[tuple[ListedFile, ...]]:
    for start in range(0, len(listed), _TOGETHER):
        yield listed[start : start + _TOGETHER]


def _chunk(file: ListedFile) -> Chunk:
    text = file.location.read_text().strip()
    return Chunk(
        ordinal=0, kind=ChunkKind.TEXT, text=text, spans=((0, len(text)),), blocks=(0,), section="0", position=0,
        token_count=12, language="en", strategy="hybrid", rule="default",
    )  # fmt: skip


def _run(tree: Path, home: Path, settings: Settings, files: int) -> None:
    with Docstrata(home, settings) as strata:
        summary = strata.run([tree], source=SOURCE)
    if summary.unchanged != files:
        raise SystemExit(f"{summary.unchanged} of {files} files were unchanged: this measures something else")


def _look(tree: Path) -> int:
    count, folders = 0, [str(tree)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    count += entry.stat().st_size > 0
    return count


def _timed(work: object) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

"""Two dates of a real repository in one home: is the past what it was, and does it come back?

    python benchmarks/run/time_travel.py CORPUS/history_rfcs [--files 150] [--questions 40]

The older date is taken in and the home copied: a fresh index of that date. Then the folder is made to look like the
newer date and taken in. A search as of the first commit is compared with the copy, question by question, in each
mode; then the second run is rolled back and forward again. `--files` takes the first so many of each date by name.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ingest.api import Docstrata, settings_for
from ingest.search.request import SearchResult
from schemas.point import SearchMode
from schemas.report import RunSummary

TOLERANCE = 1e-6
"""Of a score of 1 or less, and of its share of a larger one: the engine adds up words in float32, which holds
seven digits, in the order of its segments."""
DEPTH = 20

Place = tuple[str, str, str, str, int, tuple[int, ...]]
Answer = list[tuple[float, Place]]
Ask = Callable[[str, SearchMode], SearchResult]


def answers(ask: Ask, questions: Sequence[str]) -> dict[tuple[str, str], Answer]:
    """Of every question in every mode: scores and places, best first, equal scores in the order of places."""
    return {(mode.value, question): _answer(ask(question, mode)) for mode in SearchMode for question in questions}


def _answer(result: SearchResult) -> Answer:
    found = []
    for hit in result.hits:
        told = hit.payload
        place = (told.source, told.path, told.text, " > ".join(told.heading_path), told.position, told.pages)
        found.append((hit.score, place))
    return found


def differences(one: dict[tuple[str, str], Answer], other: dict[tuple[str, str], Answer]) -> list[str]:
    """A sentence for every question whose answers are not the same."""
    return [f"{key[0]}: {key[1]!r}" for key in one if not same(one[key], other[key])]


def same(one: Answer, other: Answer) -> bool:
    """Scores within the tolerance, and the same places in the same order, but for those of one score: where
    they are cut off, the last may be another of the same score."""
    if len(one) != len(other) or not all(_near(a[0], b[0]) for a, b in zip(one, other, strict=True)):
        return False
    groups, others = _by_score(one), _by_score(other)
    if len(one) == DEPTH:
        groups, others = groups[:-1], others[:-1]
    return groups == others


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= TOLERANCE * max(1.0, abs(one))


def _by_score(answer: Answer) -> list[list[Place]]:
    groups: list[list[Place]] = []
    last = None
    for score, place in answer:
        if last is None or not _near(score, last):
            groups.append([])
        groups[-1].append(place)
        last = score
    return [sorted(group) for group in groups]


def questions_of(texts: Iterable[str], count: int) -> list[str]:
    """The first words of passages, spread over all of them."""
    lines = sorted({" ".join(text.split()[:12]) for text in texts})
    step = max(1, len(lines) // count)
    return lines[::step][:count]


# ------------------------------------------------------------------------ the two dates


def chosen(folder: Path, files: int | None) -> dict[str, str]:
    """Paths and digests of the first files by name, hidden ones apart."""
    paths = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    return {path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in paths[:files]}


def put(folder: Path, paths: Iterable[str], inbox: Path) -> None:
    for path in sorted(paths):
        (inbox / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / path, inbox / path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds the two dates as sub-folders")
    parser.add_argument("--files", type=int, help="of each date, the first by name; otherwise all")
    parser.add_argument("--questions", type=int, default=40)
    arguments = parser.parse_args()
    older, newer = sorted(path for path in arguments.folder.iterdir() if path.is_dir())
    before, after = chosen(older, arguments.files), chosen(newer, arguments.files)
    with tempfile.TemporaryDirectory() as scratch:
        inbox, home, fresh = (Path(scratch) / name for name in ("rfcs", "home", "fresh"))
        put(older, before, inbox)
        _, first = _run(inbox, home, "older")
        shutil.copytree(home, fresh)
        for path in before.keys() - after.keys():
            (inbox / path).unlink()
        put(newer, {path for path in after if before.get(path) != after[path]}, inbox)
        second, _ = _run(inbox, home, "newer")
        _compare_work(before, after, second)
        with Docstrata(fresh) as strata:
            points = [hit for mode in ("the", "of", "to") for hit in strata.search(mode, limit=200).hits]
            questions = questions_of((hit.payload.text for hit in points), arguments.questions)
            past = answers(_asker(strata), questions)
        _travel(home, inbox, questions, past, first, second)


def _travel(
    home: Path, inbox: Path, questions: list[str], past: dict[tuple[str, str], Answer], first: int, second: RunSummary
) -> None:
    with Docstrata(home) as strata:
        present = answers(_asker(strata), questions)
        _tell("as of the older date", differences(past, answers(_asker(strata, as_of=first), questions)), len(past))
        print(f"   for comparison: {len(differences(past, present))} of {len(past)} differ between the two dates")
        back = _rollback(strata, second.run_id)
        _tell("rolled back by run", differences(past, answers(_asker(strata), questions)), len(past))
        forward = _rollback(strata, back)
        _tell("and forward again", differences(present, answers(_asker(strata), questions)), len(past))
        done = strata.run([inbox], allow_vanish=True)
        work = done.embedded + done.written + done.retired + done.parsed
        print(f"{'ok ' if not work else 'NOT'} a run after it does nothing: {work} (after {forward})")


def _rollback(strata: Docstrata, run: str) -> str:
    began = time.perf_counter()
    summary = strata.rollback(run=run).summary
    if summary is None:
        raise SystemExit(f"nothing of run {run} was rolled back")
    print(
        f"rollback of {run}: {time.perf_counter() - began:.1f} s, {summary.written} rows written, {summary.retired}"
        f" retired, {summary.embedded} embedded"
    )
    return summary.run_id


def _asker(strata: Docstrata, as_of: int | None = None) -> Ask:
    return lambda question, mode: strata.search(question, mode=mode, limit=DEPTH, as_of_seq=as_of)


def _tell(what: str, different: list[str], asked: int) -> None:
    print(f"{'NOT' if different else 'ok '} {what}: {asked - len(different)} of {asked} answers are the same")
    for sentence in different[:5]:
        print("   ", sentence)


def _run(inbox: Path, home: Path, name: str) -> tuple[RunSummary, int]:
    """With the sequence number of its last commit."""
    began = time.perf_counter()
    with Docstrata(home, settings_for()) as strata:
        summary = strata.run([inbox], allow_vanish=True)  # a part of a date may lose more than its whole
        seq = strata.search("anything", limit=1, as_of_ns=time.time_ns() - 1).as_of
    print(f"{name}: {time.perf_counter() - began:.0f} s, {summary.seen} files, {summary.points} points")
    return summary, seq or 0


def _compare_work(before: dict[str, str], after: dict[str, str], found: RunSummary) -> None:
    added, deleted = after.keys() - before.keys(), before.keys() - after.keys()
    contents = [before[path] for path in deleted]
    renamed = {path for path in added if after[path] in contents}
    modified = {path for path in before.keys() & after.keys() if before[path] != after[path]}
    for what, counted, expected in (
        ("taken in anew (M + A)", found.parsed + found.duplicates, len(modified) + len(added - renamed)),
        ("renamed (R)", found.renamed, len(renamed)),
        ("removed (D)", found.removed, len(deleted) - len(renamed)),
        ("unchanged (with R)", found.unchanged, len(after) - len(modified) - len(added - renamed)),
    ):
        print(f"{'ok ' if counted == expected else 'NOT'} {what}: {counted}, expected {expected}")


if __name__ == "__main__":
    main()

"""One mirror source over two dates of a real repository: does the work follow the list of changes?

    python benchmarks/run/history.py CORPUS/history_rfcs

The folder of the older date is taken in, then made to look like the newer date, then taken in
again. Counts are compared with the difference of the two folders, worked out here by content.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds the two dates as sub-folders")
    arguments = parser.parse_args()
    older, newer = sorted(path for path in arguments.folder.iterdir() if path.is_dir())
    before, after = _contents(older), _contents(newer)
    deleted = before.keys() - after.keys()
    added = after.keys() - before.keys()
    gone = {before[path]: path for path in deleted}
    renamed = {path for path in added if after[path] in gone}
    modified = {path for path in before.keys() & after.keys() if before[path] != after[path]}
    print(f"M {len(modified)}, A {len(added - renamed)}, R {len(renamed)}, D {len(deleted) - len(renamed)}")
    with tempfile.TemporaryDirectory() as scratch:
        inbox, home = Path(scratch) / "rfcs", Path(scratch) / "home"
        shutil.copytree(older, inbox)
        first = _run(inbox, home)
        print("older:", json.dumps(first))
        for path in sorted(deleted | modified):
            (inbox / path).unlink()
        for path in sorted(added | modified):
            (inbox / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(newer / path, inbox / path)
        second = _run(inbox, home)
        print("newer:", json.dumps(second))
        third = _run(inbox, home)
        print("again:", json.dumps(third))
    taken = second["parsed"] + second["duplicates"]
    _compare("taken in anew (M + A)", taken, len(modified) + len(added - renamed))
    _compare("unchanged (with R)", second["unchanged"], len(after) - len(modified) - len(added - renamed))
    _compare("renamed (R)", second["renamed"], len(renamed))
    _compare("removed (D)", second["removed"], len(deleted) - len(renamed))
    _compare("embedded by a third run", third["embedded"] + third["parsed"] + third["written"], 0)


def _compare(what: str, found: int, expected: int) -> None:
    print(f"{'ok ' if found == expected else 'NOT'} {what}: {found}, expected {expected}")


def _contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def _run(inbox: Path, home: Path) -> dict[str, int]:
    command = [str(Path(sys.executable).with_name("docstrata")), "run", str(inbox), "--home", str(home), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"the run ended with exit code {done.returncode}")
    summary: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return summary


if __name__ == "__main__":
    main()

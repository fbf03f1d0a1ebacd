"""JSON Schemas of every record: `python -m schemas.export` writes them, `--check` compares."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from schemas.artifact import ArtifactRef
from schemas.base import Record
from schemas.chunk import Chunk, ChunkSet, Duplicate
from schemas.comparison import Comparison
from schemas.document import Document
from schemas.evaluation import Evaluation
from schemas.point import Hit, PointPayload
from schemas.quality import QualityReport
from schemas.report import Failure, RunSummary
from schemas.source import SourceFile
from schemas.version import VersionManifest

RECORDS: tuple[type[Record], ...] = (
    ArtifactRef,
    Chunk,
    ChunkSet,
    Comparison,
    Document,
    Duplicate,
    Evaluation,
    Failure,
    Hit,
    PointPayload,
    QualityReport,
    RunSummary,
    SourceFile,
    VersionManifest,
)
FOLDER = Path(__file__).parent / "generated"


def rendered() -> dict[str, str]:
    """File name to content."""
    return {
        f"{record.__name__}.schema.json": json.dumps(record.model_json_schema(), indent=2, sort_keys=True) + "\n"
        for record in RECORDS
    }


def outdated(folder: Path = FOLDER) -> list[str]:
    """Names of files that are missing, different, or of no record."""
    wanted = rendered()
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.schema.json")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a file is not as it should be")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the files are")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    wrong = outdated(folder)
    if options.check:
        sys.stderr.writelines(f"{name} is outdated: python -m schemas.export\n" for name in wrong)
        return 1 if wrong else 0
    contents = rendered()
    folder.mkdir(parents=True, exist_ok=True)
    for name in wrong:
        path = folder / name
        if name in contents:
            path.write_text(contents[name], "utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())

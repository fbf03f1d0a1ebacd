"""A few files, a change to them, and what a light run of the command line makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from kills import State, state, vectors
from strata_fakes import HashEmbedder

from ingest.api import settings_for

Found = tuple[State, dict[str, np.ndarray]]


def first_files(inbox: Path) -> None:
    inbox.mkdir()
    for number in range(6):
        text = f"# Part {number}\n\nPart number {number} turns left.\n\n## Care\n\nOil part {number} now and then.\n"
        (inbox / f"{number}.md").write_text(text, "utf-8")


def change(inbox: Path) -> None:
    (inbox / "0.md").unlink()
    (inbox / "1.md").rename(inbox / "9.md")
    (inbox / "2.md").write_text("# Part 2\n\nPart number 2 turns right.\n\n## Care\n\nNever oil it.\n", "utf-8")
    (inbox / "new.md").write_text("# Part 3\n\nPart number 3 turns left.\n", "utf-8")


def found_in(home: Path, overrides: Mapping[str, object] | None = None) -> Found:
    """Everything that a reader or a later run could tell apart."""
    using = settings_for(overrides=dict(overrides or {}))
    embedder = HashEmbedder()
    return state(home, using, embedder), vectors(home, using, embedder)


def check_same(found: Found, expected: Found) -> None:
    for part, should_be in expected[0].items():
        assert found[0][part] == should_be, f"{part} differs"
    assert found[1].keys() == expected[1].keys()
    for point, vector in expected[1].items():
        np.testing.assert_allclose(found[1][point], vector, atol=1e-5)

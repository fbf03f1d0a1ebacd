"""The example program, run as a reader would run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_a_question_becomes_numbered_passages_with_their_sources_within_the_limit(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    sections = "\n\n".join(
        f"## {number}. Clause\n\n{'The parties keep to this clause. ' * 12}Item {number} costs {number} euros."
        for number in range(1, 12)
    )
    notice = "## 12. Notice\n\nThe notice period is ninety days from the end of a month."
    (tmp_path / "inbox" / "agreement.md").write_text(f"# Agreement\n\n{sections}\n\n{notice}\n", "utf-8")
    done = subprocess.run(
        [
            sys.executable, ROOT / "examples" / "application.py", "How long is the notice period?",
            "--folder", "inbox", "--home", "home", "--tokens", "250",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "ninety days" in done.stdout and "Question: How long is the notice period?" in done.stdout
    numbers = [int(number) for number in re.findall(r"^\[(\d+)\] agreement\.md › Agreement", done.stdout, re.MULTILINE)]
    assert numbers and numbers == list(range(1, len(numbers) + 1))
    assert "[1] agreement.md › Agreement › 12. Notice" in done.stdout
    assert len(done.stdout.split()) < 300, "more than the limit lets through"

"""What `python benchmarks/parse/score.py` sees: the scores are scripts, in no package."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks" / "parse"))

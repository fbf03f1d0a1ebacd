"""What `python benchmarks/parse/score.py` and its like see: they are scripts, in no package."""

from __future__ import annotations

import sys
from pathlib import Path

for _folder in ("parse", "report", "run"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks" / _folder))

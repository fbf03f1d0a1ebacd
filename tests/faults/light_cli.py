"""The command line with a light model, as a process of its own: real files, catalog and index.

Run as a script it is the command; imported, it starts that.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LIGHT = [str(Path(__file__).resolve().parents[1] / "property")]


def command(*arguments: str) -> list[str]:
    return [sys.executable, __file__, *arguments]


@dataclass(frozen=True)
class Ended:
    """How a command ended. `said` is what stood on standard error."""

    code: int
    told: str
    said: str

    def check_told_in_one_sentence(self, *words: str) -> None:
        """It gave up, and its last words say why and what to do."""
        assert self.code == 1 or self.code == 2, f"exit code {self.code}\n{self.told}\n{self.said}"
        assert "Traceback" not in self.said + self.told, self.said
        *_, last = (part for part in self.said.split("error (") if part.strip())
        sentence = " ".join(last.split())
        for word in words:
            assert word in sentence, sentence


_LIGHTLY = ("parse.workers=0", "store.keep_originals=false")


def run(
    inbox: Path, home: Path, settings: Sequence[str] = (), before: Sequence[str] = (), within_s: int = 300
) -> Ended:
    """`docstrata run`; `before` are the words of a command that starts it."""
    sets = [part for setting in (*_LIGHTLY, *settings) for part in ("--set", setting)]
    arguments = command("run", str(inbox), "--home", str(home), *sets)
    done = subprocess.run([*before, *arguments], capture_output=True, text=True, timeout=within_s, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


def main() -> None:
    sys.path[:0] = _LIGHT
    from strata_fakes import HashEmbedder

    from ingest.cli.app import main as command_line
    from ingest.stages import parts

    parts.SentenceTransformerEmbedder = lambda *_, **__: HashEmbedder()  # a light model
    command_line()


if __name__ == "__main__":
    main()

"""Makes docs/pictures from real commands: `python docs/make_pictures.py`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
WIDTH = 100


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        home = str(Path(scratch) / "state")
        _picture("run", [
            ["run", "examples/inbox"],
            ["search", "How long is the notice period for ending the service agreement?", "-n", "1"],
            ["search", "离心泵启动前要检查什么？", "-n", "1"],
            ["failures"],
        ], home)  # fmt: skip


def _picture(name: str, commands: list[list[str]], home: str) -> None:
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    for command in commands:
        shown = " ".join(f'"{word}"' if " " in word or not word.isascii() else word for word in command)
        console.print(Text(f"$ docstrata {shown}", style="bold"))
        done = subprocess.run(
            [str(Path(sys.executable).with_name("docstrata")), *command, "--home", home],
            cwd=ROOT,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)},
        )
        console.print(Text.from_ansi(done.stdout))
    # The fonts that rich names would be fetched from elsewhere: the reader's own will do.
    svg = re.sub(r"@font-face \{.*?\}|<!--.*?-->", "", console.export_svg(title="docstrata"), flags=re.DOTALL)
    (PICTURES / f"{name}.svg").write_text(svg, "utf-8")


if __name__ == "__main__":
    main()

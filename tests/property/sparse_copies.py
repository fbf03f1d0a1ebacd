"""Copies of homes. The embedded engine's files are large and nearly all holes, which `shutil` would fill."""

from __future__ import annotations

import subprocess
from pathlib import Path


def copied(folder: Path, to: Path) -> Path:
    """`to`, which must not be there yet."""
    if to.exists():
        raise FileExistsError(to)
    to.parent.mkdir(parents=True, exist_ok=True)
    # An index that is open has a socket, which cannot be copied and is made anew.
    subprocess.run(["cp", "--archive", "--sparse=auto", str(folder), str(to)], check=True)
    for socket in to.rglob("*.sock"):
        socket.unlink()
    return to

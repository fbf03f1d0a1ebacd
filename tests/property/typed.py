"""`docstrata` as a person types it, without a process for each command: that would load the libraries anew."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from ingest.cli.app import main


def typed(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """In this process, in the folder `cwd`."""
    said, told = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(said), redirect_stderr(told):
        patched.chdir(cwd)
        patched.setattr(sys, "argv", ["docstrata", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), said.getvalue(), told.getvalue())

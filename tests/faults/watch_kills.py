"""A real `docstrata watch` with a light model, started, stopped and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import IO

from light_cli import command
from patience import PATIENCE_S

SETTINGS = ("parse.workers=1", "store.keep_originals=false", "watch.settle_s=0.1", "watch.poll_s=0.05")


class Watch:
    """The command in a process group of its own."""

    def __init__(self, inbox: Path | str, home: Path, *options: str) -> None:
        sets = [part for setting in SETTINGS for part in ("--set", setting)]
        self.process = subprocess.Popen(
            command("watch", str(inbox), "--home", str(home), "--json", *sets, *options),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def until_it_watches(self) -> None:
        said = ""
        while "watching" not in said:
            line = _stream(self.process.stderr).readline()
            assert line, said
            said += line

    def cycle(self) -> dict[str, object]:
        """The next that it tells."""
        line = _stream(self.process.stdout).readline()
        assert line, _stream(self.process.stderr).read()
        told: dict[str, object] = json.loads(line)
        return told

    def kill(self) -> None:
        """As the system does when memory runs out: only it; its workers notice by themselves."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.communicate(timeout=PATIENCE_S)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit code, and what it said last."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=2 * PATIENCE_S)
        return self.process.returncode, said

    def wait(self) -> tuple[int, str, str]:
        told, said = self.process.communicate(timeout=2 * PATIENCE_S)
        return self.process.returncode, told, said


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream

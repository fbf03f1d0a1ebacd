"""A process that must not outlive the one that started it."""

from __future__ import annotations

import ctypes
import signal
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1


def be_killed_with_parent() -> None:
    """By the kernel, which nothing that hangs can prevent; does nothing where there is no such call."""
    if sys.platform == "linux":
        libc: Any = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

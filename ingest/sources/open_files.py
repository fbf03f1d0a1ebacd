"""Whether somebody is writing a file."""

from __future__ import annotations

import fcntl
import os
import signal
from pathlib import Path


def is_open_for_writing(path: Path) -> bool:
    """True when the system says so. It cannot tell of another user's files, nor on every file
    system, nor of writers on other machines: there a file's rest has to be enough.

    A read lease is refused while a writer has the file open. It is given back at once; a writer who
    comes in between waits for that, and we hear of it by a signal that does nothing: the usual one,
    SIGIO, would end the process.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except BlockingIOError:
        return True  # somebody else has a lease to write
    except OSError:
        return False  # it went, or whoever reads it will be told why it cannot be opened
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False  # there are no leases here
    else:
        return False
    finally:
        os.close(descriptor)

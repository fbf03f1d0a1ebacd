"""The entry point of `docstrata`: libraries are loaded within reach of Ctrl-C."""

from __future__ import annotations

import sys

_INTERRUPTED = 130


def main() -> None:
    """Loading takes a second or more, in which people think better of it: that is no error."""
    try:
        from ingest.cli.app import main as command

        command()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except RuntimeError as error:
        # Python makes one of whatever ends the making of a class, of which loading makes hundreds.
        if isinstance(error.__cause__, KeyboardInterrupt):
            sys.exit(_INTERRUPTED)
        raise

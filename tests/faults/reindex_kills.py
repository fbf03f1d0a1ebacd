"""A process that moves a home to another embedding, to be killed. Run as a script, with the home."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from strata_fakes import Engine, HashEmbedder

from ingest.stages import reindex_copy
from ingest.stages.reindex import reindex

READY = "ready"


class SlowEmbedder(HashEmbedder):
    """Leaves a kill the time to come anywhere."""

    def embed(self, *arguments: object, **options: object) -> object:
        time.sleep(0.02)
        return super().embed(*arguments, **options)


def move(home: Path) -> None:
    reindex_copy._BATCH = 16
    strata = Engine(home, embedder=SlowEmbedder(16))
    sys.stdout.write(READY + "\n")
    sys.stdout.flush()
    reindex(strata.context, strata.parts)
    strata.close()


if __name__ == "__main__":
    move(Path(sys.argv[1]))

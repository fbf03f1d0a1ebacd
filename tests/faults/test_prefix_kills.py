"""A watcher of a URL that is killed anywhere, and started again, loses no object and takes none in twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from places import UrlPlace, s3_place, s3_server
from strata_fakes import Engine
from watch_kills import Watch

SEED = int(os.environ.get("DOCSTRATA_SEED", "20261128"))
KILLS = 5


def _drop(place: UrlPlace, batch: int) -> set[str]:
    names = {f"{batch}/{number}.md" for number in range(6)}
    for name in sorted(names):
        place.put(name, f"# Part {name}\n\nPart {name} turns left.\n".encode())
    place.put(f"{batch}/0.md.meta.json", b'{"plant": "north"}')
    place.put(f"{batch}/broken.pdf", b"%PDF-1.7 cut")
    return names | {f"{batch}/broken.pdf"}


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_kills_of_a_watcher_of_a_url_leave_no_trace_after_one_clean_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(SEED)
    dropped: set[str] = set()
    with s3_server() as address:
        monkeypatch.setenv("FSSPEC_S3_ENDPOINT_URL", address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        place = s3_place()
        for kill in range(KILLS):
            watch = Watch(place.what, tmp_path / "home")
            watch.until_it_watches()
            dropped |= _drop(place, kill)
            time.sleep(0.1 + 6.0 * (kill + rng.random()) / KILLS)
            watch.kill()
        code, _, said = Watch(place.what, tmp_path / "home", "--once").wait()
        assert code in {0, 3}, said
        lying = Counter(name for name in place.names() if not name.startswith(".docstrata/probe"))
    notes = {f"quarantine/{name}.error.json" for name in dropped if name.endswith(".pdf")}
    sidecars = {f"done/{name}.meta.json" for name in dropped if name.endswith("/0.md")}
    sorted_into = {f"{'quarantine' if name.endswith('.pdf') else 'done'}/{name}" for name in dropped}
    assert lying == Counter(sorted_into | notes | sidecars)
    strata = Engine(tmp_path / "home")
    found = Counter(payload.path for payload in strata.current())
    assert found == Counter(name for name in dropped if name.endswith(".md"))
    assert all(
        version == 1 for _, version in strata.context.catalog.database.rows("SELECT path, version FROM documents")
    )
    strata.close()

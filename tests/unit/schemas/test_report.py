from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.report import RunSummary


def test_every_file_that_was_seen_is_accounted_for() -> None:
    summary = RunSummary(run_id="r", seen=15, parsed=5, unchanged=4, duplicates=3, failed=2, ignored=1)

    assert summary.seen == 15


@pytest.mark.parametrize("told", ["parsed", "unchanged", "duplicates", "failed", "ignored"])
def test_a_file_that_is_counted_twice_or_not_at_all_is_our_defect(told: str) -> None:
    counts: dict[str, Any] = {told: 1}

    assert RunSummary(run_id="r", seen=1, **counts)
    with pytest.raises(ValidationError, match="0 files were seen, but 1 are accounted for"):
        RunSummary(run_id="r", **counts)
    with pytest.raises(ValidationError, match="2 files were seen, but 1 are accounted for"):
        RunSummary(run_id="r", seen=2, **counts)


def test_renamed_and_removed_are_told_beside_the_sum() -> None:
    assert RunSummary(run_id="r", seen=1, unchanged=1, renamed=1, removed=7).removed == 7

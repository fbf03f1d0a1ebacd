"""Places at a URL, for the contracts of sources and of the drop folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from places import UrlPlace, clear_memory, memory_place, s3_place, s3_server


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture(params=["memory", "s3"])
def url(request: pytest.FixtureRequest) -> Iterator[UrlPlace]:
    if request.param == "s3":
        request.getfixturevalue("s3")
        yield s3_place()
    else:
        yield memory_place()
        clear_memory()

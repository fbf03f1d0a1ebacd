"""What every record shares."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

BBox = tuple[float, float, float, float]
"""`(x0, y0, x1, y1)` in PDF points, origin at the top left of the page as it is shown."""

Span = tuple[int, int]
"""Half-open `[start, end)` character offsets into `Document.text`."""


class Record(BaseModel):
    """A frozen value that crosses a stage. Unknown fields are refused.

    `schema_version` counts up when a stored record of the old shape would no longer load;
    `tests/unit/schemas/samples` keeps one file of every version ever released.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    schema_version: int = 1

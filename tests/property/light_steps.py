"""What Airflow's tasks open, without the model."""

from __future__ import annotations

from strata_fakes import Engine

from ingest.steps import Steps
from ingest.turns import TakesTurns


class LightSteps(Steps):
    """The steps on a light engine, which stays open."""

    def __init__(self, strata: Engine) -> None:
        TakesTurns.__init__(self)
        self.settings, self._context, self._parts = strata.settings, strata.context, strata.parts

"""What ReportLab's pairs draw beside its own flowables."""

from __future__ import annotations

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable


class Picture(Flowable):
    """A grey box for the picture that the source shows."""

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        return width, 84

    def draw(self) -> None:
        self.canv.setFillColor(HexColor("#e4e4e4"))
        self.canv.rect(self.width * 0.22, 8, self.width * 0.56, 70, fill=1)


class Turned(Flowable):
    """Blocks drawn on their side: what is up goes to the left."""

    def __init__(self, inner: list[Flowable]) -> None:
        super().__init__()
        self.inner = inner

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.across, self.down = height - 12, width
        return width, height - 6

    def draw(self) -> None:
        self.canv.rotate(90)
        self.canv.translate(0, -self.down)
        y = self.down
        for flowable in self.inner:
            _, used = flowable.wrap(self.across, self.down)
            y -= used
            flowable.drawOn(self.canv, 0, y)

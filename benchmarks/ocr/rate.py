"""Pages per second through the OCR service, and the share of the time that its device is busy.

    python benchmarks/ocr/rate.py [--device cuda:0] [--batch 1 8] [--pages 64] [--readers 4] [--size small]

Readers are what parser processes are to the service: each sends its pages and waits for their lines. A
GPU's busy share is the driver's own figure (nvidia-smi: percent of the last moments in which a kernel
ran), a CPU's the time that the service's processes computed, of all cores'.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import threading
import time
from itertools import cycle, islice
from statistics import fmean

import psutil
from conditions import CONDITIONS
from pages import DPI, options, samples

from ingest.ocr.client import OcrClient
from ingest.ocr.devices import cores
from ingest.ocr.service import OcrService
from ingest.options.ocr import OcrOptions
from ingest.page_images import PageImage, ReadImage

_INTERVAL_S = 0.2


class BusyShare:
    """Of one device, from entering to leaving."""

    def __init__(self, device: str) -> None:
        self._gpu = device.partition(":")[2] or "0" if device.startswith("cuda") else None
        if self._gpu is not None and shutil.which("nvidia-smi") is None:
            raise SystemExit("there is no nvidia-smi on this machine: name --device cpu")
        self._shares: list[float] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> BusyShare:
        self._started, self._computed = time.perf_counter(), _computed_s()
        if self._gpu is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._gpu is not None:
            self._thread.join()
            self.share = fmean(self._shares or [0.0]) / 100
        else:
            self.share = (_computed_s() - self._computed) / (cores() * (time.perf_counter() - self._started))

    def _watch(self) -> None:
        query = ["nvidia-smi", f"--id={self._gpu}", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
        while not self._done.wait(_INTERVAL_S):
            self._shares.append(float(subprocess.run(query, capture_output=True, text=True, check=True).stdout))


def _computed_s() -> float:
    """CPU seconds of the processes that read."""
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        times = child.cpu_times()
        total += times.user + times.system
    return total


def read_by(readers: int, service: OcrService, images: list[PageImage]) -> int:
    """How many pages were read. Exits with the error of a page that was not."""
    outcomes: list[object] = []

    def reader(mine: list[PageImage]) -> None:
        outcomes.extend(OcrClient(service.address).read(mine))

    threads = [threading.Thread(target=reader, args=(images[start::readers],)) for start in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome in outcomes:
        if not isinstance(outcome, ReadImage):
            raise SystemExit(f"a page was not read: {outcome}")
    return len(outcomes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--batch", nargs="+", type=int, default=[1, 8])
    parser.add_argument("--pages", type=int, default=64)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--engine", default="paddleocr")
    parser.add_argument("--size", default="small")
    arguments = parser.parse_args()
    images = [page.image for page in islice(samples(CONDITIONS["clean"], DPI), 14)]
    print("engine     model  device   batch  pages  pages/s  device busy")
    for batch in arguments.batch:
        settings = options(
            arguments.engine,
            arguments.size,
            OcrOptions().longest_side,
            0,
            devices=(arguments.device,),
            batch_pages=batch,
        )
        with OcrService(settings) as service:
            read_by(1, service, images[:1])
            sent = list(islice(cycle(images), arguments.pages))
            with BusyShare(arguments.device) as busy:
                started = time.perf_counter()
                read = read_by(arguments.readers, service, sent)
                seconds = time.perf_counter() - started
            print(
                f"{arguments.engine:10} {arguments.size:6} {arguments.device:7}  {batch:5}  {read:5}  "
                f"{read / seconds:7.2f}  {busy.share:11.0%}",
                flush=True,
            )


if __name__ == "__main__":
    main()

"""What each step of preparation is worth: read with all steps, and without that one.

    python benchmarks/ocr/steps.py [--dpi 150] [--step specks ...] [--faces cjk fang ...] [--points 9 11 ...]

On the conditions for which a step is meant, and on clean pages, which it must not harm. `taken`
counts pages on which the step was taken; seconds are of the whole reading.
"""

from __future__ import annotations

import argparse
import time
from statistics import fmean

from conditions import CONDITIONS
from pages import DPI, FACES, HEAD, SIZES, options, read_samples, samples

from ingest.ocr.crops import bgr
from ingest.ocr.preparation import prepare
from ingest.ocr.registry import make_engine
from ingest.options.ocr import OcrOptions

MEANT_FOR = {
    "specks": ("specked", "noisy"),
    "grain": ("grainy", "noisy"),
    "contrast": ("faint", "shadowed"),
    "stamps": ("stamped",),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", nargs="+", choices=list(MEANT_FOR), default=list(MEANT_FOR))
    parser.add_argument("--dpi", type=int, default=DPI)
    parser.add_argument("--faces", nargs="+", default=list(FACES))
    parser.add_argument("--points", nargs="+", type=float, default=list(SIZES))
    parser.add_argument("--engine", default="paddleocr")
    parser.add_argument("--clean", action="store_true", help="clean pages too")
    arguments = parser.parse_args()
    print(f"step      condition  steps    {HEAD}  taken  prepared s")
    for step in arguments.step:
        for condition in (*MEANT_FOR[step], *(("clean",) if arguments.clean else ())):
            pages = [
                page
                for page in samples(CONDITIONS[condition], arguments.dpi)
                if page.face in arguments.faces and page.points in arguments.points
            ]
            for without in (False, True):
                all_steps = OcrOptions()
                kept = {
                    "preparation": [one for one in all_steps.preparation if not without or one != step],
                }
                settings = options(arguments.engine, "small", all_steps.longest_side, 0, **kept)
                tally = read_samples(make_engine(settings, "cpu"), pages)
                seconds, taken = [], 0
                for page in pages:
                    started = time.perf_counter()
                    taken += step in prepare(bgr(page.image), frozenset(settings.preparation)).done
                    seconds.append(time.perf_counter() - started)
                word = "without" if without else "all"
                print(f"{step:9} {condition:9}  {word:7}  {tally.row()}  {taken:5}  {fmean(seconds):.3f}", flush=True)


if __name__ == "__main__":
    main()

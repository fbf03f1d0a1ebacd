"""Which device an engine runs on."""

from __future__ import annotations

import ctypes
import os
import re
from pathlib import Path

from schemas.errors import ConfigError

CPU = "cpu"
_PAGES_ON_GPU = 8
"""Of about 30 MiB each at 200 dpi, in both processes."""
_FIRST_GPU = Path("/dev/nvidia0")
_DEVICE = re.compile(r"cpu|auto|cuda(:\d+)?")
CONVOLUTION_SEARCH = {"cudnn_conv_algo_search": "DEFAULT"}
"""For ONNX Runtime on a GPU. Its own default tries every algorithm for each shape it has not just seen; pages
and lines have ever new ones. Forty lines of varying lengths on an H200: 2.0 s, and .15 s so; where all have
one shape, .04 and .13 s."""


def check_device(device: str) -> None:
    if not _DEVICE.fullmatch(device):
        raise ConfigError(f"ocr.devices: {device!r} is none of auto, cpu, cuda, cuda:N")


def cuda_index(device: str) -> int | None:
    """The number of the GPU that `device` means, None for the CPU. `auto` is the first GPU where
    there is one that the runtime can use. Imports the runtime: for the OCR process."""
    check_device(device)
    if device == CPU or (device == "auto" and not (_runtime_has_cuda() and _gpus())):
        return None
    if not _runtime_has_cuda():
        raise ConfigError(
            f"ocr.devices names {device}, but this onnxruntime is for CPUs: pip install onnxruntime-gpu in its place"
        )
    _, _, number = device.partition(":")
    index = int(number or 0)
    if index >= _gpus():
        raise ConfigError(f"ocr.devices names {device}, but the driver shows {_gpus()} GPUs")
    return index


def pages_at_once(wanted: int, device: str) -> int:
    """`wanted`, or, where that is 0, what suits the device. Asks no driver: for the main process, which is
    to have no business with a GPU."""
    on_gpu = device.startswith("cuda") or (device == "auto" and _FIRST_GPU.exists())
    return wanted or (_PAGES_ON_GPU if on_gpu else 1)


def check_runs_on_cuda(weights: Path | None, index: int) -> None:
    """The runtime falls back to the CPU without a word when libraries of CUDA are missing.

    Nothing can be tried before a model is on this disk.
    """
    import onnxruntime

    onnxruntime.preload_dlls()
    if weights is None:
        return
    providers = [("CUDAExecutionProvider", {"device_id": index})]
    used = onnxruntime.InferenceSession(str(weights), providers=providers).get_providers()
    if "CUDAExecutionProvider" not in used:
        raise ConfigError(
            "onnxruntime cannot use the GPU: libraries of CUDA or cuDNN are missing or of another version "
            '(pip install "onnxruntime-gpu[cuda,cudnn]"), or set ocr.devices to cpu'
        )


def cores() -> int:
    """That this process may run on."""
    return len(os.sched_getaffinity(0))


def _runtime_has_cuda() -> bool:
    import onnxruntime

    return "CUDAExecutionProvider" in onnxruntime.get_available_providers()


def _gpus() -> int:
    """As the driver counts them."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value

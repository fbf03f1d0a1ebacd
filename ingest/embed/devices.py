"""Where the model runs: one copy of it on each device."""

from __future__ import annotations

from ingest.options.embed import AUTO_DEVICE, EmbedOptions
from schemas.errors import ConfigError


def chosen_devices(options: EmbedOptions) -> list[str]:
    """`auto`: every GPU that torch sees, else the CPU. Raises `ConfigError` for one that is not there."""
    if options.backend != "torch":
        if options.device not in {AUTO_DEVICE, "cpu"}:
            raise ConfigError(
                f"embed.backend is {options.backend}, which runs on a CPU, but embed.device is {options.device}: "
                "set embed.device to cpu, or embed.backend to torch"
            )
        return ["cpu"]
    import torch

    seen = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if options.device == AUTO_DEVICE:
        return [f"cuda:{number}" for number in range(seen)] or ["cpu"]
    named = [name.strip() for name in options.device.split(",")]
    if not seen and any(name.startswith("cuda") for name in named):
        raise ConfigError(f"embed.device is {options.device}, but torch sees no GPU: set it to auto or cpu")
    for name in named:
        if name.startswith("cuda:") and int(name.removeprefix("cuda:")) >= seen:
            raise ConfigError(f"embed.device names {name}, but torch sees {seen} of them: the first is cuda:0")
    return named

"""A transformer that onnxruntime runs, in the place of the one that torch would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.embed.onnx_files import OUTPUT
from schemas.errors import MissingExtra

if TYPE_CHECKING:
    from torch.nn import Module


def onnx_transformer(file: Path, config: object, threads: int) -> Module:
    """Takes and gives what the transformer of that `config` would; `threads` 0: as many as there are cores."""
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtra("embed.backend = onnx needs onnxruntime: pip install 'docstrata[onnx]'") from error
    import torch

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin while they wait starve whoever else works on the machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]

    class OnnxTransformer(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.config = config
            self.device = torch.device("cpu")

        def forward(self, **inputs: Any) -> dict[str, torch.Tensor]:  # Any: arguments for torch's model too
            fed = {name: inputs[name].numpy() for name in names}
            (found,) = session.run([OUTPUT], fed)
            return {"last_hidden_state": torch.from_numpy(found)}

    return OnnxTransformer()

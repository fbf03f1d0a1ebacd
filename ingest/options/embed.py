"""`[embed]`: which model makes the dense vectors, and how."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from ingest.options.section import CARRIED_PREFIX, Section

AUTO_DEVICE = "auto"

OWN_PROMPT = "auto"
"""The prompt that the model's own files name, if any."""


class EmbedOptions(Section):
    """The model is a carried one (`carried:all-MiniLM-L6-v2`), a folder, or a name on the model hub."""

    model: str = Field(
        default=f"{CARRIED_PREFIX}all-MiniLM-L6-v2",
        min_length=1,
        description="carried:NAME, a folder, or a name on the model hub (only that may be downloaded)",
    )
    device: str = Field(
        default=AUTO_DEVICE,
        pattern=r"^(auto|(cpu|cuda(:\d+)?)( *, *(cpu|cuda(:\d+)?))*)$",
        description="auto, cpu, cuda or cuda:N, or several with commas between: a copy of the model on each; "
        "auto: all GPUs, else the CPU",
    )
    dtype: Literal["float32", "bfloat16"] = Field(
        default="float32",
        description="numbers that the model computes in; bfloat16: about twice as fast on a GPU, for other vectors",
    )
    backend: Literal["torch", "onnx", "onnx-int8"] = Field(
        default="torch",
        description="what runs the model; onnx and onnx-int8 on a CPU only, made of the model's weights at first use; "
        "onnx-int8: about twice as fast, for other vectors",
    )
    threads: int = Field(default=0, ge=0, description="CPU threads of the model; 0: as many as torch chooses")
    batch_tokens: int = Field(
        default=0, ge=0, description="tokens in a batch, padding included; 0: 4,096 on a CPU, 65,536 on a GPU"
    )
    max_tokens: int = Field(default=0, ge=0, description="tokens of a text at most; 0: as many as the model reads")
    passage_vector: Literal["sentences", "whole"] = Field(
        default="sentences",
        description="sentences: the mean of the vectors of a passage's sentences, weighted by their tokens; whole: "
        "what the model makes of the passage read at once, for models that are made for long texts",
    )
    query_prompt: str = Field(default=OWN_PROMPT, description="put before a question; auto: the model's own, if any")
    passage_prompt: str = Field(default=OWN_PROMPT, description="put before a passage; auto: the model's own, if any")
    neighbour_share: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="of the vectors of the chunks before and after that is mixed into a chunk's own; 0: none",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.backend != "torch" and self.dtype != "float32":
            raise ValueError(f"dtype {self.dtype} is for backend torch: {self.backend} has its own")
        return self

"""Types of fields that several specs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field


@dataclass(frozen=True)
class IdOf:
    """Marks a field that contains the id of an artifact of this kind, or of a run.

    The generated schemas carry the mark, so that TypeScript types accept exactly this kind of artifact.
    """

    kind: str

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), "idOf": self.kind}


@dataclass(frozen=True)
class SetByCall:
    """Marks a field that is no part of a spec as users write it, because the client's call sets it."""

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), "setByCall": True}


_SHA256 = Field(pattern=r"^[0-9a-f]{64}$")
DatasetId = Annotated[str, _SHA256, IdOf("dataset")]
SemanticIdsId = Annotated[str, _SHA256, IdOf("semantic_ids")]
ModelId = Annotated[str, _SHA256, IdOf("model")]
EvaluationId = Annotated[str, _SHA256, IdOf("evaluation")]
ComparisonId = Annotated[str, _SHA256, IdOf("comparison")]
UploadId = Annotated[str, _SHA256, IdOf("source")]
RunId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"), IdOf("run")]

Device: TypeAlias = Literal["auto", "cpu", "cuda"]
"""Device of the worker. `auto` selects CUDA if the server has a CUDA device, and the CPU otherwise."""
SeenMask: TypeAlias = Literal["train_valid", "train", "all"]
"""Known items that are left out of a user's list. `train_valid` and `train` leave out the items of these
parts of the split, `all` leaves out the items of all parts, for lists that are shown to users."""
Threads = Annotated[int, Field(ge=1, le=256)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]

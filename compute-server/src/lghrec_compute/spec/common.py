"""Fields that several specs share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

ArtifactId = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256, 64 hexadecimal digits")]
Device = Literal["auto", "cpu", "cuda"]
SeenMask = Literal["train_valid", "train", "all"]
Threads = Annotated[int, Field(ge=1, le=256)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]

"""Shape letters used as suffixes of tensor and array names, in dimension order, in the whole project.

V nodes (U users + I items) | E edges | B anchors or rows of a batch | N candidates of a pool |
M chosen negatives | D embedding | C semantic id | L layers | G groups | K cutoff

`anchor_BD` is [B, D]; scalars and modules carry no suffix. Ragged data is a pair (values, offsets).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Int32s: TypeAlias = npt.NDArray[np.int32]
Floats: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

"""Types of NumPy arrays.

Names of arrays and tensors end in shape letters: `anchor_BD` has the shape [B, D]. The docstring of each
module explains its letters. Scalars and modules have no suffix. Ragged data is a pair of values and offsets.
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

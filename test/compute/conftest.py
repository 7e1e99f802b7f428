"""Makes test/support/python importable, and keeps every test on one thread."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "support" / "python"))
torch.set_num_threads(1)

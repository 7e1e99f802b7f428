"""Where tensors live, and what makes equal seeds give equal bits."""

from __future__ import annotations

import os
from typing import Literal

import numpy as np
import torch
import torch.utils.deterministic

from lghrec_compute.errors import DeviceError


def resolve_device(asked: Literal["auto", "cpu", "cuda"]) -> torch.device:
    """The device a run uses; `auto` is CUDA where there is any. Raises `DeviceError` for a missing one."""
    available = torch.cuda.is_available()
    if asked == "cuda" and not available:
        built = "no CUDA device is visible" if torch.version.cuda else "this PyTorch is built without CUDA"
        raise DeviceError(
            f"device cuda is not there: {built}",
            hint='use device "auto" or "cpu", or install PyTorch for CUDA',
        )
    return torch.device("cuda" if available and asked != "cpu" else "cpu")


def device_name(device: torch.device) -> str:
    """ "cpu", or the name of the CUDA device."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def make_deterministic(seed: int) -> None:
    """Seeds the global generators and takes deterministic kernels: the same seed and threads, the same bits.

    On CUDA a kernel without a deterministic form only warns; there equal bits are not promised.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read by CUDA, which else refuses
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    # a debugging aid that writes all fresh memory once more
    torch.utils.deterministic.fill_uninitialized_memory = False  # pyright: ignore[reportAttributeAccessIssue]
    torch.manual_seed(seed)
    np.random.seed(seed)

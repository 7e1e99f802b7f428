"""The device of a run, and deterministic computation."""

from __future__ import annotations

import os
from typing import Literal

import numpy as np
import torch
import torch.utils.deterministic

from lghrec_compute.errors import DeviceError


def resolve_device(requested: Literal["auto", "cpu", "cuda"]) -> torch.device:
    """Return the device of a run. `auto` selects CUDA if it is available.

    Raises `DeviceError` if `cuda` is requested and not available.
    """
    available = torch.cuda.is_available()
    if requested == "cuda" and not available:
        built = "no CUDA device is visible" if torch.version.cuda else "this PyTorch is built without CUDA"
        raise DeviceError(
            f"device cuda is not available: {built}",
            hint='use device "auto" or "cpu", or install PyTorch for CUDA',
        )
    return torch.device("cuda" if available and requested != "cpu" else "cpu")


def device_name(device: torch.device) -> str:
    """Return "cpu", or the name of the CUDA device."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def make_deterministic(seed: int) -> None:
    """Seed the global generators and select deterministic kernels.

    On a CPU the same seed with the same number of threads gives the same bits. On CUDA an operation without a
    deterministic kernel only warns, so equal bits are not guaranteed.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # CUDA requires it
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    # a debugging aid that would fill all new memory
    torch.utils.deterministic.fill_uninitialized_memory = False  # pyright: ignore[reportAttributeAccessIssue]
    torch.manual_seed(seed)
    np.random.seed(seed)

"""The failure that a run reports for an error."""

from __future__ import annotations

import errno

import numpy as np
import pytest
import torch

from lghrec_compute.errors import DataError, DeviceError, DiskError, NonFiniteError
from lghrec_compute.worker.failure import describe


def _caught(make) -> BaseException:
    try:
        make()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def _raise(error: BaseException):
    def make() -> None:
        raise error

    return make


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: np.empty(2**60, dtype=np.int8), "oom"),
        (lambda: torch.empty(2**50), "oom"),
        (_raise(torch.OutOfMemoryError("CUDA out of memory")), "oom"),
        (_raise(NonFiniteError("loss is nan at epoch 3")), "nan"),
        (_raise(DataError("no rows")), "data"),
        (_raise(DiskError("cannot write model artifact")), "disk"),
        (_raise(OSError(errno.ENOSPC, "No space left on device")), "disk"),
        (_raise(DeviceError("no cuda device")), "user"),
        (lambda: {}["missing"], "internal"),
    ],
)
def test_the_kind_of_failure_follows_from_the_error(make, kind: str) -> None:
    assert describe(_caught(make), last_checkpoint="").kind == kind


def test_a_failure_carries_message_traceback_checkpoint_and_hint() -> None:
    failure = describe(_caught(_raise(DataError("no rows", hint="check the file"))), last_checkpoint="e0005")
    assert failure.message == "no rows"
    assert failure.hint == "check the file"
    assert failure.last_checkpoint == "e0005"
    assert "test_failure.py" in failure.traceback
    assert "DataError: no rows" in failure.traceback

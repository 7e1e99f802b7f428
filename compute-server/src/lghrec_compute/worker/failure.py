"""Converts the exception that ended a run to the typed failure that its user sees."""

from __future__ import annotations

import errno
import traceback

from lghrec_compute.errors import FailureKind, LghrecError
from lghrec_compute.events import Failure

_OOM_HINT = "use a smaller batch_size or embedding_dim, or a machine with more memory"
_DISK_HINT = "free space on the disk of the data directory"
_OOM_TEXTS = ("can't allocate memory", "out of memory")


def describe(error: BaseException, *, last_checkpoint: str) -> Failure:
    """Returns the failure that the run reports for `error`."""
    kind, hint = _classify(error)
    text = str(error) if isinstance(error, LghrecError) else f"{type(error).__name__}: {error}"
    lines = traceback.format_exception(error)
    return Failure(kind, text, "".join(lines), last_checkpoint=last_checkpoint, hint=hint)


def _classify(error: BaseException) -> tuple[FailureKind, str]:
    if isinstance(error, LghrecError):
        return error.failure_kind, error.hint
    if _is_out_of_memory(error):
        return "oom", _OOM_HINT
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk", _DISK_HINT
    return "internal", "this is a defect of LGHRec: report it with the traceback"


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    # torch's CPU allocator raises a plain RuntimeError; only its text identifies it
    return isinstance(error, RuntimeError) and any(text in str(error).lower() for text in _OOM_TEXTS)

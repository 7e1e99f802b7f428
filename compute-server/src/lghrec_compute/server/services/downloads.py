"""A file's bytes in chunks, read off the event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from lghrec_compute.server.errors import OffsetError

CHUNK = 256 * 1024


async def chunks(path: Path, offset: int) -> AsyncIterator[bytes]:
    """Yields the bytes from `offset` on, at most 256 KiB each; none if it is the end.

    Raises `OffsetError` past the end. A symbolic link is not followed: artifacts have none.
    """
    descriptor = await asyncio.to_thread(os.open, path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        if offset > size:
            raise OffsetError(f"offset past the end: got {offset}, expected at most {size}")
        while chunk := await asyncio.to_thread(os.pread, descriptor, CHUNK, offset):
            yield chunk
            offset += len(chunk)
    finally:
        os.close(descriptor)

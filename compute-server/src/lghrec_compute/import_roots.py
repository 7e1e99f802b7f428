"""Paths that a spec names: files and folders of the server's machine, under one of its import roots.

The server checks them before it accepts a run, and the run resolves them again when it reads the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def is_inside(path: Path, roots: Sequence[Path]) -> bool:
    """Return whether a resolved path is one of these folders or lies in one of them."""
    return any(path.is_relative_to(root.resolve()) for root in roots)


def resolve_inside(path: str, roots: Sequence[Path]) -> list[Path]:
    """Return the resolved paths under the roots that `path` may mean, whether they exist or not.

    A relative path starts at each root in turn. Symbolic links and `..` are followed before the check, so
    that neither leads out of the roots.
    """
    found: list[Path] = []
    for root in roots:
        try:
            resolved = Path(root, path).resolve()
        except (OSError, RuntimeError, ValueError):  # a loop of links, a name that is too long, a null byte
            continue
        if is_inside(resolved, roots):
            found.append(resolved)
    return found


def find_inside(path: str, roots: Sequence[Path], *, folder: bool = False) -> Path | None:
    """Return the first existing file or folder under the roots that `path` means, None if there is none.

    With `folder`, only folders are found.
    """
    for candidate in resolve_inside(path, roots):
        try:
            if candidate.is_dir() if folder else candidate.exists():
                return candidate
        except OSError:  # no permission to look into a parent folder, a name that is too long
            continue
    return None

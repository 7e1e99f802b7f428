from __future__ import annotations

import numpy as np
import pytest

from lghrec_compute.dseg import neighbors as module
from lghrec_compute.dseg.neighbors import item_edges
from lghrec_compute.errors import ConfigError


def circle(*degrees: float) -> np.ndarray:
    """Unit vectors at these angles."""
    turn = np.radians(degrees)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)


def test_items_hang_together_where_either_is_among_the_others_nearest():
    # the nearest to 0 degrees is 10, to 10 it is 0, to 40 it is 10; 200 has no text
    row_E, column_E = item_edges(circle(0, 10, 40, 200), np.array([True, True, True, False]), num=1)
    assert list(zip(row_E.tolist(), column_E.tolist(), strict=True)) == [(0, 1), (1, 0), (1, 2), (2, 1)]


def test_one_item_with_text_has_no_neighbour():
    row_E, column_E = item_edges(circle(0, 10), np.array([True, False]), num=3)
    assert (len(row_E), len(column_E)) == (0, 0)


def test_too_many_items_are_refused_with_the_field(monkeypatch):
    monkeypatch.setattr(module, "MAX_ITEMS", 3)
    with pytest.raises(ConfigError, match="got 4, expected at most 3") as raised:
        item_edges(circle(0, 1, 2, 3), np.ones(4, dtype=bool), num=1)
    assert [violation.path for violation in raised.value.violations] == ["fusion.neighbors"]


def test_the_search_tells_how_far_it_is_and_can_be_stopped():
    seen: list[tuple[int, int]] = []
    item_edges(circle(0, 10, 40), np.ones(3, dtype=bool), num=1, tick=lambda *counts: seen.append(counts))
    assert seen == [(0, 3), (3, 3)]

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        item_edges(circle(0, 10, 40), np.ones(3, dtype=bool), num=1, tick=stop)

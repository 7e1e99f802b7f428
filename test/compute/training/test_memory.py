"""The estimate of the memory of a run, compared with numbers by hand and with the limit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from checkerboard import checkerboard
from training_setups import make_setup, train_spec

from lghrec_compute.backbones.parts.item_graph import WithNeighbors
from lghrec_compute.errors import MemoryLimitError
from lghrec_compute.training import memory

CPU = torch.device("cpu")


def test_the_estimate_counts_weights_tables_and_interactions():
    board = checkerboard()
    setup = make_setup(train_spec({"name": "mf"}))
    # 80 nodes x 16: weights seven times, six tables; 800 interactions at 24 and 200 bytes
    expected = 4 * 80 * 16 * 7 + 4 * 80 * 16 * 6 + board.num_interactions * (24 + 200)
    needed = memory.estimate(setup.spec, board, setup.backbone, CPU)
    assert needed == memory.Estimate(450_000_000 + 80_000_000 + expected, 0)


def test_more_dimensions_and_a_fusion_need_more():
    board = checkerboard()
    small, wide = (make_setup(train_spec({"name": "mf"}, embedding_dim=dim)) for dim in (16, 32))
    fused = make_setup(train_spec({"name": "mf"}), fused=True)
    needed = [memory.estimate(setup.spec, board, setup.backbone, CPU).host for setup in (small, fused, wide)]
    assert needed == sorted(set(needed))


def test_an_item_graph_counts_by_its_edges_and_not_by_all_pairs():
    board = checkerboard()
    setup = make_setup(train_spec({"name": "mf"}), fused=True)
    before = memory.estimate(setup.spec, board, setup.backbone, CPU)
    ends = np.arange(board.num_items)
    edges = (ends, np.roll(ends, 1))
    setup.backbone.ego.fusion = WithNeighbors(
        setup.backbone.ego.fusion, edges, num_items=len(ends), weight=0.5
    )
    after = memory.estimate(setup.spec, board, setup.backbone, CPU)
    # one offset and one edge an item and a last offset, twice: index of 4 bytes and value of 4
    assert after.host - before.host == 2 * (len(ends) * (4 + 4 + 4) + 4)


def test_a_run_that_cannot_fit_is_refused_with_both_figures(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 2_000_000_000)
    memory.check(memory.Estimate(1_900_000_000, 0), CPU)
    with pytest.raises(MemoryLimitError, match=r"needs about 2\.1 GB, 2\.0 GB are free") as caught:
        memory.check(memory.Estimate(2_100_000_000, 0), CPU)
    assert caught.value.failure_kind == "oom"
    assert "embedding_dim" in caught.value.hint


def test_what_is_free_is_at_most_the_machines():
    import psutil

    assert 0 < memory.available_bytes() <= psutil.virtual_memory().total

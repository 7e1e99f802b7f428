from __future__ import annotations

import math

import pytest
import torch

from lghrec_compute.errors import NonFiniteError
from lghrec_compute.training.losses import LossLog


def filled(*rows: tuple[float, float]) -> LossLog:
    log = LossLog(num_steps=10)
    for ranking, total in rows:
        log.add({"loss/ranking": torch.tensor(ranking), "loss/total": torch.tensor(total)})
    return log


def test_means_are_over_the_steps_taken():
    assert filled((1.0, 2.0), (2.0, 6.0)).means() == {"loss/ranking": 1.5, "loss/total": 4.0}


def test_check_passes_what_is_finite():
    filled((1.0, 2.0), (1e38, -1e38)).check(epoch=1)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_check_names_the_first_step_and_part(value):
    log = filled((1.0, 2.0), (1.0, value), (value, value))
    with pytest.raises(NonFiniteError, match=rf"loss/total is {value} in epoch 7, step 2"):
        log.check(epoch=7)


def test_load_restores_the_rows():
    log = filled((1.0, 2.0), (2.0, 6.0))
    again = LossLog(num_steps=10)
    again.load(list(log.names), log.values_SP[:2])
    again.add({"loss/ranking": torch.tensor(3.0), "loss/total": torch.tensor(1.0)})
    assert again.means() == {"loss/ranking": 2.0, "loss/total": 3.0}

from __future__ import annotations

import json

from lghrec_compute.training import EarlyStop


def feed(stop: EarlyStop, values: list[float]) -> list[bool]:
    better = []
    for epoch, value in enumerate(values, start=1):
        better.append(stop.update(epoch, value, {"ndcg@20": value}))
        if stop.exhausted:
            break
    return better


def test_stops_after_patience_evaluations_without_a_better_value():
    stop = EarlyStop(patience=3)
    # best at 3; 4, 5 and 6 are not better
    assert feed(stop, [0.1, 0.2, 0.3, 0.3, 0.1, 0.29, 0.9]) == [True, True, True, False, False, False]
    assert stop.exhausted
    assert (stop.best_epoch, stop.best_value, stop.best_metrics) == (3, 0.3, {"ndcg@20": 0.3})


def test_a_better_value_starts_the_count_again():
    stop = EarlyStop(patience=2)
    assert feed(stop, [0.2, 0.1, 0.3, 0.1, 0.4]) == [True, False, True, False, True]
    assert not stop.exhausted
    assert stop.best_epoch == 5


def test_the_first_value_is_the_best_whatever_it_is():
    stop = EarlyStop(patience=1)
    assert feed(stop, [0.0, 0.0]) == [True, False]
    assert stop.best_epoch == 1
    assert stop.exhausted


def test_state_survives_json():
    stop = EarlyStop(patience=3)
    feed(stop, [0.1, 0.3, 0.2])
    again = EarlyStop(patience=3)
    again.load(json.loads(json.dumps(stop.state())))
    assert again == stop

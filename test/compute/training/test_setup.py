from __future__ import annotations

import pytest
import torch
from training_setups import make_setup, train_spec

from lghrec_compute.errors import DeviceError
from lghrec_compute.training import device_name, resolve_device


def test_fusion_weights_get_their_own_learning_rate():
    spec = train_spec({"name": "mf"}, fusion={"learning_rate_factor": 0.25})
    groups = make_setup(spec, fused=True).optimizer.param_groups
    assert [(group["lr"], len(group["params"])) for group in groups] == [(0.01, 1), (0.0025, 2)]
    assert [group["lr"] for group in make_setup(spec).optimizer.param_groups] == [0.01]


def test_the_stop_metric_is_reported_beside_the_usual_ones():
    setup = make_setup(train_spec({"name": "mf"}, early_stop={"metric": "map_min@7"}))
    assert setup.validate is not None
    metrics = setup.validate(*setup.backbone.embeddings())
    assert list(metrics) == ["recall@10", "recall@20", "ndcg@10", "ndcg@20", "map_min@7"]


def test_cpu_is_always_available_and_auto_selects_what_is_available():
    assert resolve_device("cpu").type == "cpu"
    assert device_name(resolve_device("cpu")) == "cpu"
    assert resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_a_request_for_missing_cuda_is_refused_with_the_cure(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="device cuda is not available") as caught:
        resolve_device("cuda")
    assert '"auto" or "cpu"' in caught.value.hint

from __future__ import annotations

import pytest
import torch
from checkerboard import checkerboard, without_valid
from training_setups import Recorder, make_setup, tensors_of, train_spec

from lghrec_compute.backbones import EgoTable
from lghrec_compute.errors import NonFiniteError, RunCancelled
from lghrec_compute.events import CheckpointStored, Metric, Progress, WarningRaised
from lghrec_compute.training import fit

CCF = {"name": "lightccf", "layers": 2}


def test_each_epoch_reports_its_losses_metrics_and_progress(tmp_path):
    spec = train_spec(CCF, epochs=3, checkpoint={"every_epochs": 2})
    recorder = Recorder(tmp_path, spec)
    summary = fit(make_setup(spec), recorder.hooks)

    names = {event.name for event in recorder.events if isinstance(event, Metric)}
    assert names == {
        "loss/ranking", "loss/embedding_l2", "loss/contrast", "loss/total",
        "valid/recall@10", "valid/recall@20", "valid/ndcg@10", "valid/ndcg@20", "valid/recall@2",
    }  # fmt: skip
    assert all(recorder.metrics(name).keys() == {1, 2, 3} for name in names)
    total = recorder.metrics("loss/total")[2]
    parts = [recorder.metrics(f"loss/{part}")[2] for part in ("ranking", "embedding_l2", "contrast")]
    assert total == pytest.approx(sum(parts), rel=1e-5)

    progress = [event for event in recorder.events if isinstance(event, Progress)]
    reported = [(event.phase, event.done, event.total) for event in progress]
    assert reported == [("train", done, 3) for done in (0, 1, 2, 3)]
    assert (progress[0].eta_ms, progress[-1].eta_ms) == (None, 0)
    assert [event.epoch for event in recorder.events if isinstance(event, CheckpointStored)] == [2]
    assert summary.epochs_run == 3
    assert summary.metrics["recall@2"] == max(recorder.metrics("valid/recall@2").values())


def test_the_backbone_ends_in_its_state_of_the_best_epoch(tmp_path):
    spec = train_spec({"name": "mf"}, epochs=40, early_stop={"metric": "recall@2", "patience": 3})
    setup, recorder = make_setup(spec), Recorder(tmp_path, spec)
    summary = fit(setup, recorder.hooks)
    assert summary.epochs_run == summary.best_epoch + 3
    assert setup.validate is not None
    assert setup.validate(*setup.backbone.embeddings()) == summary.metrics


@pytest.mark.parametrize(("learning_rate", "codes"), [(1e-6, ["stopped_too_soon"]), (0.05, [])])
def test_warns_of_a_stop_before_the_ranking_loss_has_moved(tmp_path, learning_rate, codes):
    stop = {"metric": "recall@2", "patience": 3}
    spec = train_spec({"name": "mf"}, epochs=60, early_stop=stop, optimizer={"learning_rate": learning_rate})
    recorder = Recorder(tmp_path, spec)
    summary = fit(make_setup(spec), recorder.hooks)
    assert summary.epochs_run < 60
    warnings = [event for event in recorder.events if isinstance(event, WarningRaised)]
    assert [warning.code for warning in warnings] == codes
    if codes:
        assert (
            f"stopped after {summary.epochs_run} epochs (best: {summary.best_epoch})" in warnings[0].message
        )
        first, *_, last = recorder.metrics("loss/ranking").values()
        assert f"ranking loss at {last:.3f}, after {first:.3f} in the first epoch" in warnings[0].message


def test_evaluations_come_every_so_many_epochs_and_after_the_last(tmp_path):
    spec = train_spec({"name": "mf"}, epochs=5, early_stop={"metric": "ndcg@20", "every_epochs": 2})
    recorder = Recorder(tmp_path, spec)
    fit(make_setup(spec), recorder.hooks)
    assert list(recorder.metrics("valid/ndcg@20")) == [2, 4, 5]
    assert list(recorder.metrics("loss/total")) == [1, 2, 3, 4, 5]


def test_without_a_valid_part_the_last_epoch_counts(tmp_path):
    spec = train_spec({"name": "mf"}, epochs=4)
    setup, recorder = make_setup(spec, dataset=without_valid(checkerboard())), Recorder(tmp_path, spec)
    summary = fit(setup, recorder.hooks)
    assert (summary.best_epoch, summary.epochs_run, summary.metrics) == (4, 4, {})
    assert not recorder.metrics("valid/ndcg@20")


def test_a_stop_commits_a_checkpoint_of_the_step(tmp_path):
    spec = train_spec({"name": "mf"})
    setup, recorder = (
        make_setup(spec),
        Recorder(tmp_path, spec, stop_after=make_setup(spec).sampler.num_steps + 2),
    )
    with pytest.raises(RunCancelled):
        fit(setup, recorder.hooks)
    (event,) = [event for event in recorder.events if isinstance(event, CheckpointStored)]
    assert event.name == "epoch-000001-step-00000002"
    loaded = recorder.hooks.checkpoints.load()
    assert loaded is not None
    table_VD = tensors_of(setup)["ego.node_VD"]
    assert torch.equal(loaded.tensors["backbone/ego.node_VD"], table_VD)


def test_stop_before_the_first_step_changes_nothing(tmp_path):
    spec = train_spec({"name": "mf"})
    setup = make_setup(spec)
    with pytest.raises(RunCancelled):
        fit(setup, Recorder(tmp_path, spec, stop_after=0).hooks)
    start = EgoTable(40, 40, 16, seed=0).node_VD
    assert torch.equal(tensors_of(setup)["ego.node_VD"], start.detach())


@pytest.mark.parametrize("rate", [1e38])
def test_loss_that_is_not_finite_names_epoch_step_and_part(tmp_path, rate):
    spec = train_spec({"name": "mf"}, optimizer={"learning_rate": 10.0})
    setup, recorder = make_setup(spec), Recorder(tmp_path, spec)
    with torch.no_grad():
        setup.backbone.ego.node_VD[3] = rate  # its square exceeds the range of float32
    with pytest.raises(NonFiniteError, match=r"loss/\w+ is (nan|inf) in epoch 1, step \d+"):
        fit(setup, recorder.hooks)
    assert not list(tmp_path.glob("epoch-*"))


def test_finished_run_started_again_ends_at_once_with_the_same_summary(tmp_path):
    spec = train_spec({"name": "mf"}, epochs=4, checkpoint={"every_epochs": 1})
    first = fit(make_setup(spec), Recorder(tmp_path, spec).hooks)
    recorder = Recorder(tmp_path, spec, stop_after=0)  # no step is computed
    setup = make_setup(spec)
    again = fit(setup, recorder.hooks)
    assert again == first

"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lghrec_compute.errors import RunCancelled
from lghrec_compute.events import Emit, Log, Metric, Progress, WarningRaised
from lghrec_compute.json_types import Json
from lghrec_compute.training.checkpoint import Checkpoints
from lghrec_compute.training.losses import LossLog
from lghrec_compute.training.setup import TrainingSetup
from lghrec_compute.training.state import State, capture, copy_tensors, new_state, restore
from lghrec_compute.training.step import train_step

STOPPED_TOO_SOON = "stopped_too_soon"
_MIN_LOSS_DECREASE = 0.05
"""Decrease of the ranking loss, as a share of its first value, above which a model has begun to learn."""
_CHECK_EVERY = 50
"""Number of steps between two checks for a loss that is not finite. Each check waits for the device."""


@dataclass(frozen=True)
class TrainingHooks:
    """What the loop needs from its run.

    `emit` receives events. `check_stop` is called before each step, and raises `RunCancelled` if the run has
    to stop. `checkpoints` stores and loads the state.
    """

    emit: Emit
    check_stop: Callable[[], None]
    checkpoints: Checkpoints


@dataclass(frozen=True)
class Summary:
    """Result of a training.

    `metrics` are the metrics on the valid part at the best epoch, by name; empty without a valid part.
    `history` contains {"epoch", "metrics", "policy"} for each epoch: its reported metrics by name, and the
    diagnostics of the policy.
    """

    best_epoch: int
    epochs_run: int
    metrics: dict[str, float]
    seconds: float
    history: list[Json] = field(default_factory=list)


def fit(setup: TrainingSetup, hooks: TrainingHooks) -> Summary:
    """Train the backbone and the policy of `setup`. The backbone is left in its state of the best epoch.

    The training resumes from the newest intact checkpoint, with the same bits as a run without interruption.
    It ends after `epochs` epochs, or after `patience` evaluations without a better value. If the run has to
    stop, it commits a checkpoint of the current step and raises `RunCancelled`. If a loss is not finite, it
    raises `NonFiniteError` with the step, and commits no checkpoint.
    """
    state = _start(setup, hooks)
    started = time.monotonic() - state.seconds
    _report_progress(setup, state, hooks.emit)
    while state.epoch <= setup.spec.epochs and not state.early_stop.exhausted:
        try:
            _train_epoch(setup, state, hooks.check_stop)
        except RunCancelled:
            state.losses.check(state.epoch)
            hooks.checkpoints.commit(capture(setup, state))
            raise
        metrics = state.losses.means() | _validate(setup, state)
        _report(setup, state, metrics, hooks.emit)
        state.next_epoch(LossLog(setup.sampler.num_steps, setup.device))
        state.seconds = time.monotonic() - started
        _report_progress(setup, state, hooks.emit)
        if (state.epoch - 1) % setup.spec.checkpoint.every_epochs == 0:
            hooks.checkpoints.commit(capture(setup, state))

    setup.backbone.load_state_dict(state.best)
    best = state.early_stop
    if best.exhausted and (warning := stopped_too_soon(state.history, best.best_epoch)):
        hooks.emit(warning)
    return Summary(best.best_epoch, state.epoch - 1, best.best_metrics, state.seconds, state.history)


def stopped_too_soon(history: list[Json], best_epoch: int) -> WarningRaised | None:
    """Return a warning if early stopping ended a run whose ranking loss had hardly decreased, else None.

    Graph encoders that start from small random embeddings do not rank better for many epochs while their loss
    begins to decrease.
    """
    losses = [found["loss/ranking"] for each in history if "loss/ranking" in (found := each["metrics"])]
    if not losses or losses[-1] < (1 - _MIN_LOSS_DECREASE) * losses[0]:
        return None
    text = (
        f"stopped after {len(history)} epochs (best: {best_epoch}) with the ranking loss at "
        f"{losses[-1]:.3f}, after {losses[0]:.3f} in the first epoch: the model has hardly begun to learn; "
        "raise early_stop.patience or optimizer.learning_rate, or lower batch_size"
    )
    return WarningRaised(STOPPED_TOO_SOON, text)


def _start(setup: TrainingSetup, hooks: TrainingHooks) -> State:
    snapshot = hooks.checkpoints.load()
    if snapshot is None:
        return new_state(setup)
    hooks.emit(Log(f"resuming from checkpoint {snapshot.name}"))
    return restore(setup, snapshot)


def _train_epoch(setup: TrainingSetup, state: State, check_stop: Callable[[], None]) -> None:
    setup.backbone.on_epoch(state.epoch, resumed=state.step > 0)
    setup.policy.on_epoch(state.epoch)
    for batch in setup.sampler.batches(state.epoch, first_step=state.step, device=setup.device):
        check_stop()
        state.losses.add(train_step(setup, batch, state.epoch, state.step))
        state.step += 1
        if state.step % _CHECK_EVERY == 0:
            state.losses.check(state.epoch)
    state.losses.check(state.epoch)


def _report(setup: TrainingSetup, state: State, metrics: dict[str, float], emit: Emit) -> None:
    """Emit the metrics of an epoch and add them to the history."""
    for name, value in metrics.items():
        emit(Metric(name, value, state.epoch))
    policy = setup.policy.diagnostics()
    for warning in policy.get("warnings", ()):
        emit(WarningRaised(warning["code"], warning["message"]))
    state.history.append({"epoch": state.epoch, "metrics": metrics, "policy": policy})


def _validate(setup: TrainingSetup, state: State) -> dict[str, float]:
    """Evaluate if the epoch is due, and store the backbone's tensors if they are the best so far."""
    last = state.epoch == setup.spec.epochs
    if setup.validate is None:
        if last:
            state.early_stop.update(state.epoch, 0.0, {})
            state.best = copy_tensors(setup)
        return {}
    if state.epoch % setup.spec.early_stop.every_epochs and not last:
        return {}
    metrics = setup.validate(*setup.backbone.embeddings())
    if state.early_stop.update(state.epoch, metrics[setup.spec.early_stop.metric], metrics):
        state.best = copy_tensors(setup)
    return {f"valid/{name}": value for name, value in metrics.items()}


def _report_progress(setup: TrainingSetup, state: State, emit: Emit) -> None:
    done, total = state.epoch - 1, setup.spec.epochs
    # an upper bound, because early stopping can end the training sooner
    eta_ms = round(1000 * state.seconds / done * (total - done)) if done else None
    emit(Progress("train", done, total, eta_ms))

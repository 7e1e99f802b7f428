"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lghrec_compute.errors import RunCancelled
from lghrec_compute.events import Emit, Log, Metric, Progress, WarningRaised
from lghrec_compute.json_types import Json
from lghrec_compute.training.checkpoint import Checkpoints
from lghrec_compute.training.job import Job
from lghrec_compute.training.losses import LossLog
from lghrec_compute.training.state import State, capture, copy_tensors, new_state, restore
from lghrec_compute.training.step import train_step

STOPPED_TOO_SOON = "stopped_too_soon"
_HARDLY_FALLEN = 0.05
"""Share of its first value by which a ranking loss falls at least, once a model has begun to learn."""
_CHECK_EVERY = 50
"""Steps between two looks for a loss that is not finite; each look waits for the device."""


@dataclass(frozen=True)
class Surroundings:
    """What the run gives the loop. `check_stop` raises `RunCancelled`; it is called before every step."""

    emit: Emit
    check_stop: Callable[[], None]
    checkpoints: Checkpoints


@dataclass(frozen=True)
class Summary:
    """`metrics`: on the valid part at the best epoch, by name; empty without a valid part.

    `history`: for each epoch {"epoch", "metrics", "policy"}: all that was told of it, by name, and the
    policy's diagnostics.
    """

    best_epoch: int
    epochs_run: int
    metrics: dict[str, float]
    seconds: float
    history: list[Json] = field(default_factory=list)


def fit(job: Job, around: Surroundings) -> Summary:
    """Trains `job` and leaves its backbone as it was at the best epoch.

    Goes on from the newest whole checkpoint, to the same bits as a run that was never broken off. Ends after
    `epochs`, or after `patience` evaluations without a better value. Raises `RunCancelled` when asked to
    stop, having committed a checkpoint of the very step, and `NonFiniteError`, naming the step, without one.
    """
    state = _start(job, around)
    started = time.monotonic() - state.seconds
    _report_progress(job, state, around.emit)
    while state.epoch <= job.spec.epochs and not state.early_stop.exhausted:
        try:
            _train_epoch(job, state, around.check_stop)
        except RunCancelled:
            state.losses.check(state.epoch)
            around.checkpoints.commit(capture(job, state))
            raise
        told = state.losses.means() | _validate(job, state)
        _report(job, state, told, around.emit)
        state.next_epoch(LossLog(job.sampler.num_steps, job.device))
        state.seconds = time.monotonic() - started
        _report_progress(job, state, around.emit)
        if (state.epoch - 1) % job.spec.checkpoint.every_epochs == 0:
            around.checkpoints.commit(capture(job, state))

    job.backbone.load_state_dict(state.best)
    best = state.early_stop
    if best.exhausted and (warning := stopped_too_soon(state.history, best.best_epoch)):
        around.emit(warning)
    return Summary(best.best_epoch, state.epoch - 1, best.best_metrics, state.seconds, state.history)


def stopped_too_soon(history: list[Json], best_epoch: int) -> WarningRaised | None:
    """A warning where early stopping ended a run whose ranking loss had hardly moved, else None.

    From small random vectors graph encoders rank no better for many epochs while their loss begins to fall.
    """
    losses = [told["loss/ranking"] for each in history if "loss/ranking" in (told := each["metrics"])]
    if not losses or losses[-1] < (1 - _HARDLY_FALLEN) * losses[0]:
        return None
    text = (
        f"stopped after {len(history)} epochs (best: {best_epoch}) with the ranking loss at "
        f"{losses[-1]:.3f}, {losses[0]:.3f} in the first: it has hardly begun to learn; "
        "raise early_stop.patience or optimizer.learning_rate, or lower batch_size"
    )
    return WarningRaised(STOPPED_TOO_SOON, text)


def _start(job: Job, around: Surroundings) -> State:
    snapshot = around.checkpoints.load()
    if snapshot is None:
        return new_state(job)
    around.emit(Log(f"going on from checkpoint {snapshot.name}"))
    return restore(job, snapshot)


def _train_epoch(job: Job, state: State, check_stop: Callable[[], None]) -> None:
    job.backbone.on_epoch(state.epoch, resumed=state.step > 0)
    job.policy.on_epoch(state.epoch)
    for batch in job.sampler.batches(state.epoch, first_step=state.step, device=job.device):
        check_stop()
        state.losses.add(train_step(job, batch, state.epoch, state.step))
        state.step += 1
        if state.step % _CHECK_EVERY == 0:
            state.losses.check(state.epoch)
    state.losses.check(state.epoch)


def _report(job: Job, state: State, told: dict[str, float], emit: Emit) -> None:
    """Tells an epoch's figures and keeps them for the history."""
    for name, value in told.items():
        emit(Metric(name, value, state.epoch))
    policy = job.policy.diagnostics()
    for warning in policy.get("warnings", ()):
        emit(WarningRaised(warning["code"], warning["message"]))
    state.history.append({"epoch": state.epoch, "metrics": told, "policy": policy})


def _validate(job: Job, state: State) -> dict[str, float]:
    """Evaluates when it is due, and keeps the backbone's tensors if they are the best so far."""
    last = state.epoch == job.spec.epochs
    if job.validate is None:
        if last:
            state.early_stop.update(state.epoch, 0.0, {})
            state.best = copy_tensors(job)
        return {}
    if state.epoch % job.spec.early_stop.every_epochs and not last:
        return {}
    metrics = job.validate(*job.backbone.embeddings())
    if state.early_stop.update(state.epoch, metrics[job.spec.early_stop.metric], metrics):
        state.best = copy_tensors(job)
    return {f"valid/{name}": value for name, value in metrics.items()}


def _report_progress(job: Job, state: State, emit: Emit) -> None:
    done, total = state.epoch - 1, job.spec.epochs
    # an upper bound: early stopping may end it sooner
    eta_ms = round(1000 * state.seconds / done * (total - done)) if done else None
    emit(Progress("train", done, total, eta_ms))

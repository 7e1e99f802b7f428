"""The best items of every user, ranked for a few users at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from lghrec_compute.evaluation import Ranked, rank
from lghrec_compute.evaluation.pairs import lists_of, pair_keys
from lghrec_compute.events import Progress
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.pipelines.model_store import seen_parts
from lghrec_compute.spec import ExportSpec
from lghrec_compute.training.device import resolve_device
from lghrec_compute.types import Ints

ROWS_AT_ONCE = 1_000_000
"""Number of rows of lists in memory, of about 100 bytes each with external ids."""


def ranked_users(source: Exported, spec: ExportSpec, context: RunContext) -> Iterator[tuple[int, Ranked]]:
    """Yield the lists of some users at a time, each time with the index of the first of them."""
    dataset = source.dataset
    keys = pair_keys(seen_parts(dataset, spec.mask), dataset.num_users, dataset.num_items)
    device = resolve_device(spec.device)
    users_UD, items_ID = source.users_UD.to(device), source.items_ID.to(device)
    at_once = max(1, ROWS_AT_ONCE // spec.top_k)

    for first in range(0, dataset.num_users, at_once):
        stop = min(first + at_once, dataset.num_users)

        def on_chunk(done: int, first: int = first) -> None:
            context.emit(Progress("rank", first + done, dataset.num_users))
            context.check_stop()

        seen = lists_of(keys, np.arange(first, stop), dataset.num_items)
        yield first, rank(users_UD[first:stop], items_ID, cutoff=spec.top_k, seen=seen, on_chunk=on_chunk)


def external_ids(ids: Sequence[str], index_E: Ints) -> pa.Array:
    """Return the external ids at these indices."""
    return pa.array(ids, pa.string()).take(pa.array(index_E))

"""Removal of orphans: worker processes of ended runs and folders of deleted runs."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress

import psutil

from lghrec_compute.layout import DataDir
from lghrec_compute.server.logs import log
from lghrec_compute.server.runs.process import worker_processes
from lghrec_compute.server.store import Database, deleted_ids, unfinished_ids


async def sweep(database: Database, data_dir: DataDir) -> None:
    """Kill the processes and remove the folders that no run needs any more, in this data directory only."""
    processes = await asyncio.to_thread(worker_processes)
    # Read after the list of processes, so that a run that starts meanwhile does not count as an orphan.
    alive = await database.read(unfinished_ids)
    for run_dir, found in processes.items():
        if run_dir.parent == data_dir.runs and run_dir.name not in alive:
            log.warning("killing orphaned processes", run_id=run_dir.name, pids=[p.pid for p in found])
            for process in found:
                with suppress(psutil.Error):
                    process.kill()
    folders = await asyncio.to_thread(lambda: [path.name for path in data_dir.runs.iterdir()])
    for run_id in set(folders) & await database.read(deleted_ids):
        await asyncio.to_thread(shutil.rmtree, data_dir.run(run_id).path, ignore_errors=True)

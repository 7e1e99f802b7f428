import { availableParallelism, totalmem } from "node:os";

// A test process that has loaded PyTorch and a server with its workers stay below this.
const GIB_PER_LANE = 2;

// In a container, the limit of the container counts.
const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);

/**
 * The number of one-threaded processes that run at the same time: one per core, and at most one per 2 GiB of memory.
 */
export const LANES = Math.max(
  1,
  Math.min(availableParallelism(), Math.floor(memory / 2 ** 30 / GIB_PER_LANE)),
);

/**
 * Runs tasks in the given order, each as soon as its number of lanes is free.
 *
 * @template T
 * @param {{ lanes: number }[]} tasks A task that needs more lanes than there are gets all of them.
 * @param {(task: any) => Promise<T>} run
 * @returns {Promise<T[]>} The results in the order in which the tasks ended.
 */
export async function runInLanes(tasks, run, lanes = LANES) {
  const queue = [...tasks];
  const running = new Set();
  const results = [];
  let free = lanes;
  const start = (task) => {
    const width = Math.min(task.lanes, lanes);
    free -= width;
    const done = run(task).then((result) => {
      free += width;
      running.delete(done);
      results.push(result);
    });
    running.add(done);
  };
  while (queue.length > 0 || running.size > 0) {
    const next = queue.findIndex((task) => Math.min(task.lanes, lanes) <= free);
    if (next >= 0) start(...queue.splice(next, 1));
    else await Promise.race(running);
  }
  return results;
}

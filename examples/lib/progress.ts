import type { RunKind, RunProgress, RunPromise, RunResult } from "lghrec";

const CELLS = 24;
/** Time between two lines if stderr is not a terminal. */
const QUIET_MS = 10_000;
/** Time between two redraws on a terminal. */
const REDRAW_MS = 100;

/** Waits for a run and shows its progress on stderr: one bar on a terminal, otherwise a line every 10 seconds. */
export async function follow<K extends RunKind, R extends RunResult<K>>(
  name: string,
  run: RunPromise<K, R>,
): Promise<R> {
  const live = process.stderr.isTTY;
  let phase = "";
  let shownAt = 0;
  const show = (progress: RunProgress) => {
    const now = performance.now();
    if (progress.phase === phase && now - shownAt < (live ? REDRAW_MS : QUIET_MS)) return;
    [phase, shownAt] = [progress.phase, now];
    const text = `${name}: ${describe(progress)}`;
    process.stderr.write(live ? `\r\u001b[K${text}` : `${text}\n`);
  };
  const started = performance.now();
  const stop = cancelOnInterrupt(run);
  try {
    const result = await run.wait({
      onEvent: (event) => {
        if (event.type === "progress") show(event);
      },
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const how = result.reusedFromRunId ? "reused" : `${seconds} s`;
    process.stderr.write(`${live ? "\r\u001b[K" : ""}${name}: ${how}\n`);
    return result;
  } finally {
    stop();
  }
}

// A run continues after its client has ended, but Ctrl-C here should stop the run too.
function cancelOnInterrupt(run: RunPromise): () => void {
  const cancel = () => {
    run.then((handle) => handle.cancel({ reason: "interrupted" })).catch(() => process.exit(130));
  };
  process.once("SIGINT", cancel);
  return () => process.off("SIGINT", cancel);
}

function describe({ phase, done, total, etaMs }: RunProgress): string {
  if (!total) return `${phase} ${done}`;
  const full = Math.round((CELLS * done) / total);
  const bar = `${"█".repeat(full)}${"░".repeat(CELLS - full)}`;
  const left = etaMs === undefined || done === total ? "" : `, ${Math.ceil(etaMs / 1000)} s left`;
  return `${phase.padEnd(9)} ${bar} ${done}/${total}${left}`;
}

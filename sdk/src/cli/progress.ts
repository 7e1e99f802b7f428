/** Shows on stderr how far a run is. */

import type { RunEvent, RunProgress } from "../index.js";

const QUIET_MS = 10_000;
const REDRAW_MS = 100;
const BAR_CELLS = 24;
const MIN_COLUMNS = 40;

/** What a progress line writes to: a terminal redraws one line, anything else gets whole lines. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export class ProgressLine {
  #phase = "";
  #metrics = new Map<string, number>();
  #shownAt = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(
    readonly stream: ProgressStream,
    readonly now: () => number = performance.now.bind(performance),
  ) {}

  update(event: RunEvent): void {
    if (event.type === "metric") this.#metrics.set(event.name, event.value);
    if (event.type === "state") this.#print(event.state);
    if (event.type === "warning") this.#print(`warning: ${event.message}`);
    if (event.type === "gap") this.#print(`warning: events ${event.from} to ${event.to} are lost`);
    if (event.type === "log" && (event.level === "error" || event.level === "warning"))
      this.#print(event.line);
    if (event.type === "progress") this.#progress(event);
    if (event.type === "finished") this.clear();
  }

  /** Takes the redrawn line away, so that other text does not run into it. */
  clear(): void {
    if (this.#drawn) this.stream.write("\r\u001b[K");
    this.#drawn = false;
  }

  #progress(progress: RunProgress): void {
    const changed = progress.phase !== this.#phase;
    const ended = progress.done === progress.total;
    const pause = this.stream.isTTY ? REDRAW_MS : QUIET_MS;
    if (!changed && !ended && this.now() - this.#shownAt < pause) return;
    this.#phase = progress.phase;
    this.#shownAt = this.now();
    const text = describe(progress, this.#metrics);
    if (!this.stream.isTTY) {
      this.stream.write(`${text}\n`);
      return;
    }
    const width = Math.max(MIN_COLUMNS, this.stream.columns || 80) - 1;
    this.stream.write(`\r\u001b[K${text.slice(0, width)}`);
    this.#drawn = true;
  }

  #print(text: string): void {
    this.clear();
    this.stream.write(`${text}\n`);
  }
}

function describe(progress: RunProgress, metrics: ReadonlyMap<string, number>): string {
  const { phase, done, total, etaMs } = progress;
  const parts = [phase.padEnd(10)];
  if (total === undefined) parts.push(String(done));
  else parts.push(bar(done / total), `${Math.floor((100 * done) / total)}%`.padStart(4), `${done}/${total}`);
  if (etaMs !== undefined && done !== total) parts.push(`${span(etaMs)} left`);
  for (const [name, value] of metrics) if (SHOWN.test(name)) parts.push(`${name} ${value.toPrecision(4)}`);
  return parts.join(" ");
}

// Of all metrics of training, the two that tell at a glance whether it learns.
const SHOWN = /^(loss\/total|valid\/ndcg@20)$/;

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  return `[${"#".repeat(full)}${"-".repeat(BAR_CELLS - full)}]`;
}

/** `42s`, `3m05s`, `2h10m`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
}

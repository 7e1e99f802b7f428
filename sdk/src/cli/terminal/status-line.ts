/** A line on stderr that shows progress. */

/** Time between two lines if the stream is not a terminal. */
const QUIET_MS = 10_000;
/** Time between two redraws on a terminal. */
const REDRAW_MS = 100;
const BAR_CELLS = 24;
const MIN_BAR_CELLS = 4;
const MIN_COLUMNS = 40;

/** The stream of a status line. On a terminal the line is redrawn, any other stream receives whole lines. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Returns stderr, or with `--quiet` a stream that discards everything. */
export function progressStream(quiet: boolean): ProgressStream {
  return quiet ? { write: () => undefined } : process.stderr;
}

/** A line that is redrawn in place on a terminal. */
export class StatusLine {
  #shownAt = Number.NEGATIVE_INFINITY;
  #drawn = false;
  #written = "";

  constructor(
    readonly stream: ProgressStream,
    readonly now: () => number,
  ) {}

  /** Draws the text that `compose` returns for the width of the line. Limits the rate of redraws unless `due` is true. */
  draw(compose: (width: number) => string, due: boolean): void {
    const pause = this.stream.isTTY ? REDRAW_MS : QUIET_MS;
    if (!due && this.now() - this.#shownAt < pause) return;
    this.#shownAt = this.now();
    if (!this.stream.isTTY) {
      const text = compose(Number.POSITIVE_INFINITY);
      if (text !== this.#written) this.stream.write(`${text}\n`);
      this.#written = text;
      return;
    }
    const width = Math.max(MIN_COLUMNS, this.stream.columns || 80) - 1;
    this.stream.write(`\r\u001b[K${compose(width).slice(0, width)}`);
    this.#drawn = true;
  }

  /** Writes a line that stays. */
  print(text: string): void {
    this.clear();
    this.stream.write(`${text}\n`);
  }

  /** Removes the redrawn line, so that other text starts on an empty line. */
  clear(): void {
    if (this.#drawn) this.stream.write("\r\u001b[K");
    this.#drawn = false;
  }
}

/** Returns `name`, a bar that fills the remaining width, and the facts. */
export function barLine(
  name: string,
  share: number,
  { facts, width }: { facts: readonly string[]; width: number },
): string {
  const start = name.padEnd(10);
  const end = [`${Math.floor(100 * share)}%`.padStart(4), ...facts].join(" ");
  const cells = Math.min(BAR_CELLS, width - start.length - end.length - 4);
  return cells < MIN_BAR_CELLS ? `${start} ${end}` : `${start} ${bar(share, cells)} ${end}`;
}

function bar(share: number, cells: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * cells);
  return `[${"#".repeat(full)}${"-".repeat(cells - full)}]`;
}

/** Formats a time: `42s`, `3m05s` or `2h10m`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
}

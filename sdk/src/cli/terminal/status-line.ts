/** One line on stderr that tells how far something is, and what such lines are made of. */

const QUIET_MS = 10_000;
const REDRAW_MS = 100;
const BAR_CELLS = 24;
const MIN_BAR_CELLS = 4;
const MIN_COLUMNS = 40;

/** What a status line writes to: a terminal redraws one line, anything else gets whole lines. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Where progress goes: stderr, or nowhere with `--quiet`. */
export function progressStream(quiet: boolean): ProgressStream {
  return quiet ? { write: () => undefined } : process.stderr;
}

export class StatusLine {
  #shownAt = Number.NEGATIVE_INFINITY;
  #drawn = false;
  #written = "";

  constructor(
    readonly stream: ProgressStream,
    readonly now: () => number,
  ) {}

  /** Shows what `compose` makes of the width there is, but not too often unless it is `due`. */
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

  /** A line that stays. */
  print(text: string): void {
    this.clear();
    this.stream.write(`${text}\n`);
  }

  /** Takes the redrawn line away, so that other text does not run into it. */
  clear(): void {
    if (this.#drawn) this.stream.write("\r\u001b[K");
    this.#drawn = false;
  }
}

/** `name`, a bar that takes what room the facts leave, and the facts. */
export function barLine(
  name: string,
  share: number,
  { facts, width }: { facts: readonly string[]; width: number },
): string {
  const head = name.padEnd(10);
  const tail = [`${Math.floor(100 * share)}%`.padStart(4), ...facts].join(" ");
  const cells = Math.min(BAR_CELLS, width - head.length - tail.length - 4);
  return cells < MIN_BAR_CELLS ? `${head} ${tail}` : `${head} ${bar(share, cells)} ${tail}`;
}

function bar(share: number, cells: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * cells);
  return `[${"#".repeat(full)}${"-".repeat(cells - full)}]`;
}

/** `42s`, `3m05s`, `2h10m`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
}

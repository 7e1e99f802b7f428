/** Shows the progress of an upload or a download on stderr. */

import { barLine, type ProgressStream, StatusLine, span } from "./status-line.js";

/** `done` and `total` are bytes. */
interface Transfer {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

export class TransferLine {
  readonly #line: StatusLine;
  readonly #now: () => number;
  #phase = "";
  /** Time and bytes of the first update of the phase. Bytes of an earlier transfer do not count for the rate. */
  #first = { at: 0, done: 0 };

  constructor(stream: ProgressStream, now: () => number = performance.now.bind(performance)) {
    this.#line = new StatusLine(stream, now);
    this.#now = now;
  }

  update(transfer: Transfer): void {
    const changed = transfer.phase !== this.#phase;
    if (changed) {
      this.#phase = transfer.phase;
      this.#first = { at: this.#now(), done: transfer.done };
    }
    const ended = transfer.done === transfer.total;
    this.#line.draw((width) => this.#describe(transfer, width), changed || ended);
  }

  print(text: string): void {
    this.#line.print(text);
  }

  clear(): void {
    this.#line.clear();
  }

  #describe({ phase, done, total }: Transfer, width: number): string {
    const perMs = (done - this.#first.done) / (this.#now() - this.#first.at);
    const facts = [`${amount(done, total)}/${bytes(total)}`];
    if (perMs > 0 && Number.isFinite(perMs)) {
      facts.push(`${(perMs / 1000).toFixed(1)} MB/s`);
      if (done < total) facts.push(`${span((total - done) / perMs)} left`);
    }
    return barLine(phase, total > 0 ? done / total : 1, { facts, width });
  }
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Formats a size in units of 1000: `0 B` or `1.5 MB`. */
export function bytes(size: number): string {
  return `${amount(size, size)} ${UNITS[unitOf(size)]}`;
}

/** Returns `size` as a number in the unit of `total`. */
function amount(size: number, total: number): string {
  const unit = unitOf(total);
  return (size / 1000 ** unit).toFixed(unit === 0 ? 0 : 1);
}

function unitOf(size: number): number {
  return Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
}

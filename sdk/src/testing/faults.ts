/** What can be made to go wrong, and when. */

import { sleep } from "../abort.js";
import { type FakeStatus, statusError } from "./status.js";

export interface Fault {
  /** Name of the call in the contract, for example `WatchRun`; left out means every call. */
  readonly method?: string;
  /** How many calls it hits; 1. */
  readonly times?: number;
  /** For streams: let this many messages through first; 0. */
  readonly afterMessages?: number;
  /** Wait before going on, in milliseconds. */
  readonly delayMs?: number;
  /** Do the work, but lose the answer: with `drop` or `error`, the call has taken effect. */
  readonly afterEffect?: boolean;
  readonly error?: FakeStatus;
  /** Break the connection. */
  readonly drop?: boolean;
  /** Answer nothing any more, but keep the connection. */
  readonly silent?: boolean;
}

/** Faults that wait for their call. */
export class Faults {
  readonly #waiting: (Fault & { left: number })[] = [];
  readonly #drop: () => void;

  /** `drop` breaks every connection, where there are any. */
  constructor(drop: () => void) {
    this.#drop = drop;
  }

  add(fault: Fault): void {
    this.#waiting.push({ ...fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** The fault that hits this call, if there is one. */
  take(method: string): Fault | undefined {
    const fault = this.#waiting.find((f) => f.left > 0 && (f.method === undefined || f.method === method));
    if (fault !== undefined) fault.left--;
    return fault;
  }

  async strike(fault: Fault, signal: AbortSignal): Promise<void> {
    if (fault.delayMs !== undefined) await sleep(fault.delayMs, signal);
    if (fault.error !== undefined) throw statusError(fault.error);
    if (fault.drop) {
      this.#drop();
      throw statusError({ status: "unavailable", message: "connection dropped", bare: true });
    }
    if (fault.silent) await sleep(2 ** 31 - 1, signal);
  }
}

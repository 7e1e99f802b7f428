/** Faults that a test injects into a fake server. */

import { sleep } from "../rpc/abort.js";
import type { Fault } from "./fake.js";
import { statusError } from "./status.js";

/** The faults that have not been used yet. */
export class Faults {
  readonly #waiting: (Fault & { left: number })[] = [];
  readonly #drop: () => void;

  /** @param drop Breaks every connection. */
  constructor(drop: () => void) {
    this.#drop = drop;
  }

  add(fault: Fault): void {
    this.#waiting.push({ ...fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** Returns the fault for this call, if there is one. */
  take(method: string): Fault | undefined {
    const fault = this.#waiting.find((f) => f.left > 0 && (f.method === undefined || f.method === method));
    if (fault !== undefined) fault.left--;
    return fault;
  }

  /** Executes a fault: waits, throws, breaks connections or stays silent. */
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

/** Waiting that an abort signal can end. Everything here removes its listeners and timers. */

import { setMaxListeners } from "node:events";

/** Resolves after `ms`. Rejects with `signal.reason` as soon as the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return untilAborted(slept, signal).finally(() => clearTimeout(timer));
}

/** Settles like `promise`, but rejects with `signal.reason` as soon as the signal aborts. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
    promise.catch(() => {}); // otherwise a late rejection would be reported as unhandled
  }
}

/** An abort controller that also aborts with its parents. Call `dispose` at the end. */
export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #cleanups: (() => void)[] = [];

  constructor(...parents: (AbortSignal | undefined)[]) {
    for (const parent of parents) if (parent !== undefined) this.#follow(parent);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /** Aborts after `ms`, with the value that `reason` returns. */
  after(ms: number, reason: () => unknown): this {
    // setTimeout fires at once for more than 2^31 - 1 ms, which is 24 days
    const timer = setTimeout(() => this.abort(reason()), Math.min(ms, 2 ** 31 - 1));
    this.#cleanups.push(() => clearTimeout(timer));
    return this;
  }

  dispose(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
  }

  #follow(parent: AbortSignal): void {
    const onAbort = () => this.abort(parent.reason);
    if (parent.aborted) onAbort();
    else parent.addEventListener("abort", onAbort, { once: true });
    setMaxListeners(0, parent); // one signal for many calls is no leak, but Node warns from the eleventh listener on
    this.#cleanups.push(() => parent.removeEventListener("abort", onAbort));
  }
}

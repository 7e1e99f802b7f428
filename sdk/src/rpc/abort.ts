/** Waiting that can be broken off. Everything here takes its listeners and timers away again. */

import { setMaxListeners } from "node:events";

/** Resolves after `ms`; rejects with `signal.reason` as soon as the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return untilAborted(slept, signal).finally(() => clearTimeout(timer));
}

/** As `promise`, but rejects with `signal.reason` as soon as the signal aborts, whatever the promise does. */
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
    promise.catch(() => {}); // whoever lost the race must not become an unhandled rejection
  }
}

/** A controller that also aborts with its parents and after `timeoutMs`. Call `dispose` when done. */
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

  /** Aborts with what `reason` makes once `ms` are over. */
  after(ms: number, reason: () => unknown): this {
    // setTimeout fires at once beyond 2^31 - 1 ms, which is 24 days
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
    setMaxListeners(0, parent); // one signal for fifty calls is no leak, and Node would warn of one at eleven
    this.#cleanups.push(() => parent.removeEventListener("abort", onAbort));
  }
}

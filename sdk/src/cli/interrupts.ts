/** Handles Ctrl-C and SIGTERM: the first signal calls a function, the second ends the waiting at once. */

import { EXIT } from "./exit-codes.js";

type Signal = "SIGINT" | "SIGTERM";

/** The error of a wait that a signal has ended. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly code = "interrupted";

  constructor(readonly signal: Signal) {
    super(`interrupted by ${signal}`);
  }
}

/** Listens to the two signals until it is disposed. */
export class Interrupts implements Disposable {
  readonly #leave = new AbortController();
  readonly #onFirst: (signal: Signal) => void;
  #first: Signal | undefined;

  /** @param onFirst Called for the first signal. It must not throw. */
  constructor(onFirst: (signal: Signal) => void) {
    this.#onFirst = onFirst;
    process.on("SIGINT", this.#handle).on("SIGTERM", this.#handle);
  }

  /** Aborted by the second signal, or by `leave()`. */
  get signal(): AbortSignal {
    return this.#leave.signal;
  }

  /** 130 or 143 after a signal, else undefined. */
  get exitCode(): number | undefined {
    return this.#first && EXIT[this.#first];
  }

  /** Aborts `signal`, so that the waiting ends. */
  leave(): void {
    this.#leave.abort(new Interrupted(this.#first ?? "SIGINT"));
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#handle).off("SIGTERM", this.#handle);
  }

  readonly #handle = (signal: NodeJS.Signals): void => {
    if (this.#first !== undefined) {
      this.leave();
      return;
    }
    this.#first = signal as Signal;
    this.#onFirst(this.#first);
  };
}

/** Settles like `promise`, but rejects with `signal.reason` as soon as the signal aborts. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

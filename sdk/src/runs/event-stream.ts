/**
 * One resumable stream of events for a run: replay after a sequence number, each number once, a broken
 * connection opened again, a silent one too.
 */

import type { RunEvent, RunEventType, RunInfo, RunKind } from "../api/run.js";
import type { EventOptions, EventStream } from "../api/run-handle.js";
import { toDate } from "../convert/base.js";
import { toEventBody } from "../convert/run.js";
import { ConnectionError, LghrecError, TimeoutError } from "../errors.js";
import { RunService, type WatchRunResponse } from "../gen/lghrec/v1/run_pb.js";
import { LinkedAbort, sleep, untilAborted } from "../rpc/abort.js";
import type { CallState } from "../rpc/interceptors/context.js";
import { backoffMs, isRetryable } from "../rpc/interceptors/retry.js";
import type { Rpc } from "../rpc/rpc.js";
import { positive } from "../rpc/settings.js";
import { retryAfterMs } from "../rpc/wire-errors.js";

/** What a stream needs of its run. */
export interface Watched {
  readonly id: string;
  readonly run: CallState["run"];
  info(options: { signal: AbortSignal }): Promise<RunInfo>;
}

/** Sends nothing before the first `next()`; `watched` is asked for once, then. */
export function openEventStream<K extends RunKind>(
  rpc: Rpc,
  watched: () => Promise<Watched>,
  options: EventOptions = {},
): EventStream<K> {
  return new ResumableStream(rpc, watched, options) as unknown as EventStream<K>;
}

const LEFT = Symbol("the consumer left");

class ResumableStream implements EventStream {
  lastSequence = 0;
  readonly #rpc: Rpc;
  readonly #watched: () => Promise<Watched>;
  readonly #options: EventOptions;
  readonly #linked: LinkedAbort;
  readonly #events: AsyncGenerator<RunEvent, undefined, void>;
  #failures = 0;
  #lastAlive: number | undefined;

  constructor(rpc: Rpc, watched: () => Promise<Watched>, options: EventOptions) {
    this.#rpc = rpc;
    this.#watched = watched;
    this.#options = options;
    this.#linked = new LinkedAbort(options.signal);
    this.#events = this.#run();
  }

  next(): Promise<IteratorResult<RunEvent>> {
    return this.#events.next();
  }

  return(): Promise<IteratorResult<RunEvent>> {
    this.#linked.abort(LEFT); // also wakes a next() that still waits
    this.#linked.dispose(); // the generator's own finally does not run if it never started
    return this.#events.return(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async *#run(): AsyncGenerator<RunEvent, undefined, void> {
    try {
      const watched = await this.#start();
      for (;;) {
        try {
          for await (const event of this.#attempt(watched)) {
            if (this.#wanted(event.type)) yield event;
            if (event.type === "finished") return;
          }
          if (await this.#hasEnded(watched)) return;
          throw new ConnectionError("reset", "the stream ended before the run did", watched.run);
        } catch (error) {
          await this.#recover(error);
        }
      }
    } catch (error) {
      if (error !== LEFT) throw error;
    } finally {
      this.#linked.dispose();
    }
  }

  async #start(): Promise<Watched> {
    const { after = "start", timeoutMs } = this.#options;
    const { signal } = this.#linked;
    signal.throwIfAborted();
    const watched = await untilAborted(this.#watched(), signal);
    if (timeoutMs !== undefined) {
      const error = () =>
        new TimeoutError(`run ${watched.id} goes on after ${timeoutMs} ms`, { timeoutMs, ...watched.run });
      this.#linked.after(positive("timeoutMs", timeoutMs), error);
    }
    if (after === "now") this.lastSequence = (await watched.info({ signal })).headSeq;
    else this.lastSequence = after === "start" ? 0 : after;
    return watched;
  }

  /** Events of one connection; numbers seen before are dropped, numbers left out become a `gap`. */
  async *#attempt(watched: Watched): AsyncGenerator<RunEvent, void, void> {
    for await (const { message } of this.#guarded(watched)) {
      this.#failures = 0;
      this.#lastAlive = Date.now();
      if (message.case !== "event") continue;
      const seq = Number(message.value.seq);
      if (seq <= this.lastSequence) continue;
      const time = toDate(message.value.eventTime);
      if (seq > this.lastSequence + 1) {
        yield { seq: seq - 1, time, type: "gap", from: this.lastSequence + 1, to: seq - 1 };
      }
      this.lastSequence = seq;
      const body = toEventBody(message.value);
      if (body !== undefined) yield { seq, time, ...body };
    }
  }

  /** Raises a reset when neither event nor heartbeat comes for `streamIdleMs`. */
  async *#guarded({ id, run }: Watched): AsyncGenerator<WatchRunResponse, void, void> {
    const { streamIdleMs } = this.#rpc.settings;
    const attempt = new LinkedAbort(this.#linked.signal);
    const silent = () =>
      new ConnectionError("reset", `no sign of life from the server for ${streamIdleMs} ms`, run);
    let waiting = true;
    const timer = setInterval(() => waiting && attempt.abort(silent()), streamIdleMs);
    try {
      const request = { runId: id, afterSeq: BigInt(this.lastSequence) };
      for await (const message of this.#rpc.stream(RunService.method.watchRun, request, {
        signal: attempt.signal,
        run,
      })) {
        waiting = false; // a slow consumer is no silent server
        yield message;
        waiting = true;
        timer.refresh();
      }
    } finally {
      clearInterval(timer);
      attempt.dispose();
    }
  }

  /** Waits until it is worth another try, or throws. */
  async #recover(error: unknown): Promise<void> {
    this.#linked.signal.throwIfAborted();
    if (!LghrecError.is(error) || !this.#worthwhile(error)) throw error;
    this.#failures++;
    const { retry, logger } = this.#rpc.settings;
    const waitMs = retryAfterMs(error) ?? backoffMs(this.#failures, retry);
    logger.warn?.("watching again", {
      runId: error.runId,
      waitMs,
      after: this.lastSequence,
      error: error.message,
    });
    await sleep(waitMs, this.#linked.signal);
  }

  #worthwhile(error: LghrecError): boolean {
    const { retry, reconnectMs } = this.#rpc.settings;
    if (this.#lastAlive === undefined) return isRetryable(error) && this.#failures + 1 < retry.maxAttempts;
    // What was once a server that answers and now is not, most likely restarts: any broken connection may heal.
    const broken = error instanceof ConnectionError && error.kind !== "closed";
    return (broken || isRetryable(error)) && Date.now() - this.#lastAlive < reconnectMs;
  }

  /** A stream may end without an event when the cursor is at the end of a run that is over. */
  async #hasEnded(watched: Watched): Promise<boolean> {
    const { state, headSeq } = await watched.info({ signal: this.#linked.signal });
    const ended = state === "succeeded" || state === "failed" || state === "cancelled";
    return ended && headSeq <= this.lastSequence;
  }

  #wanted(type: RunEventType): boolean {
    return this.#options.types === undefined || this.#options.types.includes(type);
  }
}

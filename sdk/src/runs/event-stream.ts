/**
 * The event stream of a run. It replays events after a sequence number, yields each number once, and reconnects if the
 * connection breaks or if nothing arrives.
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

/** What a stream requires of its run. */
export interface WatchedRun {
  readonly id: string;
  readonly run: CallState["run"];
  info(options: { signal: AbortSignal }): Promise<RunInfo>;
}

/** Opens a stream. It sends nothing before the first `next()`, which calls `watched` once. */
export function openEventStream<K extends RunKind>(
  rpc: Rpc,
  watched: () => Promise<WatchedRun>,
  options: EventOptions = {},
): EventStream<K> {
  return new ResumableStream<K>(rpc, watched, options);
}

const LEFT = Symbol("the consumer left the loop");

class ResumableStream<K extends RunKind> implements EventStream<K> {
  lastSequence = 0;
  readonly #rpc: Rpc;
  readonly #watched: () => Promise<WatchedRun>;
  readonly #options: EventOptions;
  readonly #linked: LinkedAbort;
  readonly #events: AsyncGenerator<RunEvent<K>, undefined, void>;
  #failures = 0;
  #lastMessage: number | undefined;

  constructor(rpc: Rpc, watched: () => Promise<WatchedRun>, options: EventOptions) {
    this.#rpc = rpc;
    this.#watched = watched;
    this.#options = options;
    this.#linked = new LinkedAbort(options.signal);
    this.#events = this.#run();
  }

  next(): Promise<IteratorResult<RunEvent<K>>> {
    return this.#events.next();
  }

  return(): Promise<IteratorResult<RunEvent<K>>> {
    this.#linked.abort(LEFT); // also ends a next() that is still waiting
    this.#linked.dispose(); // the generator's own `finally` does not run if it has not started
    return this.#events.return(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async *#run(): AsyncGenerator<RunEvent<K>, undefined, void> {
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

  async #start(): Promise<WatchedRun> {
    const { after = "start", timeoutMs } = this.#options;
    const { signal } = this.#linked;
    signal.throwIfAborted();
    const watched = await untilAborted(this.#watched(), signal);
    if (timeoutMs !== undefined) {
      const error = () =>
        new TimeoutError(`run ${watched.id} continues after ${timeoutMs} ms`, { timeoutMs, ...watched.run });
      this.#linked.after(positive("timeoutMs", timeoutMs), error);
    }
    if (after === "now") this.lastSequence = (await watched.info({ signal })).headSeq;
    else this.lastSequence = after === "start" ? 0 : after;
    return watched;
  }

  /** Yields the events of one connection. Drops numbers that came before, and yields a `gap` for missing numbers. */
  async *#attempt(watched: WatchedRun): AsyncGenerator<RunEvent<K>, void, void> {
    for await (const { message } of this.#guarded(watched)) {
      this.#failures = 0;
      this.#lastMessage = Date.now();
      if (message.case !== "event") continue;
      const seq = Number(message.value.seq);
      if (seq <= this.lastSequence) continue;
      const time = toDate(message.value.eventTime);
      if (seq > this.lastSequence + 1) {
        yield { seq: seq - 1, time, type: "gap", from: this.lastSequence + 1, to: seq - 1 };
      }
      this.lastSequence = seq;
      const body = toEventBody(message.value);
      // The result of a `finished` event has the kind of the run, which the compiler cannot see.
      if (body !== undefined) yield { seq, time, ...body } as RunEvent<K>;
    }
  }

  /** Yields the messages of one connection. Throws `ConnectionError` if none arrives for `streamIdleMs`. */
  async *#guarded({ id, run }: WatchedRun): AsyncGenerator<WatchRunResponse, void, void> {
    const { streamIdleMs } = this.#rpc.settings;
    const attempt = new LinkedAbort(this.#linked.signal);
    const idle = () =>
      new ConnectionError("reset", `neither an event nor a heartbeat for ${streamIdleMs} ms`, run);
    let waiting = true;
    const timer = setInterval(() => waiting && attempt.abort(idle()), streamIdleMs);
    try {
      const request = { runId: id, afterSeq: BigInt(this.lastSequence) };
      for await (const message of this.#rpc.stream(RunService.method.watchRun, request, {
        signal: attempt.signal,
        run,
      })) {
        waiting = false; // a slow consumer does not mean that the server is silent
        yield message;
        waiting = true;
        timer.refresh();
      }
    } finally {
      clearInterval(timer);
      attempt.dispose();
    }
  }

  /** Waits before the next attempt, or throws if another attempt cannot help. */
  async #recover(error: unknown): Promise<void> {
    this.#linked.signal.throwIfAborted();
    if (!LghrecError.is(error) || !this.#mayReconnect(error)) throw error;
    this.#failures++;
    const { retry, logger } = this.#rpc.settings;
    const waitMs = retryAfterMs(error) ?? backoffMs(this.#failures, retry);
    logger.warn?.("reconnecting to the events", {
      runId: error.runId,
      waitMs,
      after: this.lastSequence,
      error: error.message,
    });
    await sleep(waitMs, this.#linked.signal);
  }

  #mayReconnect(error: LghrecError): boolean {
    const { retry, reconnectMs } = this.#rpc.settings;
    if (this.#lastMessage === undefined) return isRetryable(error) && this.#failures + 1 < retry.maxAttempts;
    // A server that has answered before is probably restarting, so any broken connection can recover.
    const broken = error instanceof ConnectionError && error.kind !== "closed";
    return (broken || isRetryable(error)) && Date.now() - this.#lastMessage < reconnectMs;
  }

  /** Returns true if the run has ended and the stream has yielded its last event. */
  async #hasEnded(watched: WatchedRun): Promise<boolean> {
    const { state, headSeq } = await watched.info({ signal: this.#linked.signal });
    const ended = state === "succeeded" || state === "failed" || state === "cancelled";
    return ended && headSeq <= this.lastSequence;
  }

  #wanted(type: RunEventType): boolean {
    return this.#options.types === undefined || this.#options.types.includes(type);
  }
}

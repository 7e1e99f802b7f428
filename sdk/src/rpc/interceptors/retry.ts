/** Retries calls that may succeed later, if a repetition has no further effect. */

import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ConnectionError, type LghrecError, TimeoutError, UnavailableError } from "../../errors.js";
import { sleep } from "../abort.js";
import type { Settings } from "../settings.js";
import { retryAfterMs } from "../wire-errors.js";
import { type CallState, callState } from "./context.js";

type Request = Parameters<ReturnType<Interceptor>>[0];

/**
 * Retries after UNAVAILABLE, after an attempt that took longer than `attemptTimeoutMs`, and after every error for which
 * the server sent `retry_after`. Retries only reads, and calls with a request id.
 *
 * @param onAttemptTimeout Called after an attempt that took too long, since the connection itself may hang.
 */
export function retry(
  settings: Settings,
  toError: (thrown: unknown, state: CallState) => LghrecError,
  onAttemptTimeout: () => void,
): Interceptor {
  return (next) => async (request) => {
    if (request.stream) return next(request);
    const state = request.contextValues.get(callState);
    state.attemptTimeoutMs = settings.attemptTimeoutMs;
    for (;;) {
      state.attempts++;
      try {
        return await next(request);
      } catch (thrown) {
        request.signal.throwIfAborted();
        if (isDeadline(thrown)) onAttemptTimeout();
        const error = toError(thrown, state);
        if (!mayRepeat(request) || !mayRetry(error, state, settings)) throw error;
        state.lastError = error;
        await pause(error, request, settings);
      }
    }
  };
}

/**
 * Returns a random wait in milliseconds (full jitter), so that clients that failed at the same time do not retry at the
 * same time.
 */
export function backoffMs(attempt: number, { baseMs, maxMs }: Settings["retry"]): number {
  return Math.random() * Math.min(maxMs, baseMs * 2 ** attempt);
}

/** Returns true if the same call may succeed later, according to its error. */
export function isRetryable(error: LghrecError): boolean {
  if (error instanceof ConnectionError || error instanceof UnavailableError) return error.retryable;
  return error instanceof TimeoutError || retryAfterMs(error) !== undefined;
}

function mayRetry(error: LghrecError, state: CallState, settings: Settings): boolean {
  // While the machine of the server starts, its name may not be known yet.
  if (state.patient) return isRetryable(error) || (error instanceof ConnectionError && error.kind === "dns");
  return isRetryable(error) && state.attempts < settings.retry.maxAttempts;
}

async function pause(error: LghrecError, request: Request, settings: Settings): Promise<void> {
  const { attempts } = request.contextValues.get(callState);
  const waitMs = retryAfterMs(error) ?? backoffMs(attempts, settings.retry);
  settings.logger.debug?.("retrying", { method: request.method.name, waitMs, error: error.message });
  await sleep(waitMs, request.signal);
}

function mayRepeat(request: Request): boolean {
  if (request.method.idempotency !== Level.IDEMPOTENCY_UNKNOWN) return true;
  return Boolean((request.message as { requestId?: string }).requestId);
}

function isDeadline(thrown: unknown): boolean {
  return thrown instanceof ConnectError && thrown.code === Code.DeadlineExceeded;
}

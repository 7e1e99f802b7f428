/** Limits a whole call: the connection, every attempt and every wait between attempts. */

import type { Interceptor } from "@connectrpc/connect";
import { TimeoutError } from "../../errors.js";
import { LinkedAbort, untilAborted } from "../abort.js";
import { type CallState, callState } from "./context.js";

/** Rejects with `TimeoutError` after the `timeoutMs` of the call. */
export const deadline: Interceptor = (next) => async (request) => {
  const state = request.contextValues.get(callState);
  const { timeoutMs } = state;
  if (timeoutMs === undefined) return next(request);
  const linked = new LinkedAbort(request.signal).after(timeoutMs, () => overdue(request.method.name, state));
  try {
    return await untilAborted(next({ ...request, signal: linked.signal }), linked.signal);
  } finally {
    linked.dispose();
  }
};

function overdue(
  method: string,
  { timeoutMs, attempts, requestId, run, lastError }: CallState,
): TimeoutError {
  const last = lastError === undefined ? "" : `; last attempt: ${lastError.message}`;
  const message = `no answer to ${method} within ${timeoutMs} ms, attempts: ${attempts}${last}`;
  return new TimeoutError(message, { timeoutMs, attempts, requestId, ...run, cause: lastError });
}

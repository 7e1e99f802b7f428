/** The limit of a whole call: connecting, every try and every wait between tries. */

import type { Interceptor } from "@connectrpc/connect";
import { TimeoutError } from "../../errors.js";
import { LinkedAbort, untilAborted } from "../abort.js";
import { type CallState, callState } from "./context.js";

/** Raises `TimeoutError` after `timeoutMs`. */
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
  const last = lastError === undefined ? "" : `; last try: ${lastError.message}`;
  const message = `no answer to ${method} within ${timeoutMs} ms, tries: ${attempts}${last}`;
  return new TimeoutError(message, { timeoutMs, attempts, requestId, ...run, cause: lastError });
}

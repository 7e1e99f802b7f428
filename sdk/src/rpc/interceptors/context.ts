/** State of one call, which all interceptors share. */

import { type ContextKey, createContextKey } from "@connectrpc/connect";
import type { ErrorOptions } from "../../errors.js";

export interface CallState {
  /** Limit of the whole call, in milliseconds. Undefined for streams, which have limits of their own. */
  readonly timeoutMs: number | undefined;
  /** Continue to retry while the server does not answer, without a limit on the number of attempts. */
  readonly patient: boolean;
  /** The run that the call is about, for errors. */
  readonly run: Pick<ErrorOptions, "runId" | "attachHint">;
  /** Number of attempts so far. The retry interceptor counts them. */
  attempts: number;
  /** Set by the request id interceptor. */
  requestId: string | undefined;
  /** Limit of the current attempt, in milliseconds. Set by the retry interceptor. */
  attemptTimeoutMs: number | undefined;
  /** Error of the previous attempt. */
  lastError: Error | undefined;
}

export function newCallState(given: Pick<CallState, "timeoutMs" | "patient" | "run">): CallState {
  return { ...given, attempts: 0, requestId: undefined, attemptTimeoutMs: undefined, lastError: undefined };
}

export const callState: ContextKey<CallState> = createContextKey<CallState>(
  newCallState({ timeoutMs: undefined, patient: false, run: {} }),
  { description: "lghrec call" },
);

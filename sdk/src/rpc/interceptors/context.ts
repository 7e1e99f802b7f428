/** What travels with a call from layer to layer. */

import { type ContextKey, createContextKey } from "@connectrpc/connect";
import type { ErrorOptions } from "../../errors.js";

export interface CallState {
  /** Limit of the whole call in milliseconds; undefined for streams, which limit themselves. */
  readonly timeoutMs: number | undefined;
  /** Go on trying while the server is away, instead of keeping to the client's number of tries. */
  readonly patient: boolean;
  /** The run the call is about, for errors. */
  readonly run: Pick<ErrorOptions, "runId" | "attachHint">;
  /** Tries made; the retry layer counts. */
  attempts: number;
  /** Set by the request id layer. */
  requestId: string | undefined;
  /** Limit of the try going on, in milliseconds; set by the retry layer. */
  attemptTimeoutMs: number | undefined;
  /** What ended the try before. */
  lastError: Error | undefined;
}

export function newCallState(given: Pick<CallState, "timeoutMs" | "patient" | "run">): CallState {
  return { ...given, attempts: 0, requestId: undefined, attemptTimeoutMs: undefined, lastError: undefined };
}

export const callState: ContextKey<CallState> = createContextKey<CallState>(
  newCallState({ timeoutMs: undefined, patient: false, run: {} }),
  { description: "lghrec call" },
);

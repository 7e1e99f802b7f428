/** What a test says to a fake server and hears from it: plain data, for both kinds of fake. */

import type { Violation } from "../errors.js";
import type { RunEventBody, RunKind, RunOutcome } from "../run-types.js";
import type { ArtifactKind, ArtifactRef } from "../specs/common.js";

export interface FakeOptions {
  /** What runs do; left out, each succeeds at once with a result that makes sense. */
  readonly script?: Script;
  /** Time between heartbeats on a quiet stream, in milliseconds; 15,000. */
  readonly heartbeatMs?: number;
  readonly apiRevision?: number;
}

/** A call that came in. */
export interface FakeCall {
  /** For example `StartTrain`. */
  readonly method: string;
  readonly requestId: string;
  readonly headers: ReadonlyMap<string, string>;
  /** For a stream, whether the client left it before its end. */
  cancelled: boolean;
  /** When the client left, by `performance.now()`. */
  cancelledAt?: number;
}

/** Events, then an outcome; `hold` leaves the run going until it is finished by hand. */
export interface Plan {
  readonly events?: readonly SentEvent[];
  /** Time from one event to the next, in milliseconds; 0 plays all before the submit is answered. */
  readonly intervalMs?: number;
  readonly outcome?: RunOutcome | "hold";
}

/** Asked once for each run. */
export type Script = (kind: RunKind) => Plan;

/** `gap` has no form on the wire. */
export type SentEvent = Exclude<RunEventBody, { type: "gap" }>;

export interface Fault {
  /** Name of the call in the contract, for example `WatchRun`; left out means every call. */
  readonly method?: string;
  /** How many calls it hits; 1. */
  readonly times?: number;
  /** For streams: let this many messages through first; 0. */
  readonly afterMessages?: number;
  /** Wait before going on, in milliseconds. */
  readonly delayMs?: number;
  /** Do the work, but lose the answer: with `drop` or `error`, the call has taken effect. */
  readonly afterEffect?: boolean;
  readonly error?: FakeStatus;
  /** Break the connection. */
  readonly drop?: boolean;
  /** Answer nothing any more, but keep the connection. */
  readonly silent?: boolean;
}

/** A status of gRPC, by its name in lower case. */
export type StatusName =
  | "invalid_argument"
  | "not_found"
  | "already_exists"
  | "permission_denied"
  | "unauthenticated"
  | "resource_exhausted"
  | "failed_precondition"
  | "out_of_range"
  | "unimplemented"
  | "internal"
  | "unavailable"
  | "deadline_exceeded";

export interface FakeStatus {
  readonly status: StatusName;
  readonly message?: string;
  /** For example `RUN_UNKNOWN`. */
  readonly reason?: string;
  readonly retryAfterMs?: number;
  readonly violations?: readonly Violation[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** Leave the typed detail out, as a proxy between client and server would; false. */
  readonly bare?: boolean;
}

/** What a test can do to a fake server, and ask it. */
export interface FakeControl {
  /** Every call that came in, oldest first. */
  readonly calls: readonly FakeCall[];
  readonly runIds: readonly string[];
  /** Makes the next fitting call go wrong. */
  inject(fault: Fault): void;
  /** Takes back faults that have not struck. */
  clearFaults(): void;
  emit(runId: string, event: SentEvent): void;
  finish(runId: string, outcome: RunOutcome): void;
  /** Takes events out of a run's log, as a server that is not well would. */
  loseEvents(runId: string, from: number, to: number): void;
  addArtifact<K extends ArtifactKind>(
    kind: K,
    files: Readonly<Record<string, Uint8Array | string>>,
  ): ArtifactRef<K>;
  /** Serves other bytes than the artifact's hashes say. */
  corruptArtifact(id: string, path: string, bytes: Uint8Array): void;
}

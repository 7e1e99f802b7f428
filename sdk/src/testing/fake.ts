/** What a test says to a fake server and hears from it: plain data, for both kinds of fake. */

import type { DatasetRef } from "../api/datasets.js";
import type { ScoredItem } from "../api/recommend.js";
import type { RunEventBody, RunKind, RunOutcome } from "../api/run.js";
import type { ItemCard, ProviderStatus } from "../api/semantic-ids.js";
import type { Violation } from "../errors.js";
import type { ArtifactKind, ArtifactRef } from "../specs/common.js";

export interface FakeOptions {
  /** What runs do; left out, each succeeds at once with a result that makes sense. */
  readonly script?: Script;
  /** Time between heartbeats on a quiet stream, in milliseconds; 15,000. */
  readonly heartbeatMs?: number;
  readonly apiRevision?: number;
  /** What `serverInfo()` says; 1. Runs of a fake do not wait for each other. */
  readonly maxConcurrentRuns?: number;
  /** What `providers()` lists; left out, `extractive` and `raw_text`. */
  readonly providers?: readonly ProviderStatus[];
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
  /** Of `UploadFile`: where in which file the sending began, and the bytes that came. */
  upload?: { readonly path: string; readonly offset: number; bytes: number };
}

/** Events, then an outcome; `hold` leaves the run going until it is finished by hand. */
export interface Plan {
  readonly events?: readonly SentEvent[];
  /** Time from one event to the next, in milliseconds; 0 plays all before the submit is answered. */
  readonly intervalMs?: number;
  readonly outcome?: RunOutcome | "hold";
}

/** Asked once for each run; `stage` is `all` but for the two that `client.semanticIds` starts. */
export type Script = (kind: RunKind, stage: "all" | "estimate" | "preview") => Plan;

/** `gap` has no form on the wire. */
export type SentEvent = Exclude<RunEventBody, { type: "gap" }>;

export interface Fault {
  /** Name of the call in the contract, for example `WatchRun`; left out means every call. */
  readonly method?: string;
  /** How many calls it hits; 1. */
  readonly times?: number;
  /** For streams from the server: let this many messages through first; 0. */
  readonly afterMessages?: number;
  /** For `UploadFile`: take this many bytes of the stream first, and keep them; 0. */
  readonly afterBytes?: number;
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
  | "data_loss"
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

/** An item that the user has seen is only listed when it is asked for. */
export type FakeItem = ScoredItem & { readonly seen?: boolean };

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
  /** As if it had been uploaded. */
  addDataset(name: string, files: Readonly<Record<string, Uint8Array | string>>): DatasetRef;
  /** What the server holds of an uploaded file, whole or not; undefined if nothing. */
  uploadedBytes(datasetId: string, path: string): Uint8Array | undefined;
  /** Answers `card` for this item of an artifact. */
  addItemCard(artifactId: string, card: ItemCard): void;
  /** Lists these items for a user of a model, best first. */
  addRecommendations(modelId: string, user: string, items: readonly FakeItem[]): void;
  /** Lists these items as similar to an item of a model, nearest first. */
  addSimilarItems(modelId: string, item: string, items: readonly ScoredItem[]): void;
}

export interface WireOptions extends FakeOptions {
  /** PEM texts; left out, the server speaks plaintext. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
}

export interface WireFake extends AsyncDisposable {
  readonly endpoint: string;
  readonly control: FakeControl;
  /** Breaks every connection; new ones are taken. */
  dropConnections(): void;
  /** While on, connections stay open and carry nothing. */
  blackHole(on: boolean): void;
  close(): Promise<void>;
}

/** Types by which a test controls and observes a fake server. Both fakes use them. */

import type { DatasetRef } from "../api/datasets.js";
import type { ScoredItem } from "../api/recommend.js";
import type { RunEventBody, RunKind, RunOutcome } from "../api/run.js";
import type { ItemCard, ProviderStatus } from "../api/semantic-ids.js";
import type { Violation } from "../errors.js";
import type { ArtifactKind, ArtifactRef } from "../specs/common.js";

/** Options of a fake server. */
export interface FakeOptions {
  /** What runs do. By default each run succeeds at once with a plausible result. */
  readonly script?: Script;
  /** Time between heartbeats of a stream without events, in milliseconds. The default is 15,000. */
  readonly heartbeatMs?: number;
  /** Revision of the contract that `serverInfo()` returns. The default is 1. */
  readonly apiRevision?: number;
  /** Number that `serverInfo()` returns. The default is 1. Runs of a fake do not wait for each other. */
  readonly maxConcurrentRuns?: number;
  /** What `providers()` returns. The default is `extractive` and `raw_text`. */
  readonly providers?: readonly ProviderStatus[];
}

/** A call that the fake received. */
export interface FakeCall {
  /** Name of the method, for example `StartTrain`. */
  readonly method: string;
  readonly requestId: string;
  readonly headers: ReadonlyMap<string, string>;
  /** True if the client left a stream before its end. */
  cancelled: boolean;
  /** For `UploadFile`: the file, the offset at which the client began, and the number of bytes received. */
  upload?: { readonly path: string; readonly offset: number; bytes: number };
}

/** The course of one run: events, then an outcome. */
export interface Plan {
  readonly events?: readonly SentEvent[];
  /** Time between two events, in milliseconds. The default 0 plays all before the start call is answered. */
  readonly intervalMs?: number;
  /** `hold` leaves the run active until `control.finish` is called. */
  readonly outcome?: RunOutcome | "hold";
}

/** Called once for each run. `stage` is `all` except for runs that `client.semanticIds` starts. */
export type Script = (kind: RunKind, stage: "all" | "estimate" | "preview") => Plan;

/** An event that a server can send. A `gap` exists only in the client. */
export type SentEvent = Exclude<RunEventBody, { type: "gap" }>;

/** A failure of one or more calls. */
export interface Fault {
  /** Name of the method in the contract, for example `WatchRun`. The default is every method. */
  readonly method?: string;
  /** Number of calls that fail. The default is 1. */
  readonly times?: number;
  /** For streams from the server: number of messages before the failure. The default is 0. */
  readonly afterMessages?: number;
  /** For `UploadFile`: number of bytes that are received and kept before the failure. The default is 0. */
  readonly afterBytes?: number;
  /** Delay of the call, in milliseconds. */
  readonly delayMs?: number;
  /** Execute the call and lose its answer. Use it with `drop` or `error`. */
  readonly afterEffect?: boolean;
  /** Answer with this error. */
  readonly error?: FakeStatus;
  /** Break the connection. */
  readonly drop?: boolean;
  /** Send nothing further, but keep the connection open. */
  readonly silent?: boolean;
}

/** Name of a gRPC status in lower case. */
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

/** An error as a server sends it. */
export interface FakeStatus {
  readonly status: StatusName;
  readonly message?: string;
  /** Machine-readable reason, for example `RUN_UNKNOWN`. */
  readonly reason?: string;
  readonly retryAfterMs?: number;
  readonly violations?: readonly Violation[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** Send the error without its typed detail, like a proxy. The default is false. */
  readonly bare?: boolean;
}

/** A recommended item. If `seen` is true, the item is listed only with `includeSeen`. */
export type FakeItem = ScoredItem & { readonly seen?: boolean };

/** The functions by which a test controls and observes a fake server. */
export interface FakeControl {
  /** All received calls, oldest first. */
  readonly calls: readonly FakeCall[];
  /** Ids of the existing runs, oldest first. */
  readonly runIds: readonly string[];
  /** Adds a fault for the next matching calls. */
  inject(fault: Fault): void;
  /** Removes faults that have not been used. */
  clearFaults(): void;
  /** Appends an event to a run. */
  emit(runId: string, event: SentEvent): void;
  /** Ends a run. */
  finish(runId: string, outcome: RunOutcome): void;
  /** Removes events from the log of a run, like a faulty server. */
  loseEvents(runId: string, from: number, to: number): void;
  /** Stores an artifact with these files. */
  addArtifact<K extends ArtifactKind>(
    kind: K,
    files: Readonly<Record<string, Uint8Array | string>>,
  ): ArtifactRef<K>;
  /** Replaces the bytes of a file of an artifact but not its hash. */
  corruptArtifact(id: string, path: string, bytes: Uint8Array): void;
  /** Stores a data set as if it had been uploaded. */
  addDataset(name: string, files: Readonly<Record<string, Uint8Array | string>>): DatasetRef;
  /** Returns the received bytes of an uploaded file, which may be incomplete. Undefined if there are none. */
  uploadedBytes(datasetId: string, path: string): Uint8Array | undefined;
  /** Adds the card of an item of an artifact. */
  addItemCard(artifactId: string, card: ItemCard): void;
  /** Sets the recommended items for a user of a model, best first. */
  addRecommendations(modelId: string, user: string, items: readonly FakeItem[]): void;
  /** Sets the similar items of an item of a model, nearest first. */
  addSimilarItems(modelId: string, item: string, items: readonly ScoredItem[]): void;
}

/** Options of {@link startWireFake}. */
export interface WireOptions extends FakeOptions {
  /** Certificates as PEM text. The default is a server without TLS. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
}

/** A fake server that listens on a port. */
export interface WireFake extends AsyncDisposable {
  /** Endpoint for `createClient`. */
  readonly endpoint: string;
  readonly control: FakeControl;
  /** Breaks every connection. New connections are accepted. */
  dropConnections(): void;
  /** While `on` is true, connections stay open but transfer nothing. */
  blackHole(on: boolean): void;
  close(): Promise<void>;
}

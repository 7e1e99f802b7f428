/** What a test can do to a fake server, and ask it. */

import type { RunOutcome } from "../run-types.js";
import type { ArtifactKind, ArtifactRef } from "../specs/common.js";
import type { FakeBackend, FakeCall } from "./backend.js";
import type { Fault } from "./faults.js";
import type { SentEvent } from "./messages.js";

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

export function controlOf(backend: FakeBackend): FakeControl {
  return {
    calls: backend.calls,
    get runIds() {
      return backend.runs.ids;
    },
    inject: (fault) => backend.faults.add(fault),
    clearFaults: () => backend.faults.clear(),
    emit: (runId, event) => backend.runs.get(runId).emit(event),
    finish: (runId, outcome) => backend.runs.get(runId).finish(outcome),
    loseEvents: (runId, from, to) => backend.runs.get(runId).lose(from, to),
    addArtifact: (kind, files) => backend.artifacts.add(kind, files),
    corruptArtifact: (id, path, bytes) => backend.artifacts.corrupt(id, path, bytes),
  };
}

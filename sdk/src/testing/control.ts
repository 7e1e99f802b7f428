/** The functions by which a test controls a fake server. */

import { toDataset } from "../services/datasets.js";
import type { FakeBackend } from "./backend.js";
import type { FakeControl } from "./fake.js";

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
    addDataset: (name, files) => toDataset(backend.datasets.add(name, files)),
    uploadedBytes: (datasetId, path) => backend.datasets.bytes(datasetId, path),
    addItemCard: (artifactId, card) => backend.cards.add(artifactId, card),
    addRecommendations: (modelId, user, items) => backend.recommendations.addUser(modelId, user, items),
    addSimilarItems: (modelId, item, items) => backend.recommendations.addSimilar(modelId, item, items),
    corruptArtifact: (id, path, bytes) => backend.artifacts.corrupt(id, path, bytes),
  };
}

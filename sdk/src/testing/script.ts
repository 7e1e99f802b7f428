/** What the runs of a fake server do. */

import type { RunKind, RunResult } from "../run-types.js";
import type { FakeArtifacts } from "./artifacts.js";
import type { Script } from "./fake.js";
import type { FakeRun } from "./runs.js";

export function play(
  run: FakeRun,
  kind: RunKind,
  artifacts: FakeArtifacts,
  script: Script | undefined,
): void {
  const plan = script?.(kind) ?? {};
  const {
    events = [],
    intervalMs = 0,
    outcome = { state: "succeeded", result: resultOf(kind, artifacts) },
  } = plan;
  run.state("starting");
  run.state("running");
  const steps = [
    ...events.map((event) => () => run.emit(event)),
    ...(outcome === "hold" ? [] : [() => run.finish(outcome)]),
  ];
  if (intervalMs === 0) {
    for (const step of steps) step();
    return;
  }
  const timer = setInterval(() => {
    const step = run.ended ? undefined : steps.shift();
    if (step === undefined) clearInterval(timer);
    else step();
  }, intervalMs);
  timer.unref(); // a run nobody waits for must not keep a test process alive
}

function resultOf(kind: RunKind, artifacts: FakeArtifacts): RunResult {
  switch (kind) {
    case "preprocess":
      return {
        kind,
        dataset: artifacts.add("dataset", { "train.parquet": "fake interactions" }),
        semanticIds: artifacts.add("semantic_ids", { "vectors.safetensors": "fake vectors" }),
        statistics: {
          numUsers: 943,
          numItems: 1349,
          numInteractions: 99287,
          numTrain: 79619,
          numValid: 9834,
          numTest: 9834,
          numRowsRead: 100000,
          numDuplicates: 0,
          splitSha256: "0".repeat(64),
        },
      };
    case "train": {
      const model = artifacts.add("model", { "embeddings.safetensors": "fake embeddings" });
      const figures = { bestEpoch: 1, epochsRun: 2, metrics: { "ndcg@20": 0.25 }, trainSeconds: 0.5 };
      return { kind, model, ...figures, device: "cpu", threads: 1 };
    }
    case "evaluate": {
      const report = artifacts.add("evaluation", { "metrics.json": "{}" });
      return { kind, report, metrics: { "recall@20": 0.25, "ndcg@20": 0.125 }, numUsers: 943, numSkipped: 0 };
    }
    case "export":
      return { kind, export: artifacts.add("export", { "users.safetensors": "fake users" }) };
  }
}

/** What the runs of a fake server do. */

import {
  type PreprocessSpec as PreprocessMessage,
  SemanticStage,
} from "../gen/lghrec/v1/preprocess_spec_pb.js";
import type { EstimateResult, PreviewResult } from "../preprocess-result.js";
import type { CompareRow, RunKind, RunResult } from "../run-types.js";
import type { FakeArtifacts } from "./artifacts.js";
import type { Script } from "./fake.js";
import type { FakeRun } from "./runs.js";

const QUALITY = {
  numItems: 1349,
  valid: 1,
  repaired: 0,
  fallback: 0,
  groundedExact: 1,
  groundedFuzzy: 0,
  duplicate: 0,
  meanCosine: 0.25,
  effectiveRank: 64,
  numTruncated: 0,
};

const ESTIMATE: EstimateResult = {
  kind: "preprocess",
  estimate: {
    numItems: 1349,
    numCalls: 1300,
    numCached: 49,
    inputTokens: 400_000,
    inputTokensExact: true,
    outputTokens: 0,
    seconds: 600,
    cost: 0.25,
    notes: ["retries are not counted"],
  },
};

const PREVIEW: PreviewResult = {
  kind: "preprocess",
  estimate: { ...ESTIMATE.estimate, outputTokens: 250_000 },
  preview: [
    {
      item: "50",
      text: "title: Star Wars (1977)",
      cot: 'The user who likes "Star Wars" likes space.',
      keywords: ["space", "war"],
      status: "ok",
      grounded: true,
    },
  ],
  quality: { ...QUALITY, numItems: 1 },
};

const ROWS: readonly CompareRow[] = [
  { name: "full", metric: "ndcg@20", mean: 0.25, std: 0.002, numUsers: 943, numSeeds: 2 },
  {
    name: "base",
    metric: "ndcg@20",
    mean: 0.24,
    std: 0.001,
    difference: -0.01,
    relativeDifference: -0.04,
    intervalLow: -0.015,
    intervalHigh: -0.005,
    pT: 0.001,
    pWilcoxon: 0.002,
    pPermutation: 0.0001,
    pHolm: 0.0002,
    pSeeds: 0.03,
    numUsers: 943,
    numSeeds: 2,
  },
];

interface Work {
  readonly kind: RunKind;
  readonly stage: Stage;
}

type Stage = Parameters<Script>[1];

/** How far a run of this spec goes. */
export function stageOf(spec: unknown): Stage {
  const { semantic } = (spec ?? {}) as Partial<PreprocessMessage>;
  if (semantic?.stage === SemanticStage.ESTIMATE) return "estimate";
  return semantic?.stage === SemanticStage.PREVIEW ? "preview" : "all";
}

export function play(
  run: FakeRun,
  { kind, stage }: Work,
  artifacts: FakeArtifacts,
  script: Script | undefined,
): void {
  const plan = script?.(kind, stage) ?? {};
  const {
    events = [],
    intervalMs = 0,
    outcome = { state: "succeeded", result: resultOf({ kind, stage }, artifacts) },
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

function resultOf({ kind, stage }: Work, artifacts: FakeArtifacts): RunResult {
  switch (kind) {
    case "preprocess":
      if (stage === "estimate") return ESTIMATE;
      if (stage === "preview") return PREVIEW;
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
          numColdUsers: 0,
          numColdItems: 3,
          filters: [{ name: "k_core", numInteractions: 99287 }],
          splitSha256: "0".repeat(64),
        },
        quality: QUALITY,
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
    case "compare":
      return { kind, report: artifacts.add("comparison", { "comparison.json": "{}" }), rows: ROWS };
    case "report":
      return { kind, report: artifacts.add("report", { "report.html": "<!doctype html>" }) };
    case "export":
      return { kind, export: artifacts.add("export", { "users.safetensors": "fake users" }) };
  }
}

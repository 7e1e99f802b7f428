/** The course of runs of a fake server. */

import type { EstimateResult, PreviewResult } from "../api/preprocess.js";
import type { CompareRow, RunKind, RunResult } from "../api/run.js";
import type { CompareSpec as CompareMessage } from "../gen/lghrec/v1/compare_spec_pb.js";
import {
  type PreprocessSpec as PreprocessMessage,
  SemanticStage,
} from "../gen/lghrec/v1/preprocess_spec_pb.js";
import type { ArtifactKind } from "../specs/common.js";
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

const STATISTICS = {
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
};

const P_VALUES = { pT: 0.001, pWilcoxon: 0.002, pPermutation: 0.0001, pHolm: 0.0002, pSeeds: 0.03 };

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
      reasoning: 'The user who likes "Star Wars" likes space.',
      keywords: ["space", "war"],
      status: "ok",
      grounded: true,
    },
  ],
  quality: { ...QUALITY, numItems: 1 },
};

interface Work {
  readonly kind: RunKind;
  readonly stage: Stage;
  readonly spec: unknown;
}

type Stage = Parameters<Script>[1];

/** Returns the stage after which a run with this spec ends. */
export function stageOf(spec: unknown): Stage {
  const { semantic } = (spec ?? {}) as Partial<PreprocessMessage>;
  if (semantic?.stage === SemanticStage.ESTIMATE) return "estimate";
  return semantic?.stage === SemanticStage.PREVIEW ? "preview" : "all";
}

/** Plays the events and the outcome of a run. */
export function play(run: FakeRun, work: Work, artifacts: FakeArtifacts, script: Script | undefined): void {
  const plan = script?.(work.kind, work.stage) ?? {};
  const {
    events = [],
    intervalMs = 0,
    outcome = { state: "succeeded", result: resultOf(run, work, artifacts) },
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
  timer.unref(); // a run that no test waits for must not keep the process alive
}

function resultOf(run: FakeRun, { kind, stage, spec }: Work, artifacts: FakeArtifacts): RunResult {
  // The content depends on the spec, so that different specs create different artifacts.
  const add = <K extends ArtifactKind>(artifactKind: K, file: string) =>
    artifacts.add(artifactKind, { [file]: `fake ${run.message.specDigest}` }, run.id);
  switch (kind) {
    case "preprocess":
      if (stage === "estimate") return ESTIMATE;
      if (stage === "preview") return PREVIEW;
      return {
        kind,
        dataset: add("dataset", "train.parquet"),
        semanticIds: add("semantic_ids", "vectors.safetensors"),
        statistics: STATISTICS,
        quality: QUALITY,
      };
    case "train": {
      const figures = { bestEpoch: 1, epochsRun: 2, metrics: { "ndcg@20": 0.25 }, trainSeconds: 0.5 };
      return { kind, model: add("model", "embeddings.safetensors"), ...figures, device: "cpu", threads: 1 };
    }
    case "evaluate": {
      const report = add("evaluation", "metrics.json");
      return { kind, report, metrics: { "recall@20": 0.25, "ndcg@20": 0.125 }, numUsers: 943, numSkipped: 0 };
    }
    case "compare": {
      const rows = rowsOf(spec as CompareMessage);
      const tables = { "comparison.md": "| fake |\n", "comparison.tex": "% fake\n" };
      const report = artifacts.add(
        "comparison",
        { ...tables, "comparison.json": JSON.stringify(rows) },
        run.id,
      );
      return { kind, report, rows };
    }
    case "report":
      return { kind, report: add("report", "report.html") };
    case "export":
      return { kind, export: add("export", "users.safetensors") };
  }
}

/** Returns rows in which each entry is 0.01 worse than the entry before it. */
function rowsOf({ entries, baseline, metrics }: CompareMessage): CompareRow[] {
  const base = Math.max(
    0,
    entries.findIndex(({ name }) => name === baseline),
  );
  const meanOf = (index: number) => (25 - index) / 100;
  return entries.flatMap(({ name, reports }, index) => {
    const mean = meanOf(index);
    const difference = mean - meanOf(base);
    const relativeDifference = difference / meanOf(base);
    const interval = { intervalLow: difference - 0.005, intervalHigh: difference + 0.005 };
    const tested = index === base ? {} : { difference, relativeDifference, ...interval, ...P_VALUES };
    const counts = { numUsers: 943, numSeeds: reports.length };
    const spread = reports.length > 1 ? { std: 0.002 } : {};
    const names = metrics.length > 0 ? metrics : ["recall@20", "ndcg@20"];
    return names.map((metric) => ({ name, metric, mean, ...spread, ...tested, ...counts }));
  });
}

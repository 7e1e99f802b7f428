import { describe, expectTypeOf, it } from "vitest";
import type {
  ArtifactRef,
  BackboneSpec,
  DatasetRef,
  EstimateResult,
  EvaluateResult,
  EvaluateSpec,
  ExportSpec,
  LghrecClient,
  PredictionsSpec,
  PreprocessResult,
  PreprocessSpec,
  PreviewResult,
  Run,
  RunEvent,
  RunInfo,
  RunKind,
  RunOutcome,
  RunPromise,
  RunResult,
  SemanticSpec,
  SourceSpec,
  TrainResult,
  TrainSpec,
} from "../../../sdk/src/index.js";

describe("types of specs", () => {
  it("reject impossible specs", () => {
    expectTypeOf<{ name: "lightccf"; layers: 2 }>().toExtend<BackboneSpec>();
    expectTypeOf<{ name: "lightccff" }>().not.toExtend<BackboneSpec>();
    expectTypeOf<{ builtin: "movielens-100k"; path: "b" }>().not.toExtend<PreprocessSpec["source"]>();
    expectTypeOf<{ path: "b"; generator: { size: "mind-size" } }>().not.toExtend<SourceSpec>();
    expectTypeOf<{ builtin: "movielens-100k"; format: "jsonl" }>().not.toExtend<SourceSpec>();
    expectTypeOf<{ upload: "id"; format: "jsonl"; columns: { user: "u" } }>().toExtend<SourceSpec>();
    expectTypeOf<{ upload: DatasetRef }>().toExtend<SourceSpec>();
    expectTypeOf<{ upload: ArtifactRef<"dataset"> }>().not.toExtend<SourceSpec>();
    expectTypeOf<object>().not.toExtend<SourceSpec>();
    expectTypeOf<ArtifactRef<"model">>().not.toExtend<TrainSpec["dataset"]>();
    expectTypeOf<ArtifactRef<"dataset">>().toExtend<TrainSpec["dataset"]>();
    expectTypeOf<undefined>().toExtend<TrainSpec["semanticIds"]>();
    expectTypeOf<{ model: string; predictions: PredictionsSpec }>().not.toExtend<EvaluateSpec>();
    expectTypeOf<{ predictions: PredictionsSpec; metrics: ["ndcg"] }>().toExtend<EvaluateSpec>();
    expectTypeOf<{ run: Run<"train">; format: "npz" }>().toExtend<ExportSpec>();
    expectTypeOf<{ run: RunInfo<"train">; format: "npz" }>().toExtend<ExportSpec>();
    expectTypeOf<{ run: string; model: string; format: "npz" }>().not.toExtend<ExportSpec>();
    expectTypeOf<"stage">().not.toExtend<keyof SemanticSpec>();
    expectTypeOf<"fulll">().not.toExtend<TrainSpec["variant"]>();
  });
});

describe("types of runs", () => {
  it("have the result of each kind", () => {
    expectTypeOf<LghrecClient["train"]>().returns.toEqualTypeOf<RunPromise<"train">>();
    expectTypeOf<Awaited<ReturnType<LghrecClient["train"]>>>().toEqualTypeOf<Run<"train">>();
    expectTypeOf<Awaited<ReturnType<Run<"train">["wait"]>>>().toEqualTypeOf<TrainResult>();
    expectTypeOf<Awaited<ReturnType<RunPromise<"evaluate">["wait"]>>>().toEqualTypeOf<EvaluateResult>();
  });

  it("distinguish the stages of a preprocess run", () => {
    expectTypeOf<LghrecClient["preprocess"]>().returns.resolves.toEqualTypeOf<
      Run<"preprocess", PreprocessResult>
    >();
    type Ids = LghrecClient["semanticIds"];
    expectTypeOf<ReturnType<ReturnType<Ids["estimate"]>["wait"]>>().resolves.toEqualTypeOf<EstimateResult>();
    expectTypeOf<ReturnType<ReturnType<Ids["preview"]>["wait"]>>().resolves.toEqualTypeOf<PreviewResult>();
    expectTypeOf<PreprocessResult["dataset"]>().toExtend<TrainSpec["dataset"]>();
    // a run from attach can have any of the three results, which its fields distinguish
    const result = null as unknown as RunResult<"preprocess">;
    if (result?.dataset) expectTypeOf(result).toEqualTypeOf<PreprocessResult>();
    expectTypeOf<Run<"preprocess", EstimateResult>>().toExtend<Run<"preprocess">>();
    expectTypeOf<RunPromise<"preprocess", EstimateResult>>().toExtend<RunPromise>();
    expectTypeOf<Parameters<Ids["estimate"]>[0]["semantic"]>().toEqualTypeOf<SemanticSpec>();
  });

  it("distinguish results by their kind", () => {
    expectTypeOf<Extract<RunResult, { kind: "train" }>>().toEqualTypeOf<TrainResult>();
    expectTypeOf<RunResult["kind"]>().toEqualTypeOf<RunKind>();
    expectTypeOf<
      Extract<RunOutcome<"train">, { state: "succeeded" }>["result"]
    >().toEqualTypeOf<TrainResult>();
  });

  it("distinguish events by their type", () => {
    type Metric = Extract<RunEvent, { type: "metric" }>;
    expectTypeOf<Pick<Metric, "name" | "value" | "step" | "seq" | "time">>().toEqualTypeOf<{
      readonly name: string;
      readonly value: number;
      readonly step: number;
      readonly seq: number;
      readonly time: Date;
    }>();
  });

  it("attach with a kind or without", () => {
    const attach = null as unknown as LghrecClient["runs"]["attach"];
    expectTypeOf<ReturnType<typeof attach<"export">>>().toEqualTypeOf<Run<"export">>();
    expectTypeOf<ReturnType<typeof attach>>().toEqualTypeOf<Run<RunKind>>();
  });
});

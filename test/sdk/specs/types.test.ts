import { describe, expectTypeOf, it } from "vitest";
import type { Backbone } from "../../../sdk/src/gen/lghrec/v1/backbone_pb.js";
import type {
  CompareEntry as CompareEntryMessage,
  CompareSpec as CompareMessage,
} from "../../../sdk/src/gen/lghrec/v1/compare_spec_pb.js";
import type {
  PredictionColumns as ColumnsMessage,
  EvaluateSpec as EvaluateMessage,
  PredictionsSpec as PredictionsMessage,
} from "../../../sdk/src/gen/lghrec/v1/evaluate_spec_pb.js";
import type { ExportSpec as ExportMessage } from "../../../sdk/src/gen/lghrec/v1/export_spec_pb.js";
import type { Policy } from "../../../sdk/src/gen/lghrec/v1/policy_pb.js";
import type {
  ColumnsSpec as DatasetColumnsMessage,
  FilesSpec as FilesMessage,
  FilterSpec as FilterMessage,
  GenerationSpec as GenerationMessage,
  GeneratorSpec as GeneratorMessage,
  PreprocessSpec as PreprocessMessage,
  SemanticSpec as SemanticMessage,
  SourceSpec as SourceMessage,
  SplitSpec as SplitMessage,
} from "../../../sdk/src/gen/lghrec/v1/preprocess_spec_pb.js";
import type {
  ReportEntry as ReportEntryMessage,
  ReportSpec as ReportMessage,
  ReportSweep as ReportSweepMessage,
} from "../../../sdk/src/gen/lghrec/v1/report_spec_pb.js";
import type {
  EarlyStopSpec as EarlyStopMessage,
  FusionSpec as FusionMessage,
  OptimizerSpec as OptimizerMessage,
  TrainSpec as TrainMessage,
} from "../../../sdk/src/gen/lghrec/v1/train_spec_pb.js";
import type {
  ArtifactRef,
  BackboneSpec,
  ColumnsSpec,
  CompareEntry,
  CompareSpec,
  DatasetRef,
  EarlyStopSpec,
  EstimateResult,
  EvaluateResult,
  EvaluateSpec,
  ExportSpec,
  FilesSpec,
  FilterSpec,
  FusionSpec,
  GenerationSpec,
  GeneratorSpec,
  LghrecClient,
  OptimizerSpec,
  PolicySpec,
  PredictionColumns,
  PredictionsSpec,
  PreprocessResult,
  PreprocessSpec,
  PreviewResult,
  ReportEntry,
  ReportSpec,
  ReportSweep,
  Run,
  RunEvent,
  RunInfo,
  RunKind,
  RunOutcome,
  RunPromise,
  RunResult,
  SemanticSpec,
  SourceSpec,
  SplitSpec,
  TrainResult,
  TrainSpec,
} from "../../../sdk/src/index.js";

type Fields<M> = Exclude<keyof M, "$typeName" | "$unknown">;

/** Names of the cases of a oneof. */
type Cases<T> = T extends { case: infer C } ? Exclude<C, undefined> : never;

/** Options of the case `Name` in a spec, and in the message. */
type SpecOptions<S, Name> = Exclude<keyof Extract<S, { name: Name }>, "name">;
type MessageOptions<O, Name> = Fields<Extract<O, { case: Name }> extends { value: infer V } ? V : never>;

describe("types of specs", () => {
  it("have a field for every field of the contract, and no other", () => {
    expectTypeOf<keyof PreprocessSpec>().toEqualTypeOf<Fields<PreprocessMessage>>();
    expectTypeOf<keyof FilterSpec>().toEqualTypeOf<Fields<FilterMessage>>();
    expectTypeOf<keyof SplitSpec>().toEqualTypeOf<Fields<SplitMessage>>();
    expectTypeOf<keyof SourceSpec>().toEqualTypeOf<Fields<SourceMessage>>();
    expectTypeOf<keyof ColumnsSpec>().toEqualTypeOf<Fields<DatasetColumnsMessage>>();
    expectTypeOf<keyof FilesSpec>().toEqualTypeOf<Fields<FilesMessage>>();
    expectTypeOf<keyof GeneratorSpec>().toEqualTypeOf<Fields<GeneratorMessage>>();
    // the stage is said by the verb
    expectTypeOf<keyof SemanticSpec>().toEqualTypeOf<Exclude<Fields<SemanticMessage>, "stage">>();
    expectTypeOf<keyof GenerationSpec>().toEqualTypeOf<Fields<GenerationMessage>>();
    expectTypeOf<keyof TrainSpec>().toEqualTypeOf<Fields<TrainMessage>>();
    expectTypeOf<keyof FusionSpec>().toEqualTypeOf<Fields<FusionMessage>>();
    expectTypeOf<keyof OptimizerSpec>().toEqualTypeOf<Fields<OptimizerMessage>>();
    expectTypeOf<keyof EarlyStopSpec>().toEqualTypeOf<Fields<EarlyStopMessage>>();
    expectTypeOf<keyof EvaluateSpec>().toEqualTypeOf<Fields<EvaluateMessage>>();
    expectTypeOf<keyof PredictionsSpec>().toEqualTypeOf<Fields<PredictionsMessage>>();
    expectTypeOf<keyof PredictionColumns>().toEqualTypeOf<Fields<ColumnsMessage>>();
    expectTypeOf<keyof ExportSpec>().toEqualTypeOf<Fields<ExportMessage>>();
    expectTypeOf<keyof CompareSpec>().toEqualTypeOf<Fields<CompareMessage>>();
    expectTypeOf<keyof CompareEntry>().toEqualTypeOf<Fields<CompareEntryMessage>>();
    expectTypeOf<keyof ReportSpec>().toEqualTypeOf<Fields<ReportMessage>>();
    expectTypeOf<keyof ReportEntry>().toEqualTypeOf<Fields<ReportEntryMessage>>();
    expectTypeOf<keyof ReportSweep>().toEqualTypeOf<Fields<ReportSweepMessage>>();
  });

  it("have a name for every backbone and policy", () => {
    expectTypeOf<BackboneSpec["name"]>().toEqualTypeOf<Cases<Backbone["backbone"]>>();
    expectTypeOf<PolicySpec["name"]>().toEqualTypeOf<Cases<Policy["policy"]>>();
  });

  it("have every option of every backbone and policy", () => {
    type Missing<S extends { name: string }, O> = {
      [N in S["name"]]: Exclude<
        SpecOptions<S, N> | MessageOptions<O, N>,
        SpecOptions<S, N> & MessageOptions<O, N>
      >;
    }[S["name"]];
    expectTypeOf<Missing<BackboneSpec, Backbone["backbone"]>>().toEqualTypeOf<never>();
    expectTypeOf<Missing<PolicySpec, Policy["policy"]>>().toEqualTypeOf<never>();
  });

  it("refuse what cannot be meant", () => {
    expectTypeOf<{ name: "lightccf"; layers: 2 }>().toExtend<BackboneSpec>();
    expectTypeOf<{ name: "lightccff" }>().not.toExtend<BackboneSpec>();
    expectTypeOf<{ builtin: "a"; path: "b" }>().not.toExtend<PreprocessSpec["source"]>();
    expectTypeOf<{ path: "b"; generator: { size: "mind-size" } }>().not.toExtend<SourceSpec>();
    expectTypeOf<{ builtin: "a"; format: "jsonl" }>().not.toExtend<SourceSpec>();
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
    expectTypeOf<"fulll">().not.toExtend<TrainSpec["variant"]>();
  });
});

describe("types of runs", () => {
  it("know the result of each verb", () => {
    expectTypeOf<LghrecClient["train"]>().returns.toEqualTypeOf<RunPromise<"train">>();
    expectTypeOf<Awaited<ReturnType<LghrecClient["train"]>>>().toEqualTypeOf<Run<"train">>();
    expectTypeOf<Awaited<ReturnType<Run<"train">["wait"]>>>().toEqualTypeOf<TrainResult>();
    expectTypeOf<Awaited<ReturnType<RunPromise<"evaluate">["wait"]>>>().toEqualTypeOf<EvaluateResult>();
  });

  it("know how far a preprocess run went", () => {
    expectTypeOf<LghrecClient["preprocess"]>().returns.resolves.toEqualTypeOf<
      Run<"preprocess", PreprocessResult>
    >();
    type Ids = LghrecClient["semanticIds"];
    expectTypeOf<ReturnType<ReturnType<Ids["estimate"]>["wait"]>>().resolves.toEqualTypeOf<EstimateResult>();
    expectTypeOf<ReturnType<ReturnType<Ids["preview"]>["wait"]>>().resolves.toEqualTypeOf<PreviewResult>();
    expectTypeOf<PreprocessResult["dataset"]>().toExtend<TrainSpec["dataset"]>();
    // a run that was attached to may be any of the three, and says which
    const result = null as unknown as RunResult<"preprocess">;
    if (result?.dataset) expectTypeOf(result).toEqualTypeOf<PreprocessResult>();
    expectTypeOf<Run<"preprocess", EstimateResult>>().toExtend<Run<"preprocess">>();
    expectTypeOf<RunPromise<"preprocess", EstimateResult>>().toExtend<RunPromise>();
    expectTypeOf<Parameters<Ids["estimate"]>[0]["semantic"]>().toEqualTypeOf<SemanticSpec>();
  });

  it("tell results apart by their kind", () => {
    expectTypeOf<Extract<RunResult, { kind: "train" }>>().toEqualTypeOf<TrainResult>();
    expectTypeOf<RunResult["kind"]>().toEqualTypeOf<RunKind>();
    expectTypeOf<
      Extract<RunOutcome<"train">, { state: "succeeded" }>["result"]
    >().toEqualTypeOf<TrainResult>();
  });

  it("tell events apart by their type", () => {
    type Metric = Extract<RunEvent, { type: "metric" }>;
    expectTypeOf<Pick<Metric, "name" | "value" | "step" | "seq" | "time">>().toEqualTypeOf<{
      readonly name: string;
      readonly value: number;
      readonly step: number;
      readonly seq: number;
      readonly time: Date;
    }>();
  });

  it("attach with a kind, or to any", () => {
    const attach = null as unknown as LghrecClient["runs"]["attach"];
    expectTypeOf<ReturnType<typeof attach<"export">>>().toEqualTypeOf<Run<"export">>();
    expectTypeOf<ReturnType<typeof attach>>().toEqualTypeOf<Run<RunKind>>();
  });
});

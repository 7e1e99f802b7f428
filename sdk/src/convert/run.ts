/** Converts messages of the contract to the public types of runs, events and artifacts. */

import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { ArtifactInfo } from "../api/artifacts.js";
import type {
  CompareRow,
  FailureKind,
  LogLevel,
  RunEventBody,
  RunFailure,
  RunInfo,
  RunKind,
  RunOutcome,
  RunProgress,
  RunResult,
  RunSpec,
  RunState,
} from "../api/run.js";
import type { Artifact } from "../gen/lghrec/v1/artifact_pb.js";
import { CompareSpecSchema } from "../gen/lghrec/v1/compare_spec_pb.js";
import { EvaluateSpecSchema } from "../gen/lghrec/v1/evaluate_spec_pb.js";
import { ExportSpecSchema } from "../gen/lghrec/v1/export_spec_pb.js";
import { PreprocessSpecSchema } from "../gen/lghrec/v1/preprocess_spec_pb.js";
import { ReportSpecSchema } from "../gen/lghrec/v1/report_spec_pb.js";
import type { Failure, Progress, RunEvent as RunEventMessage } from "../gen/lghrec/v1/run_event_pb.js";
import {
  FailureKindSchema,
  LogLevelSchema,
  RunState as RunStateCode,
  RunStateSchema,
} from "../gen/lghrec/v1/run_event_pb.js";
import type { Run as RunMessage } from "../gen/lghrec/v1/run_pb.js";
import { RunKindSchema } from "../gen/lghrec/v1/run_pb.js";
import type {
  CompareRow as CompareRowMessage,
  RunResult as RunResultMessage,
} from "../gen/lghrec/v1/run_result_pb.js";
import { TrainSpecSchema, VariantSchema } from "../gen/lghrec/v1/train_spec_pb.js";
import { enumNameOf, missingField, toDate, toFile, toRef, withoutUnset } from "./base.js";
import { enumName } from "./enum-names.js";
import { messageToSpec } from "./message-to-spec.js";
import { toPreprocessResult } from "./preprocess.js";

const SPEC_SCHEMAS = {
  preprocess: PreprocessSpecSchema,
  train: TrainSpecSchema,
  evaluate: EvaluateSpecSchema,
  compare: CompareSpecSchema,
  report: ReportSpecSchema,
  export: ExportSpecSchema,
};

/** Throws `IncompatibleServerError` if the server uses a name that this client does not know. */
export function toRunInfo(run: RunMessage): RunInfo {
  const kind = enumNameOf<RunKind>(RunKindSchema, run.kind);
  const info = {
    id: run.id,
    kind,
    state: toState(run.state),
    labels: { ...run.labels },
    spec: toSpec(run),
    specDigest: run.specDigest,
    headSeq: Number(run.headSeq),
    createTime: toDate(run.createTime),
    ...(run.variant !== 0 && { variant: enumName(VariantSchema, run.variant) }),
    ...(run.result && { result: toResult(run.result) }),
    ...(run.failure && { failure: toFailure(run.failure) }),
    ...(run.progress && { progress: toProgress(run.progress) }),
    ...(run.queuePosition > 0 && { queuePosition: run.queuePosition }),
    ...(run.startTime && { startTime: timestampDate(run.startTime) }),
    ...(run.endTime && { endTime: timestampDate(run.endTime) }),
  };
  // Kind, spec and result come from one message, so they match. The compiler cannot see that.
  return info as unknown as RunInfo;
}

/** The resolved spec of a run in the form that users write, so that it can be sent again. */
export function toSpec(run: RunMessage): RunSpec {
  const { case: kind, value } = run.resolvedSpec;
  const spec = kind === undefined ? {} : messageToSpec(SPEC_SCHEMAS[kind], value);
  const { semantic } = spec as { semantic?: { stage?: string } };
  if (semantic?.stage === "all") delete semantic.stage; // not a field of a spec: the call sets it
  // Fields are read by reflection, so the compiler cannot know their types. A test compares the types of messages
  // and of specs field by field.
  return spec as unknown as RunSpec;
}

/** Returns the outcome of a run that has ended, or undefined for a run that has not. */
function toOutcome(from: Pick<RunMessage, "state" | "result" | "failure">): RunOutcome | undefined {
  switch (from.state) {
    case RunStateCode.SUCCEEDED:
      if (from.result === undefined) throw missingField("the result of a succeeded run");
      return { state: "succeeded", result: toResult(from.result) };
    case RunStateCode.FAILED:
      if (from.failure === undefined) throw missingField("the failure of a failed run");
      return { state: "failed", failure: toFailure(from.failure) };
    case RunStateCode.CANCELLED:
      return { state: "cancelled" };
    default:
      return undefined;
  }
}

/** Returns undefined for an event of a newer server that this client does not know. */
export function toEventBody({ body }: RunEventMessage): RunEventBody | undefined {
  switch (body.case) {
    case "state":
      return { type: "state", state: toState(body.value.state) };
    case "progress":
      return { type: "progress", ...toProgress(body.value) };
    case "metric":
      return {
        type: "metric",
        name: body.value.name,
        value: body.value.value,
        step: Number(body.value.step),
      };
    case "log":
      return {
        type: "log",
        level: enumNameOf<LogLevel>(LogLevelSchema, body.value.level, "info"),
        line: body.value.line,
      };
    case "checkpoint": {
      const { name, epoch, manifestSha256 } = body.value;
      return { type: "checkpoint", name, epoch: Number(epoch), manifestSha256 };
    }
    case "artifact":
      return { type: "artifact", artifact: toRef(body.value.artifact) };
    case "warning":
      return { type: "warning", code: body.value.code, message: body.value.message };
    case "finished": {
      const outcome = toOutcome(body.value);
      if (outcome === undefined) throw missingField("the final state of a run");
      return { type: "finished", outcome };
    }
    case undefined:
      return undefined;
    default:
      // A case that is added to the contract does not compile before it has a form here.
      body satisfies never;
      return undefined;
  }
}

export function toArtifactInfo(artifact: Artifact): ArtifactInfo {
  return {
    ...toRef(artifact),
    files: artifact.files.map(toFile),
    runId: artifact.runId,
    createTime: toDate(artifact.createTime),
  };
}

function toResult({ result, reusedFromRunId }: RunResultMessage): RunResult {
  const common = reusedFromRunId ? { reusedFromRunId } : {};
  switch (result.case) {
    case "preprocess":
      return toPreprocessResult(result.value, common);
    case "train": {
      const { model, bestEpoch, epochsRun, metrics, trainSeconds, device, threads } = result.value;
      const figures = { bestEpoch, epochsRun, metrics: sorted(metrics), trainSeconds, device, threads };
      return { kind: "train", ...common, model: toRef<"model">(model), ...figures };
    }
    case "evaluate": {
      const { report, metrics, numUsers, numSkipped } = result.value;
      const counts = { numUsers: Number(numUsers), numSkipped: Number(numSkipped) };
      return {
        kind: "evaluate",
        ...common,
        report: toRef<"evaluation">(report),
        metrics: sorted(metrics),
        ...counts,
      };
    }
    case "compare": {
      const report = toRef<"comparison">(result.value.report);
      return { kind: "compare", ...common, report, rows: result.value.rows.map(toRow) };
    }
    case "report":
      return { kind: "report", ...common, report: toRef<"report">(result.value.report) };
    case "export": {
      const { export: files, indexRecall } = result.value;
      const recall = indexRecall === undefined ? {} : { indexRecall };
      return { kind: "export", ...common, export: toRef<"export">(files), ...recall };
    }
    case undefined:
      throw missingField("the result of a succeeded run");
  }
}

function toRow({ $typeName: _, $unknown: __, numUsers, ...figures }: CompareRowMessage): CompareRow {
  return { ...withoutUnset(figures), numUsers: Number(numUsers) };
}

/** Sorts metrics by name, `recall@5` before `recall@10`. A map of the wire has no order. */
function sorted(metrics: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(metrics);
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true })));
}

function toFailure(failure: Failure): RunFailure {
  return {
    kind: enumNameOf<FailureKind>(FailureKindSchema, failure.kind, "internal"),
    message: failure.message,
    pythonTraceback: failure.traceback,
    ...(failure.lastCheckpoint && { lastCheckpoint: failure.lastCheckpoint }),
    ...(failure.hint && { hint: failure.hint }),
  };
}

function toProgress({ phase, done, total, etaMs }: Progress): RunProgress {
  return {
    phase,
    done: Number(done),
    ...(total > 0n && { total: Number(total) }),
    ...(etaMs !== undefined && { etaMs: Number(etaMs) }),
  };
}

function toState(state: RunStateCode): RunState {
  return enumNameOf<RunState>(RunStateSchema, state);
}

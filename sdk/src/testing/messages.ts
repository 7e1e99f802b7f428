/** Converts public types to messages of the contract: the inverse of `convert/`, for fake servers. */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { RunFailure, RunOutcome, RunResult, RunState } from "../api/run.js";
import { enumNames } from "../convert/enum-names.js";
import { specToMessage } from "../convert/spec-to-message.js";
import { ArtifactKindSchema } from "../gen/lghrec/v1/artifact_pb.js";
import {
  FailureKindSchema,
  type FailureSchema,
  LogLevelSchema,
  type RunEvent,
  RunEventSchema,
  RunStateSchema,
} from "../gen/lghrec/v1/run_event_pb.js";
import { PreprocessResultSchema, type RunResultSchema } from "../gen/lghrec/v1/run_result_pb.js";
import type { ArtifactRef } from "../specs/common.js";
import type { SentEvent } from "./fake.js";

type EventBody = NonNullable<MessageInitShape<typeof RunEventSchema>["body"]>;

interface RefInit {
  id: string;
  kind: number;
  sizeBytes: bigint;
}

export function toEventMessage(seq: number, event: SentEvent): RunEvent {
  const eventTime = timestampFromDate(new Date());
  return create(RunEventSchema, { seq: BigInt(seq), eventTime, body: toBody(event) });
}

export function stateCode(state: RunState): number {
  return number(RunStateSchema, state);
}

function toOutcomeMessage(outcome: RunOutcome) {
  return {
    state: stateCode(outcome.state),
    ...(outcome.state === "succeeded" && { result: toResultMessage(outcome.result) }),
    ...(outcome.state === "failed" && { failure: toFailureMessage(outcome.failure) }),
  };
}

export function toRefMessage({ id, kind, sizeBytes }: ArtifactRef): RefInit {
  return { id, kind: number(ArtifactKindSchema, kind), sizeBytes: BigInt(sizeBytes) };
}

function toBody(event: SentEvent): EventBody {
  switch (event.type) {
    case "state":
      return { case: "state", value: { state: stateCode(event.state) } };
    case "progress": {
      const { phase, done, total = 0, etaMs } = event;
      const eta = etaMs === undefined ? {} : { etaMs: BigInt(etaMs) };
      return { case: "progress", value: { phase, done: BigInt(done), total: BigInt(total), ...eta } };
    }
    case "metric":
      return { case: "metric", value: { name: event.name, value: event.value, step: BigInt(event.step) } };
    case "log":
      return { case: "log", value: { level: number(LogLevelSchema, event.level), line: event.line } };
    case "checkpoint": {
      const { name, epoch, manifestSha256 } = event;
      return { case: "checkpoint", value: { name, epoch: BigInt(epoch), manifestSha256 } };
    }
    case "artifact":
      return { case: "artifact", value: { artifact: toRefMessage(event.artifact) } };
    case "warning":
      return { case: "warning", value: { code: event.code, message: event.message } };
    case "finished":
      return { case: "finished", value: toOutcomeMessage(event.outcome) };
  }
}

function toFailureMessage(failure: RunFailure): MessageInitShape<typeof FailureSchema> {
  const { kind, message, pythonTraceback, lastCheckpoint = "", hint = "" } = failure;
  return { kind: number(FailureKindSchema, kind), message, traceback: pythonTraceback, lastCheckpoint, hint };
}

function toResultMessage(result: RunResult): MessageInitShape<typeof RunResultSchema> {
  return { result: toResultCase(result), reusedFromRunId: result.reusedFromRunId ?? "" };
}

function toResultCase(result: RunResult): NonNullable<MessageInitShape<typeof RunResultSchema>["result"]> {
  switch (result.kind) {
    case "preprocess": {
      const { kind: _, reusedFromRunId: __, ...fields } = result;
      return { case: "preprocess", value: specToMessage(PreprocessResultSchema, fields, "result") };
    }
    case "train": {
      const { kind: _, model, metrics, reusedFromRunId: __, ...figures } = result;
      return { case: "train", value: { ...figures, model: toRefMessage(model), metrics: { ...metrics } } };
    }
    case "evaluate": {
      const counts = { numUsers: BigInt(result.numUsers), numSkipped: BigInt(result.numSkipped) };
      const metrics = { ...result.metrics };
      return { case: "evaluate", value: { report: toRefMessage(result.report), metrics, ...counts } };
    }
    case "compare": {
      const rows = result.rows.map((row) => ({ ...row, numUsers: BigInt(row.numUsers) }));
      return { case: "compare", value: { report: toRefMessage(result.report), rows } };
    }
    case "report":
      return { case: "report", value: { report: toRefMessage(result.report) } };
    case "export": {
      const { export: files, indexRecall } = result;
      const recall = indexRecall === undefined ? {} : { indexRecall };
      return { case: "export", value: { export: toRefMessage(files), ...recall } };
    }
  }
}

function number(desc: Parameters<typeof enumNames>[0], name: string): number {
  const found = enumNames(desc).get(name);
  if (found === undefined) throw new TypeError(`no ${desc.name} of the name ${name}`);
  return found;
}

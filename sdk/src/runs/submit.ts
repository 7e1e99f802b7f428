/** Starts runs: a spec goes to the server as a message, and the id of a run comes back. */

import { randomUUID } from "node:crypto";
import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import type { ValidatedSpec } from "../api/client.js";
import type { CallOptions, SubmitOptions } from "../api/options.js";
import type { RunKind, RunSpec } from "../api/run.js";
import { missingField } from "../convert/base.js";
import { toSpec } from "../convert/run.js";
import { specToMessage, type Withheld } from "../convert/spec-to-message.js";
import { violationsAsWritten } from "../convert/violations-as-written.js";
import { InvalidArgumentError } from "../errors.js";
import { CompareSpecSchema } from "../gen/lghrec/v1/compare_spec_pb.js";
import { EvaluateService } from "../gen/lghrec/v1/evaluate_pb.js";
import { EvaluateSpecSchema } from "../gen/lghrec/v1/evaluate_spec_pb.js";
import { ExportService } from "../gen/lghrec/v1/export_pb.js";
import { ExportSpecSchema } from "../gen/lghrec/v1/export_spec_pb.js";
import { PreprocessService } from "../gen/lghrec/v1/preprocess_pb.js";
import {
  type PreprocessSpec as PreprocessMessage,
  PreprocessSpecSchema,
  SemanticStage,
} from "../gen/lghrec/v1/preprocess_spec_pb.js";
import { ReportSpecSchema } from "../gen/lghrec/v1/report_spec_pb.js";
import type { Run as RunMessage } from "../gen/lghrec/v1/run_pb.js";
import { Rerun } from "../gen/lghrec/v1/submit_pb.js";
import { TrainService } from "../gen/lghrec/v1/train_pb.js";
import { TrainSpecSchema } from "../gen/lghrec/v1/train_spec_pb.js";
import type { Rpc } from "../rpc/rpc.js";
import type { PreprocessSpec } from "../specs/gen/preprocess.js";

/** The fields that every start request has in addition to its spec. */
interface StartFields {
  readonly requestId: string;
  readonly labels?: Record<string, string>;
  readonly validateOnly?: boolean;
  readonly rerun?: Rerun;
  readonly reuse?: boolean;
}

interface StartResponse {
  readonly run?: RunMessage | undefined;
  readonly deduplicated: boolean;
}

/** Calls the start method of one service. Each call is written out below, so that the compiler checks its request. */
type Send<M extends Message> = (
  rpc: Rpc,
  request: StartFields & { spec: M },
  options: CallOptions,
) => Promise<StartResponse>;

/** How a run of one kind starts from a spec as users write it. */
interface Starter {
  start(rpc: Rpc, spec: unknown, fields: StartFields, options: CallOptions): Promise<StartResponse>;
}

/** Fields that the contract has but a spec has not, each with the way to set it. */
const STAGE_IS_A_CALL: Withheld = {
  "SemanticSpec.stage":
    "the call sets it: client.semanticIds.estimate or preview, or --estimate or --preview",
};

const sendPreprocess: Send<PreprocessMessage> = (rpc, request, options) =>
  rpc.unary(PreprocessService.method.startPreprocess, request, options);

const STARTERS: Readonly<Record<RunKind, Starter>> = {
  preprocess: starter("preprocess", PreprocessSpecSchema, sendPreprocess, STAGE_IS_A_CALL),
  train: starter("train", TrainSpecSchema, (rpc, request, options) =>
    rpc.unary(TrainService.method.startTrain, request, options),
  ),
  evaluate: starter("evaluate", EvaluateSpecSchema, (rpc, request, options) =>
    rpc.unary(EvaluateService.method.startEvaluate, request, options),
  ),
  compare: starter("compare", CompareSpecSchema, (rpc, request, options) =>
    rpc.unary(EvaluateService.method.startCompare, request, options),
  ),
  report: starter("report", ReportSpecSchema, (rpc, request, options) =>
    rpc.unary(EvaluateService.method.startReport, request, options),
  ),
  export: starter("export", ExportSpecSchema, (rpc, request, options) =>
    rpc.unary(ExportService.method.startExport, request, options),
  ),
};

function starter<D extends DescMessage>(
  kind: RunKind,
  schema: D,
  send: Send<MessageShape<D>>,
  withheld: Withheld = {},
): Starter {
  return {
    // Async, so that a spec that cannot be converted rejects instead of throwing.
    start: async (rpc, spec, fields, options) => {
      const message = specToMessage(schema, spec, kind, withheld);
      return withNamesOf(spec, schema, kind, send(rpc, { ...fields, spec: message }, options));
    },
  };
}

/** Violations that the server reports name the fields as the spec does. */
async function withNamesOf<T>(
  spec: unknown,
  schema: DescMessage,
  what: string,
  call: Promise<T>,
): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw violationsAsWritten(error, schema, spec, what);
  }
}

export interface Submitted {
  readonly id: string;
  /** True if the idempotency key had already started this run. */
  readonly deduplicated: boolean;
}

/**
 * Starts a run. Every attempt of one call carries the same request id, so that a lost answer never starts a second
 * run.
 *
 * @throws InvalidArgumentError for a spec with wrong fields.
 */
export async function submit<K extends RunKind>(
  rpc: Rpc,
  kind: K,
  spec: RunSpec<K>,
  options: SubmitOptions = {},
): Promise<Submitted> {
  options.signal?.throwIfAborted();
  const { call, fields } = splitOptions(options);
  return submitted(await STARTERS[kind].start(rpc, spec, fields, call), kind);
}

/**
 * Starts a preprocess run that ends after `stage`.
 *
 * @throws InvalidArgumentError for a spec with wrong fields, and for a spec without `semantic`.
 */
export async function submitStage(
  rpc: Rpc,
  stage: "estimate" | "preview",
  spec: PreprocessSpec,
  options: SubmitOptions = {},
): Promise<Submitted> {
  options.signal?.throwIfAborted();
  const message = specToMessage(PreprocessSpecSchema, spec, stage, STAGE_IS_A_CALL);
  if (message.semantic === undefined) {
    const description = `required for ${stage === "estimate" ? "an estimate" : "a preview"}, got nothing`;
    throw new InvalidArgumentError(`${stage} spec: semantic is missing`, {
      violations: [{ path: "semantic", description }],
    });
  }
  message.semantic.stage = stage === "estimate" ? SemanticStage.ESTIMATE : SemanticStage.PREVIEW;
  const { call, fields } = splitOptions(options);
  const sent = sendPreprocess(rpc, { ...fields, spec: message }, call);
  return submitted(await withNamesOf(spec, PreprocessSpecSchema, stage, sent), "preprocess");
}

/**
 * Lets the server check a spec and fill in its defaults. Nothing is written.
 *
 * @throws InvalidArgumentError with every violation.
 */
export async function validate<K extends RunKind>(
  rpc: Rpc,
  kind: K,
  spec: RunSpec<K>,
  options: CallOptions = {},
): Promise<ValidatedSpec<K>> {
  const fields = { requestId: randomUUID(), validateOnly: true };
  const run = runOf(await STARTERS[kind].start(rpc, spec, fields, options), kind);
  // The spec is of the kind that the call was made for.
  return { kind, spec: toSpec(run) as RunSpec<K>, specDigest: run.specDigest };
}

function splitOptions(options: SubmitOptions): { call: CallOptions; fields: StartFields } {
  const { idempotencyKey = randomUUID(), labels, rerun, reuse, ...call } = options;
  const fields = {
    requestId: idempotencyKey,
    ...(labels && { labels: { ...labels } }),
    ...(rerun && { rerun: rerun === "failed" ? Rerun.FAILED : Rerun.NEVER }),
    ...(reuse !== undefined && { reuse }),
  };
  return { call, fields };
}

function submitted(response: StartResponse, kind: RunKind): Submitted {
  return { id: runOf(response, kind).id, deduplicated: response.deduplicated };
}

function runOf({ run }: StartResponse, kind: RunKind): RunMessage {
  if (run === undefined) throw missingField(`the run that a ${kind} call started`);
  return run;
}

/** The verbs: a spec goes out, a run comes back. */

import { randomUUID } from "node:crypto";
import type { DescMessage, DescMethodUnary, Message } from "@bufbuild/protobuf";
import type { ValidatedSpec } from "../api/client.js";
import type { CallOptions, SubmitOptions } from "../api/options.js";
import type { RunKind, RunSpec } from "../api/run.js";
import { toSpec } from "../convert/run.js";
import { specToMessage, type Withheld } from "../convert/spec-to-message.js";
import { violationsAsWritten } from "../convert/violations-as-written.js";
import { IncompatibleServerError, InvalidArgumentError } from "../errors.js";
import { CompareSpecSchema } from "../gen/lghrec/v1/compare_spec_pb.js";
import { EvaluateService } from "../gen/lghrec/v1/evaluate_pb.js";
import { EvaluateSpecSchema } from "../gen/lghrec/v1/evaluate_spec_pb.js";
import { ExportService } from "../gen/lghrec/v1/export_pb.js";
import { ExportSpecSchema } from "../gen/lghrec/v1/export_spec_pb.js";
import { PreprocessService } from "../gen/lghrec/v1/preprocess_pb.js";
import { PreprocessSpecSchema, SemanticStage } from "../gen/lghrec/v1/preprocess_spec_pb.js";
import { ReportSpecSchema } from "../gen/lghrec/v1/report_spec_pb.js";
import type { Run as RunMessage } from "../gen/lghrec/v1/run_pb.js";
import { Rerun } from "../gen/lghrec/v1/submit_pb.js";
import { TrainService } from "../gen/lghrec/v1/train_pb.js";
import { TrainSpecSchema } from "../gen/lghrec/v1/train_spec_pb.js";
import type { Rpc } from "../rpc/rpc.js";
import type { PreprocessSpec } from "../specs/preprocess.js";

/** The requests and the responses are alike but for their spec. */
interface StartRequest {
  requestId: string;
  spec: Message;
  labels?: Record<string, string>;
  validateOnly?: boolean;
  rerun?: Rerun;
  reuse?: boolean;
}

interface Start {
  readonly method: DescMethodUnary;
  readonly schema: DescMessage;
  readonly withheld?: Withheld;
}

const STAGE = {
  "SemanticSpec.stage": "the call says it: client.semanticIds.estimate or preview, or --estimate or --preview",
};

const STARTS: Readonly<Record<RunKind, Start>> = {
  preprocess: {
    method: PreprocessService.method.startPreprocess,
    schema: PreprocessSpecSchema,
    withheld: STAGE,
  },
  train: { method: TrainService.method.startTrain, schema: TrainSpecSchema },
  evaluate: { method: EvaluateService.method.startEvaluate, schema: EvaluateSpecSchema },
  compare: { method: EvaluateService.method.startCompare, schema: CompareSpecSchema },
  report: { method: EvaluateService.method.startReport, schema: ReportSpecSchema },
  export: { method: ExportService.method.startExport, schema: ExportSpecSchema },
};

export interface Submitted {
  readonly id: string;
  readonly deduplicated: boolean;
}

/** Every try of one call carries the same request id, so that a lost answer never starts a second run. */
export async function submit<K extends RunKind>(
  rpc: Rpc,
  kind: K,
  spec: RunSpec<K>,
  options: SubmitOptions = {},
): Promise<Submitted> {
  options.signal?.throwIfAborted();
  return withSpellingOf(kind, spec, submitMessage(rpc, kind, messageOf(kind, spec), options));
}

/** A preprocess run that goes no further than `stage`. Throws `InvalidArgumentError` for a spec without texts. */
export async function submitStage(
  rpc: Rpc,
  stage: "estimate" | "preview",
  spec: PreprocessSpec,
  options: SubmitOptions = {},
): Promise<Submitted> {
  options.signal?.throwIfAborted();
  const message = specToMessage(PreprocessSpecSchema, spec, stage, STAGE);
  if (message.semantic === undefined) {
    const violations = [
      {
        path: "semantic",
        description: `required for ${stage === "estimate" ? "an estimate" : "a preview"}, got nothing`,
      },
    ];
    throw new InvalidArgumentError(`${stage} spec: semantic is missing`, { violations });
  }
  message.semantic.stage = stage === "estimate" ? SemanticStage.ESTIMATE : SemanticStage.PREVIEW;
  return withSpellingOf("preprocess", spec, submitMessage(rpc, "preprocess", message, options));
}

async function submitMessage(
  rpc: Rpc,
  kind: RunKind,
  spec: Message,
  options: SubmitOptions,
): Promise<Submitted> {
  const { idempotencyKey = randomUUID(), labels, rerun, reuse, ...call } = options;
  const { run, deduplicated } = await start(rpc, STARTS[kind], call, {
    requestId: idempotencyKey,
    spec,
    ...(labels && { labels: { ...labels } }),
    ...(rerun && { rerun: rerun === "failed" ? Rerun.FAILED : Rerun.NEVER }),
    ...(reuse !== undefined && { reuse }),
  });
  return { id: run.id, deduplicated };
}

function messageOf<K extends RunKind>(kind: K, spec: RunSpec<K>): Message {
  const { schema, withheld } = STARTS[kind];
  return specToMessage(schema, spec, kind, withheld);
}

/** Rejections that name fields of the spec name them as the spec does. */
async function withSpellingOf<T>(kind: RunKind, spec: unknown, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw violationsAsWritten(error, STARTS[kind].schema, spec, kind);
  }
}

/** Asks the server to check and complete a spec; nothing is written. */
export async function validate<K extends RunKind>(
  rpc: Rpc,
  kind: K,
  spec: RunSpec<K>,
  options: CallOptions = {},
): Promise<ValidatedSpec<K>> {
  const request = {
    requestId: randomUUID(),
    spec: messageOf(kind, spec),
    validateOnly: true,
  };
  const { run } = await withSpellingOf(kind, spec, start(rpc, STARTS[kind], options, request));
  return { kind, spec: toSpec(run) as unknown as RunSpec<K>, specDigest: run.specDigest };
}

async function start(
  rpc: Rpc,
  { method }: Start,
  options: CallOptions,
  request: StartRequest,
): Promise<{ run: RunMessage; deduplicated: boolean }> {
  const response = (await rpc.unary(method, request as never, options)) as unknown as {
    run?: RunMessage;
    deduplicated: boolean;
  };
  if (response.run === undefined) throw new IncompatibleServerError(`${method.name} answered without a run`);
  return { run: response.run, deduplicated: response.deduplicated };
}

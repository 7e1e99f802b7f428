import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { ScalarType, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { enumNames, onlyChoice } from "../../../sdk/src/convert/enum-names.js";
import { messageToSpec } from "../../../sdk/src/convert/message-to-spec.js";
import { specToMessage } from "../../../sdk/src/convert/spec-to-message.js";
import { CompareSpecSchema } from "../../../sdk/src/gen/lghrec/v1/compare_spec_pb.js";
import { EvaluateSpecSchema } from "../../../sdk/src/gen/lghrec/v1/evaluate_spec_pb.js";
import { ExportSpecSchema } from "../../../sdk/src/gen/lghrec/v1/export_spec_pb.js";
import { PreprocessSpecSchema } from "../../../sdk/src/gen/lghrec/v1/preprocess_spec_pb.js";
import { ReportSpecSchema } from "../../../sdk/src/gen/lghrec/v1/report_spec_pb.js";
import { TrainSpecSchema } from "../../../sdk/src/gen/lghrec/v1/train_spec_pb.js";
import { InvalidArgumentError, type Violation } from "../../../sdk/src/index.js";

const train = (spec: unknown) => specToMessage(TrainSpecSchema, spec, "train");

function violations(schema: DescMessage, spec: unknown): readonly Violation[] {
  try {
    specToMessage(schema, spec, "some");
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error.violations;
    throw error;
  }
  return [];
}

describe("specToMessage", () => {
  it("accepts camelCase and snake_case", () => {
    const camel = train({ semanticIds: "s", earlyStop: { everyEpochs: 2 }, embeddingDim: 64 });
    const snake = train({ semantic_ids: "s", early_stop: { every_epochs: 2 }, embedding_dim: 64 });
    expect(snake).toEqual(camel);
    expect(camel).toMatchObject({ semanticIds: "s", earlyStop: { everyEpochs: 2 }, embeddingDim: 64 });
  });

  it("turns the name of a choice into its case", () => {
    const { backbone, policy } = train({
      backbone: { name: "lightccf", contrast_weight: 0.5 },
      policy: { name: "hgpo" },
    });
    expect(backbone?.backbone).toMatchObject({ case: "lightccf", value: { contrastWeight: 0.5 } });
    expect(policy?.policy).toMatchObject({ case: "hgpo" });
  });

  it("accepts an artifact as its id or as a reference", () => {
    const id = "d".repeat(64);
    expect(train({ dataset: { id, kind: "dataset", sizeBytes: 3 } }).dataset).toBe(id);
    expect(train({ dataset: id }).dataset).toBe(id);
  });

  it("sets no defaults: fields that are missing or undefined are not sent", () => {
    expect(
      toBinary(TrainSpecSchema, train({ semanticIds: undefined, optimizer: {}, seed: undefined })),
    ).toEqual(
      // one empty message in field 6
      Uint8Array.from([(6 << 3) | 2, 0]),
    );
  });

  it("distinguishes a zero from a missing field", () => {
    expect(train({ seed: 0 }).seed).toBe(0);
    expect(train({}).seed).toBeUndefined();
  });

  it("reports every violation with its path", () => {
    expect(
      violations(TrainSpecSchema, {
        dataset: 7,
        epochz: 3,
        early_stop: { patiens: 1, metric: true },
        backbone: { name: "lightcff", layers: "three" },
        policy: { name: "native", surprise: 1 },
        optimizer: [0.1],
        fusion: { method: "concat-linear", learningRateFactor: Number.NaN },
        batchSize: -1,
        epochs: 2.5,
        seed: 2 ** 32,
        device: null,
      }),
    ).toEqual([
      { path: "dataset", description: "expected a string, got 7" },
      { path: "epochz", description: "unknown field, did you mean epochs?" },
      { path: "early_stop.patiens", description: "unknown field, did you mean patience?" },
      { path: "early_stop.metric", description: "expected a string, got true" },
      {
        path: "backbone.name",
        description:
          "expected one of mf, lightgcn, lightccf, sgl, simgcl, lightgcl, sccf, vgcl, nescl, cikg, autograph, " +
          'got "lightcff", did you mean lightccf?',
      },
      { path: "policy.surprise", description: "unknown field" },
      { path: "optimizer", description: "expected an object, got [0.1]" },
      {
        path: "fusion.method",
        description:
          'expected one of concat_linear, weighted_sum, got "concat-linear", did you mean concat_linear?',
      },
      { path: "fusion.learningRateFactor", description: "expected a finite number, got NaN" },
      { path: "batchSize", description: "expected a whole number from 0 to 4294967295, got -1" },
      { path: "epochs", description: "expected a whole number from 0 to 4294967295, got 2.5" },
      { path: "seed", description: "expected a whole number from 0 to 4294967295, got 4294967296" },
      {
        path: "device",
        description:
          "expected one of auto, cpu, cuda, got null (remove the field to use the server's default)",
      },
    ]);
  });

  it.each([
    ["no object", "text", "expected an object"],
    ["a list", [], "expected an object"],
    ["nothing", undefined, "expected an object, got nothing"],
  ])("rejects %s as a spec", (_, spec, description) => {
    expect(violations(TrainSpecSchema, spec)).toMatchObject([
      { path: "", description: expect.stringContaining(description) },
    ]);
  });

  it("reports the index in a list", () => {
    expect(violations(EvaluateSpecSchema, { cutoffs: [10, "20", 30.5] })).toMatchObject([
      { path: "cutoffs.1" },
      { path: "cutoffs.2" },
    ]);
    expect(violations(EvaluateSpecSchema, { cutoffs: 10 })).toMatchObject([{ path: "cutoffs" }]);
    expect(violations(CompareSpecSchema, { entries: [{ name: "a" }, { nam: "b" }] })).toEqual([
      { path: "entries.1.nam", description: "unknown field, did you mean name?" },
    ]);
  });

  it("rejects a field in both spellings", () => {
    expect(violations(ExportSpecSchema, { topK: 10, top_k: 20 })).toEqual([
      { path: "top_k", description: "given twice, as topK and top_k" },
    ]);
  });

  it("suggests a name in the spelling of the spec, and no dissimilar name", () => {
    expect(violations(TrainSpecSchema, { embedding_dims: 1, embeddingDims: 1, zzz: 1 })).toEqual([
      { path: "embedding_dims", description: "unknown field, did you mean embedding_dim?" },
      { path: "embeddingDims", description: "unknown field, did you mean embeddingDim?" },
      { path: "zzz", description: "unknown field" },
    ]);
  });

  it("does not accept inherited properties of objects as fields", () => {
    expect(violations(TrainSpecSchema, JSON.parse('{"__proto__": 1, "constructor": 2}'))).toHaveLength(2);
  });
});

/** A value for every field, so that a field of a new type fails in this test. */
function full(desc: DescMessage, choice = 0): Record<string, unknown> {
  const oneof = onlyChoice(desc);
  const field = oneof?.fields[choice];
  if (field?.message) return { name: field.name, ...full(field.message) };
  return Object.fromEntries(desc.fields.map((f) => [f.localName, sample(f)]));
}

function sample(field: DescField): unknown {
  switch (field.fieldKind) {
    case "message":
      return full(field.message);
    case "enum":
      return [...enumNames(field.enum).keys()].at(-1);
    case "list":
      if (field.listKind === "message") return [full(field.message), full(field.message)];
      return field.listKind === "scalar" ? [scalar(field.scalar), scalar(field.scalar)] : [];
    case "scalar":
      return scalar(field.scalar);
    case "map":
      return {
        one: scalar(field.scalar ?? ScalarType.STRING),
        other: scalar(field.scalar ?? ScalarType.STRING),
      };
  }
}

function scalar(type: ScalarType): unknown {
  if (type === ScalarType.STRING) return "text";
  return type === ScalarType.BOOL ? true : 3;
}

describe.each([
  ["preprocess", PreprocessSpecSchema],
  ["train", TrainSpecSchema],
  ["evaluate", EvaluateSpecSchema],
  ["compare", CompareSpecSchema],
  ["report", ReportSpecSchema],
  ["export", ExportSpecSchema],
] as const)("a %s spec", (_, schema: DescMessage) => {
  it("with every field set is unchanged after a round trip", () => {
    const spec = full(schema);
    expect(messageToSpec(schema, specToMessage(schema, spec, "some"))).toEqual(spec);
  });

  it("that is empty is empty after a round trip", () => {
    expect(messageToSpec(schema, specToMessage(schema, {}, "some"))).toEqual({});
  });
});

it.each(
  TrainSpecSchema.fields
    .filter(({ message }) => message && onlyChoice(message))
    .flatMap(({ message, localName }) =>
      (message?.fields ?? []).map((choice, i) => [localName, choice.name, message, i] as const),
    ),
)("%s %s comes back as it went", (field, _, message, choice) => {
  const spec = { [field]: full(message as DescMessage, choice) };
  expect(messageToSpec(TrainSpecSchema, train(spec))).toEqual(spec);
});

import { describe, expect, it } from "vitest";
import { violationsAsWritten } from "../../../sdk/src/convert/violations-as-written.js";
import { PreprocessSpecSchema } from "../../../sdk/src/gen/lghrec/v1/preprocess_spec_pb.js";
import { TrainSpecSchema } from "../../../sdk/src/gen/lghrec/v1/train_spec_pb.js";
import { InvalidArgumentError } from "../../../sdk/src/index.js";

const written = (spec: unknown, path: string, description = "wrong", schema = TrainSpecSchema as never) => {
  const error = new InvalidArgumentError("of the server", { violations: [{ path, description }] });
  return (violationsAsWritten(error, schema, spec, "train") as InvalidArgumentError).violations[0];
};

describe("violationsAsWritten", () => {
  it.each([
    [{ earlyStop: { everyEpochs: 0 } }, "early_stop.every_epochs", "earlyStop.everyEpochs"],
    [{ early_stop: { every_epochs: 0 } }, "early_stop.every_epochs", "early_stop.every_epochs"],
    [{ early_stop: { everyEpochs: 0 } }, "early_stop.every_epochs", "early_stop.everyEpochs"],
    [{ backbone: { name: "sgl", dropRate: 2 } }, "backbone.drop_rate", "backbone.dropRate"],
  ])("spells a field of %j as the spec does", (spec, path, expected) => {
    expect(written(spec, path)?.path).toBe(expected);
  });

  it("spells a field that the spec lacks in the style of the spec", () => {
    expect(written({}, "semantic_ids")?.path).toBe("semanticIds");
    expect(written({ batch_size: 1 }, "semantic_ids")?.path).toBe("semantic_ids");
  });

  it("spells the fields in a description too, and does not change values", () => {
    const text = "not below temperature_max 1.0: use the recipe lghrec_paper";
    expect(written({}, "policy.temperature_min", text)?.description).toBe(
      "not below temperatureMax 1.0: use the recipe lghrec_paper",
    );
    expect(written({ batch_size: 1 }, "policy.temperature_min", text)?.description).toBe(text);
  });

  it("keeps positions in lists", () => {
    const spec = { semantic: { fields: ["title", ""] } };
    const found = written(spec, "semantic.fields.1", "empty", PreprocessSpecSchema as never);
    expect(found?.path).toBe("semantic.fields.1");
  });

  it("keeps the other properties of the error", () => {
    const error = new InvalidArgumentError("x", {
      violations: [{ path: "batch_size", description: "wrong" }],
      reason: "FIELD_INVALID",
      requestId: "r1",
      hint: "look there",
    });
    expect(violationsAsWritten(error, TrainSpecSchema, {}, "train")).toMatchObject({
      message: "train spec: batchSize: wrong",
      reason: "FIELD_INVALID",
      requestId: "r1",
      hint: "look there",
    });
  });

  it("returns other errors unchanged", () => {
    const error = new Error("no violations");
    expect(violationsAsWritten(error, TrainSpecSchema, {}, "train")).toBe(error);
  });
});

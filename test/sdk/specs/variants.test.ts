import { describe, expect, it } from "vitest";
import {
  applyVariant,
  InvalidArgumentError,
  type TrainSpec,
  VARIANTS,
  type Variant,
} from "../../../sdk/src/index.js";
import { plainTrainSpec } from "../../../sdk/src/specs/variants.js";

const BASE = { dataset: "d".repeat(64), backbone: { name: "simgcl", layers: 2 }, epochs: 3 } as const;
const IDS = "e".repeat(64);
const SPEC: TrainSpec = { ...BASE, semanticIds: IDS };

const violationOf = (make: () => unknown) => {
  try {
    make();
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error.violations;
    throw error;
  }
  throw new Error("expected a refusal");
};

describe("applyVariant", () => {
  it.each<[Variant, Partial<TrainSpec>]>([
    ["base", { policy: { name: "native" } }],
    ["dseg", { semanticIds: IDS, policy: { name: "native" } }],
    ["random", { semanticIds: IDS, policy: { name: "random" } }],
    ["no_dseg", { policy: { name: "hgpo" } }],
    ["no_adaptive_tau", { semanticIds: IDS, policy: { name: "hgpo", learnTemperature: false } }],
    ["random_neg", { semanticIds: IDS, policy: { name: "hgpo", learnNegatives: false } }],
    ["no_harm", { semanticIds: IDS, policy: { name: "hgpo", harmonyWeight: 0 } }],
    ["grpo", { semanticIds: IDS, policy: { name: "hgpo", advantage: "grpo", harmonyWeight: 0 } }],
    ["full", { semanticIds: IDS, policy: { name: "hgpo" } }],
    ["weighted_sum", { semanticIds: IDS, policy: { name: "hgpo" }, fusion: { method: "weighted_sum" } }],
  ])("makes %s", (variant, changed) => {
    expect(applyVariant(SPEC, variant)).toEqual({ ...BASE, ...changed });
  });

  it.each(["raw_text", "base_cot", "domain_cot", "cot_task", "mixed"] as const)(
    "makes %s of the semantic ids given for it",
    (variant) => {
      const other = "f".repeat(64);
      const spec = { ...SPEC, semanticIdsByVariant: { [variant]: other } };
      expect(applyVariant(spec, variant)).toEqual({ ...BASE, semanticIds: other, policy: { name: "hgpo" } });
      expect(violationOf(() => applyVariant(SPEC, variant))).toEqual([
        {
          path: `semantic_ids_by_variant.${variant}`,
          description: expect.stringContaining("make them with preprocess (semantic.text_source "),
        },
      ]);
    },
  );

  it("makes every variant there is of a spec that has everything", () => {
    const texts = { raw_text: IDS, base_cot: IDS, domain_cot: IDS, cot_task: IDS, mixed: IDS };
    const made = VARIANTS.map((variant) => applyVariant({ ...SPEC, semanticIdsByVariant: texts }, variant));
    expect(made).toHaveLength(15);
    for (const spec of made) {
      expect(spec).toMatchObject(BASE);
      expect(spec).not.toHaveProperty("semanticIdsByVariant");
      expect(spec).not.toHaveProperty("variant");
    }
  });

  it("leaves the spec it was given as it was", () => {
    const spec = { ...SPEC, variant: "full", policy: { name: "hgpo", learnNegatives: false } } as const;
    const before = structuredClone(spec);
    applyVariant(spec, "base");
    expect(spec).toEqual(before);
  });

  describe("of a spec with a policy of its own", () => {
    const policy = {
      name: "hgpo",
      preset: "paper",
      poolSize: 512,
      numNegatives: 64,
      poolSampling: "mixed",
      learningRate: 0.001,
      harmonyWeight: 0.3,
      learnNegatives: true,
      learnTemperature: true,
      advantage: "group",
      weighting: "soft",
    } as const;
    const tuned: TrainSpec = { ...SPEC, policy };
    const kept = {
      name: "hgpo",
      preset: "paper",
      poolSize: 512,
      numNegatives: 64,
      poolSampling: "mixed",
      learningRate: 0.001,
      weighting: "soft",
    };

    it.each<[Variant, object]>([
      ["base", { name: "native" }],
      ["dseg", { name: "native" }],
      ["random", { name: "random", poolSize: 512, numNegatives: 64, poolSampling: "mixed" }],
      ["no_dseg", { ...kept, harmonyWeight: 0.3 }],
      ["full", { ...kept, harmonyWeight: 0.3 }],
      ["no_adaptive_tau", { ...kept, harmonyWeight: 0.3, learnTemperature: false }],
      ["no_harm", { ...kept, harmonyWeight: 0 }],
      ["grpo", { ...kept, advantage: "grpo", harmonyWeight: 0 }],
    ])("keeps for %s what fits", (variant, expected) => {
      expect(applyVariant(tuned, variant).policy).toEqual(expected);
    });

    it("drops soft weights where negatives are random", () => {
      const { weighting: _, ...rest } = kept;
      expect(applyVariant(tuned, "random_neg").policy).toEqual({
        ...rest,
        harmonyWeight: 0.3,
        learnNegatives: false,
      });
    });

    it("drops the switches of another variant", () => {
      const spec = { ...SPEC, policy: { name: "hgpo", learnTemperature: false, harmonyWeight: 0 } } as const;
      expect(applyVariant(spec, "full").policy).toEqual({ name: "hgpo" });
    });

    it("goes on from another policy with what both have", () => {
      const spec = { ...SPEC, policy: { name: "random", poolSize: 256, contrast: "structural" } } as const;
      expect(applyVariant(spec, "full").policy).toEqual({
        name: "hgpo",
        poolSize: 256,
        contrast: "structural",
      });
    });
  });

  it("reads snake_case as it reads camelCase", () => {
    const spec = {
      ...BASE,
      semantic_ids: IDS,
      semantic_ids_by_variant: { raw_text: "f".repeat(64) },
      policy: { name: "hgpo", pool_size: 256, harmony_weight: 0.5 },
    } as unknown as TrainSpec;
    expect(applyVariant(spec, "random")).toEqual({
      ...BASE,
      semanticIds: IDS,
      policy: { name: "random", pool_size: 256 },
    });
    expect(applyVariant(spec, "no_harm").policy).toEqual({ name: "hgpo", pool_size: 256, harmonyWeight: 0 });
    expect(applyVariant(spec, "raw_text").semanticIds).toBe("f".repeat(64));
    expect(applyVariant(spec, "base")).toEqual({ ...BASE, policy: { name: "native" } });
  });

  it("keeps the rest of the fusion", () => {
    const spec = { ...SPEC, fusion: { method: "concat_linear", learningRateFactor: 0.1 } } as const;
    expect(applyVariant(spec, "weighted_sum").fusion).toEqual({
      method: "weighted_sum",
      learningRateFactor: 0.1,
    });
    expect(applyVariant(spec, "full").fusion).toEqual(spec.fusion);
  });

  it("says what semantic ids are missing for, and what does without", () => {
    expect(violationOf(() => applyVariant(BASE, "full"))).toEqual([
      {
        path: "semantic_ids",
        description:
          "the variant full trains on them, got none: give semanticIds of a preprocess result, or take base or no_dseg",
      },
    ]);
  });

  it("guesses what a mistyped variant was", () => {
    expect(violationOf(() => applyVariant(SPEC, "no_harmm" as Variant))).toEqual([
      { path: "variant", description: expect.stringMatching(/got "no_harmm", did you mean no_harm\?$/) },
    ]);
    expect(violationOf(() => applyVariant(SPEC, "constructor" as Variant))).toMatchObject([
      { path: "variant" },
    ]);
    expect(violationOf(() => applyVariant(SPEC, null as never))).toMatchObject([{ path: "variant" }]);
  });

  it("leaves a policy or fusion that is none to be refused by name", () => {
    const spec = { ...SPEC, policy: "hgpo", fusion: [] } as unknown as TrainSpec;
    expect(applyVariant(spec, "weighted_sum")).toMatchObject({ policy: "hgpo", fusion: [] });
  });
});

describe("plainTrainSpec", () => {
  it("applies the variant that a spec has", () => {
    expect(plainTrainSpec({ ...SPEC, variant: "no_harm" })).toEqual(applyVariant(SPEC, "no_harm"));
  });

  it("takes away what only variants need, and nothing else", () => {
    expect(plainTrainSpec({ ...SPEC, variant: undefined, semanticIdsByVariant: { mixed: IDS } })).toEqual(
      SPEC,
    );
  });

  it.each([["text"], [[]], [undefined]])("leaves %j to be refused as a spec", (spec) => {
    expect(plainTrainSpec(spec as never)).toBe(spec);
  });
});

/** Ablations by name: a train spec and a variant -> the spec of that variant. */

import { didYouMean } from "../convert/suggest.js";
import { InvalidArgumentError, type Violation } from "../errors.js";
import type { TrainSpec } from "./train.js";
import type { TextVariant, Variant } from "./variant-names.js";

type Options = Record<string, unknown>;

interface Recipe {
  /** Which semantic ids: none, the spec's own, or those that the spec has for this variant. */
  readonly semanticIds: "none" | "own" | "other";
  readonly policy: "native" | "random" | "hgpo";
  /** Fields of the policy that make the variant. */
  readonly switches?: Options;
  readonly fusion?: string;
}

const FULL = { semanticIds: "own", policy: "hgpo" } as const;
const OTHER_TEXTS = { semanticIds: "other", policy: "hgpo" } as const;

const RECIPES: Readonly<Record<Variant, Recipe>> = {
  base: { semanticIds: "none", policy: "native" },
  dseg: { semanticIds: "own", policy: "native" },
  random: { semanticIds: "own", policy: "random" },
  no_dseg: { semanticIds: "none", policy: "hgpo" },
  no_adaptive_tau: { ...FULL, switches: { learnTemperature: false } },
  random_neg: { ...FULL, switches: { learnNegatives: false } },
  no_harm: { ...FULL, switches: { harmonyWeight: 0 } },
  grpo: { ...FULL, switches: { advantage: "grpo", harmonyWeight: 0 } },
  full: FULL,
  raw_text: OTHER_TEXTS,
  base_cot: OTHER_TEXTS,
  domain_cot: OTHER_TEXTS,
  cot_task: OTHER_TEXTS,
  mixed: OTHER_TEXTS,
  weighted_sum: { ...FULL, fusion: "weighted_sum" },
};

/** Every variant, those of the method first. */
export const VARIANTS = Object.keys(RECIPES) as readonly Variant[];

/** Fields of a policy that a variant decides, whatever the spec says of them. */
const SWITCHES = ["learnNegatives", "learnTemperature", "advantage"];

/** Fields that the policy `random` shares with `hgpo`. */
const POOL = [
  ...["numNegatives", "poolSize", "contrast", "poolSampling", "rescaleNegatives"],
  ...["structuralWeight", "structuralTemperature"],
];

/**
 * The spec of a variant: semantic ids, policy and fusion as the variant has them, all else as it is. Options of the
 * spec's policy stay where the variant's policy has them too. Fields may be in camelCase or snake_case.
 *
 * Throws `InvalidArgumentError` for a variant that is unknown, or that needs semantic ids which the spec lacks.
 */
export function applyVariant(spec: TrainSpec, variant: Variant): TrainSpec {
  const recipe = Object.hasOwn(RECIPES, variant) ? RECIPES[variant] : undefined;
  if (recipe === undefined) throw refusal(unknown(variant));
  const { variant: _, ...rest } = { ...spec } as Options;
  const applied = without(rest, "semanticIdsByVariant");
  const ids = semanticIdsOf(rest, variant, recipe);
  return {
    ...withField(without(applied, "semanticIds"), "semanticIds", ids),
    ...policyOf(rest.policy, recipe),
    ...fusionOf(rest.fusion, recipe),
  } as unknown as TrainSpec;
}

/** The spec without the sugar: with its `variant` applied, if it has one. What is no object stays as it is. */
export function plainTrainSpec(spec: TrainSpec): TrainSpec {
  if (!isRecord(spec)) return spec;
  if (spec.variant !== undefined) return applyVariant(spec, spec.variant);
  const { variant: _, ...rest } = spec as Options;
  return without(rest, "semanticIdsByVariant") as unknown as TrainSpec;
}

function semanticIdsOf(spec: Options, variant: Variant, { semanticIds }: Recipe): unknown {
  if (semanticIds === "none") return undefined;
  if (semanticIds === "own") {
    const own = field(spec, "semanticIds");
    if (own !== undefined) return own;
    const cure = "give semanticIds of a preprocess result, or take base or no_dseg";
    throw refusal({
      path: "semantic_ids",
      description: `the variant ${variant} trains on them, got none: ${cure}`,
    });
  }
  const byVariant = field(spec, "semanticIdsByVariant");
  const given = isRecord(byVariant) ? byVariant[variant] : undefined;
  if (given !== undefined) return given;
  const cure = `make them with preprocess (${CURES[variant as TextVariant]}) and give their id here`;
  const description = `the variant ${variant} trains on semantic ids from other texts, got none: ${cure}`;
  throw refusal({ path: `semantic_ids_by_variant.${variant}`, description });
}

const CURES: Readonly<Record<TextVariant, string>> = {
  raw_text: "semantic.text_source raw_text",
  base_cot: "semantic.text_source llamacpp or openai with the model as it was published",
  domain_cot: "semantic.text_source llamacpp or openai with a model tuned on texts of the domain",
  cot_task: "semantic.text_source llamacpp or openai with a model tuned on the reasoning task",
  mixed: "semantic.text_source llamacpp or openai with a model tuned on the reasoning task and general texts",
};

/** A policy that is no object goes on to where it is refused by name. */
function policyOf(given: unknown, { policy: name, switches = {} }: Recipe): Options {
  if (given !== undefined && !isRecord(given)) return { policy: given };
  if (name === "native") return { policy: { name } };
  const options = Object.entries(given ?? {}).filter(([key, value]) => {
    const option = camelCase(key);
    if (option === "name" || value === undefined) return false;
    if (name === "random") return POOL.includes(option);
    return !SWITCHES.includes(option) && !(option in switches) && fits(option, value, switches);
  });
  return { policy: { name, ...Object.fromEntries(options), ...switches } };
}

/** No harmony is a variant of its own, and soft weights need a policy that weighs. */
function fits(option: string, value: unknown, switches: Options): boolean {
  if (option === "harmonyWeight") return value !== 0;
  return !(option === "weighting" && value === "soft" && switches.learnNegatives === false);
}

function fusionOf(given: unknown, { fusion }: Recipe): Options {
  if (fusion === undefined || (given !== undefined && !isRecord(given))) return {};
  return { fusion: { ...given, method: fusion } };
}

function withField(spec: Options, name: string, value: unknown): Options {
  return value === undefined ? spec : { ...spec, [name]: value };
}

function without(spec: Options, name: string): Options {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => camelCase(key) !== name));
}

function field(spec: Options, name: string): unknown {
  const found = Object.entries(spec).find(([key, value]) => camelCase(key) === name && value !== undefined);
  return found?.[1];
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function isRecord(value: unknown): value is Options {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknown(variant: unknown): Violation {
  const hint = typeof variant === "string" ? didYouMean(variant, VARIANTS) : "";
  const description = `expected one of ${VARIANTS.join(", ")}, got ${JSON.stringify(variant)}${hint}`;
  return { path: "variant", description };
}

function refusal(violation: Violation): InvalidArgumentError {
  const { path, description } = violation;
  return new InvalidArgumentError(`train spec: ${path}: ${description}`, { violations: [violation] });
}

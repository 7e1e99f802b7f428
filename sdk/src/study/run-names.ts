/** Creates names for experiments from their train specs. */

/** Fields that do not change what is learned, except for randomness, or that repeat other fields. */
const IGNORED = ["seed", "device", "threads", "checkpoint", "variant", "semanticIdsByVariant"];
/** Number of differing fields that a name contains at most. */
const MAX_FIELDS = 3;

/** A resolved train spec, and the variant that the server found it equal to. */
export interface Experiment {
  readonly spec: object;
  readonly variant?: string | undefined;
}

/** Returns a key that is equal for train specs that differ only in the seed or in how the run is executed. */
export function experimentKey(spec: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(spec).filter(([key]) => !IGNORED.includes(key))));
}

/**
 * Returns a different name for each experiment: backbone and variant. If several experiments have the same backbone and
 * variant, the name also contains the fields in which they differ.
 */
export function experimentNames(experiments: readonly Experiment[]): string[] {
  const short = experiments.map(
    ({ spec, variant }) => `${textOf(valueAt(spec, "backbone.name"))} ${variant ?? methodOf(spec)}`,
  );
  return experiments.map(({ spec }, index) => {
    const name = short[index] ?? "";
    const equal = experiments.filter((_, other) => short[other] === name).map((one) => one.spec);
    return equal.length > 1 ? `${name}, ${differences(spec, equal)}` : name;
  });
}

/** Returns the value of a field as text for a name. `path` may be in camelCase or in snake_case. */
export function fieldText(spec: object, path: string): string {
  const camelCase = path.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return textOf(valueAt(spec, camelCase));
}

/** Names the policy and the semantic ids of a spec that is equal to no variant. */
function methodOf(spec: object): string {
  const policy = textOf(valueAt(spec, "policy.name") ?? "native");
  return valueAt(spec, "semanticIds") === undefined ? policy : `${policy} with semantic ids`;
}

function differences(spec: object, among: readonly object[]): string {
  const all = among.map((one) => leaves(one));
  const own = leaves(spec);
  const paths = [...new Set(all.flatMap((each) => [...each.keys()]))];
  const differing = paths.filter((path) => new Set(all.map((each) => each.get(path))).size > 1);
  return differing
    .filter((path) => !IGNORED.includes(path.split(".")[0] ?? ""))
    .slice(0, MAX_FIELDS)
    .map((path) => `${path.split(".").at(-1)}=${own.get(path) ?? "none"}`)
    .join(" ");
}

/** Returns every value that is not an object, by its dotted path. */
function leaves(record: object, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(record).flatMap(([key, value]: [string, unknown]): [string, string][] => {
      const nested = typeof value === "object" && value !== null && !Array.isArray(value);
      return nested ? [...leaves(value, `${prefix}${key}.`)] : [[prefix + key, textOf(value)]];
    }),
  );
}

function valueAt(spec: object, path: string): unknown {
  return path
    .split(".")
    .reduce((at: unknown, key) => (at as Readonly<Record<string, unknown>> | undefined)?.[key], spec);
}

// The first digits are sufficient to distinguish the ids of artifacts.
function textOf(value: unknown): string {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value ?? "none");
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 8) : text;
}

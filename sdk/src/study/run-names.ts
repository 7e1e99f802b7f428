/** Readable names for runs, by what their specs say. */

type Spec = Readonly<Record<string, unknown>>;

/** Fields that do not change what is learned, except for randomness, or that other fields contain already. */
const APART: readonly string[] = [
  ...["seed", "device", "threads", "checkpoint", "variant", "semanticIdsByVariant"],
];
/** Of differing fields, those that a name has room for. */
const MAX_FIELDS = 3;

/** Equal for train specs that differ in the seed alone, or in how they are carried out. */
export function experimentOf(spec: Spec): string {
  return JSON.stringify(Object.fromEntries(Object.entries(spec).filter(([key]) => !APART.includes(key))));
}

/** A resolved train spec, and the variant that the server found it equal to. */
export interface Experiment {
  readonly spec: Spec;
  readonly variant?: string | undefined;
}

/** Names of different experiments, each once: backbone and variant, then the fields in which equal names differ. */
export function experimentNames(experiments: readonly Experiment[]): string[] {
  const plain = experiments.map(({ spec, variant }) => {
    return `${text(get(spec, "backbone.name"))} ${variant ?? methodOf(spec)}`;
  });
  return experiments.map(({ spec }, index) => {
    const name = plain[index] ?? "";
    const alike = experiments.filter((_, other) => plain[other] === name).map((one) => one.spec);
    return alike.length > 1 ? `${name}, ${differences(spec, alike)}` : name;
  });
}

/** The value of a field as it stands in a name; `path` in either spelling. */
export function fieldText(spec: Spec, path: string): string {
  return text(
    get(
      spec,
      path.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    ),
  );
}

/** The policy and the semantic ids of a spec that is equal to no variant. */
function methodOf(spec: Spec): string {
  const policy = text(get(spec, "policy.name") ?? "native");
  return spec.semanticIds === undefined ? policy : `${policy} with semantic ids`;
}

function differences(spec: Spec, among: readonly Spec[]): string {
  const flat = among.map((each) => leaves(each));
  const own = leaves(spec);
  const names = [...new Set(flat.flatMap((each) => [...each.keys()]))];
  const differing = names.filter((name) => new Set(flat.map((each) => each.get(name))).size > 1);
  const known = differing.filter((name) => !APART.includes(name.split(".")[0] ?? ""));
  return known
    .slice(0, MAX_FIELDS)
    .map((name) => `${name.split(".").at(-1)}=${own.get(name) ?? "none"}`)
    .join(" ");
}

/** Every value that is no record, by its dotted path. */
function leaves(record: Spec, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(record).flatMap(([key, value]): [string, string][] => {
      const nested = typeof value === "object" && value !== null && !Array.isArray(value);
      return nested ? [...leaves(value as Spec, `${prefix}${key}.`)] : [[prefix + key, text(value)]];
    }),
  );
}

function get(spec: Spec, path: string): unknown {
  return path.split(".").reduce((at: unknown, name) => (at as Spec | undefined)?.[name], spec);
}

// Ids of artifacts are told apart by their first digits.
function text(value: unknown): string {
  const plain = typeof value === "object" ? JSON.stringify(value) : String(value ?? "none");
  return /^[0-9a-f]{64}$/.test(plain) ? plain.slice(0, 8) : plain;
}

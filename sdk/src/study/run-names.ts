/** Readable names for runs, by what their specs say. */

type Spec = Readonly<Record<string, unknown>>;

/** Fields that change nothing about what is learned, or only by chance. */
const APART: readonly string[] = ["seed", "device", "threads", "checkpoint"];
/** Of differing fields, those that a name has room for. */
const MAX_FIELDS = 3;

/** Equal for train specs that differ in the seed alone, or in how they are carried out. */
export function experimentOf(spec: Spec): string {
  return JSON.stringify(Object.fromEntries(Object.entries(spec).filter(([key]) => !APART.includes(key))));
}

/** Names of different experiments, each once: backbone and variant, then the fields in which equal names differ. */
export function experimentNames(specs: readonly Spec[]): string[] {
  const plain = specs.map((spec) => `${text(get(spec, "backbone.name"))} ${variantOf(spec)}`);
  return specs.map((spec, place) => {
    const name = plain[place] ?? "";
    const alike = specs.filter((_, other) => plain[other] === name);
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

/** What of the method a resolved train spec leaves out. */
function variantOf(spec: Spec): string {
  const ids = spec.semanticIds !== undefined;
  const policy = (spec.policy ?? {}) as Spec;
  if (policy.name !== "hgpo") {
    if (policy.name === "random") return ids ? "random" : "random without semantic ids";
    return ids ? "dseg" : "base";
  }
  const cut = [
    ...(ids ? [] : ["no_dseg"]),
    ...(policy.learnTemperature === false ? ["no_adaptive_tau"] : []),
    ...(policy.learnNegatives === false ? ["random_neg"] : []),
    ...(policy.advantage === "grpo" ? ["grpo"] : policy.harmonyWeight === 0 ? ["no_harm"] : []),
    ...((spec.fusion as Spec | undefined)?.method === "weighted_sum" ? ["weighted_sum"] : []),
  ];
  return cut.length > 0 ? cut.join("+") : "full";
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

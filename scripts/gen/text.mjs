/** Words of the generated types, schemas and pages: names of fields, ranges, defaults. */

/** `batch_size` -> `batchSize`. */
export const camelCase = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

const number = (value) =>
  value === 2 ** 32 - 1 ? "2^32 - 1" : value.toLocaleString("en-US", { maximumSignificantDigits: 15 });

/** The name of the type that a schema refers to. */
export const refName = (schema) => schema.$ref?.replace("#/$defs/", "");

/** Writes documentation in terms of camelCase fields and of fields that are left out. */
export class Prose {
  #fields;

  constructor(types) {
    const names = Object.values(types).flatMap(({ properties = {} }) => Object.keys(properties));
    this.#fields = new Set(names.filter((name) => name.includes("_")));
  }

  /** A text from Python, where fields are in snake case and one that is left out is None. */
  of(text) {
    return text
      .replace(/`([\w.]+)`/g, (_, path) => `\`${this.#path(path)}\``)
      .replace(/None means that /g, "If it is left out, ")
      .replace(/None means /g, "Default: ");
  }

  /** A path, or a value such as `raw_text`, which stays as it is. */
  #path(path) {
    const parts = path.split(".");
    return parts.map((part) => (this.#fields.has(part) ? camelCase(part) : part)).join(".");
  }

  /** What follows the meaning of a field: its default, range and source, each as one sentence. */
  facts(schema, types) {
    const defaults = defaultsOf(schema, types);
    const range = rangeOf(schema);
    const isLength = ["array", "string"].includes(schema.type);
    return [
      defaults.length > 0 &&
        `${schema.default === undefined ? "Other defaults" : "Default"}: ${defaults.join("; ")}.`,
      range && `${isLength ? "Length" : "Range"}: ${range}.`,
      schema.source && `Source: ${schema.source}.`,
    ].filter(Boolean);
  }
}

/** The default of a field, and then the defaults under a recipe or a preset where they differ. */
export function defaultsOf(schema, types) {
  const standard = defaultOf(schema, types);
  return [...(standard === undefined ? [] : [standard]), ...(schema.otherDefaults ?? []).map(otherDefault)];
}

function otherDefault({ with: setting, value }) {
  const of = `with \`${setting}\``;
  if (typeof value !== "object") return `${literal(value)} ${of}`;
  const each = Object.entries(value).map(([name, own]) => `${literal(own)} for ${name}`);
  return `${of} ${each.join(", ")}`;
}

/** A value as it is written in a spec; undefined for one that says nothing, such as an empty object. */
function defaultOf({ default: value, items }, types) {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return typeof value === "object" ? caseOf(value) : literal(value);
  const all = types[refName(items)]?.enum;
  if (all?.length === value.length) return "all of them";
  return value.length === 0
    ? "an empty list"
    : `\`[${value.map((each) => JSON.stringify(each)).join(", ")}]\``;
}

/** The default of a union; a section has none, because its fields have theirs. */
function caseOf({ name, ...options }) {
  return name && Object.keys(options).length === 0 ? `\`{ name: "${name}" }\`` : undefined;
}

function literal(value) {
  return typeof value === "number" ? number(value) : `\`${JSON.stringify(value)}\``;
}

/** The range of a number, or the length of a list or a text, in words. */
export function rangeOf(schema) {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, minItems, maxItems, maxLength } = schema;
  if (schema.type === "array") {
    const inner = rangeOf(schema.items);
    const length = between({ low: minItems, high: maxItems });
    return [length && `${length} entries`, inner && `each ${inner}`].filter(Boolean).join(", ") || undefined;
  }
  if (schema.type === "string")
    return maxLength && schema.pattern === undefined ? `at most ${number(maxLength)} characters` : undefined;
  return between({ low: minimum, high: maximum, above: exclusiveMinimum, below: exclusiveMaximum });
}

function between({ low, high, above, below }) {
  if (low !== undefined && high !== undefined) return `${number(low)} to ${number(high)}`;
  const from =
    low === undefined ? above !== undefined && `above ${number(above)}` : `at least ${number(low)}`;
  const to = high === undefined ? below !== undefined && `below ${number(below)}` : `at most ${number(high)}`;
  return [from, to].filter(Boolean).join(", ") || undefined;
}

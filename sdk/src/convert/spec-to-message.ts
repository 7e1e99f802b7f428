/**
 * Converts specs as users write them to messages. It walks the descriptors, so there is no list of fields to maintain.
 * It checks names and types only. The server checks bounds and fills in defaults.
 */

import type { DescEnum, DescField, DescMessage, MessageShape } from "@bufbuild/protobuf";
import { create, ScalarType } from "@bufbuild/protobuf";
import { InvalidArgumentError, type Violation } from "../errors.js";
import { enumNames, onlyChoice } from "./enum-names.js";
import { didYouMean } from "./suggest.js";
import { violationText } from "./violations-as-written.js";

type Init = Record<string, unknown>;

/** Fields of the contract that a spec must not have, by `<message>.<field>`, with the way to set them. */
export type Withheld = Readonly<Record<string, string>>;

/**
 * Converts a spec to a message.
 *
 * @param what Kind of the spec, for the message of the error.
 * @throws InvalidArgumentError with all violations.
 */
export function specToMessage<D extends DescMessage>(
  schema: D,
  spec: unknown,
  what: string,
  withheld: Withheld = {},
): MessageShape<D> {
  const walker = new Walker(withheld);
  const init = walker.message(schema, spec, "");
  const { violations } = walker;
  if (violations.length > 0) {
    throw new InvalidArgumentError(violationText(what, violations), { violations });
  }
  // The walker follows the same descriptor, so the shape is correct. The compiler cannot see that.
  return create(schema, init as never);
}

/** Walks a spec along a descriptor and collects the violations. */
class Walker {
  readonly violations: Violation[] = [];
  readonly #withheld: Withheld;

  constructor(withheld: Withheld) {
    this.#withheld = withheld;
  }

  message(desc: DescMessage, value: unknown, path: string): Init | undefined {
    if (!isRecord(value)) return this.#wrong(path, "an object", value);
    const choice = onlyChoice(desc);
    return choice ? this.#choice(desc, choice.localName, value, path) : this.#fields(desc, value, path);
  }

  #choice(desc: DescMessage, oneof: string, value: Init, path: string): Init | undefined {
    const { name, ...options } = value;
    const names = desc.fields.map((field) => field.name);
    const field = desc.fields.find((candidate) => candidate.name === name);
    if (field?.message === undefined) {
      const hint = typeof name === "string" ? didYouMean(name, names) : "";
      return this.#wrong(join(path, "name"), `one of ${names.join(", ")}`, name, hint);
    }
    const inner = this.#fields(field.message, options, path);
    return { [oneof]: { case: field.localName, value: inner } };
  }

  #fields(desc: DescMessage, value: Init, path: string): Init {
    const init: Init = {};
    for (const [key, given] of Object.entries(value)) {
      if (given === undefined) continue;
      const field = desc.fields.find((candidate) => candidate.name === key || candidate.localName === key);
      if (field === undefined) {
        const names = desc.fields.map((f) => (key.includes("_") ? f.name : f.localName));
        this.#add(join(path, key), `unknown field${didYouMean(key, names)}`);
      } else if (`${desc.name}.${field.name}` in this.#withheld) {
        this.#add(join(path, key), `not a field of a spec, ${this.#withheld[`${desc.name}.${field.name}`]}`);
      } else if (field.localName in init) {
        this.#add(join(path, key), `given twice, as ${field.localName} and ${field.name}`);
      } else {
        init[field.localName] = this.#field(field, given, join(path, key));
      }
    }
    return init;
  }

  #field(field: DescField, value: unknown, path: string): unknown {
    switch (field.fieldKind) {
      case "scalar":
        return this.#scalar(field.scalar, value, path);
      case "enum":
        return this.#enum(field.enum, value, path);
      case "message":
        return this.message(field.message, value, path);
      case "list":
        return this.#list(field, value, path);
      case "map":
        return this.#map(field, value, path);
    }
  }

  #list(field: DescField & { fieldKind: "list" }, value: unknown, path: string): unknown {
    if (!Array.isArray(value)) return this.#wrong(path, "a list", value);
    return value.map((item: unknown, i) => this.#element(field, item, `${path}.${i}`));
  }

  #map(field: DescField & { fieldKind: "map" }, value: unknown, path: string): unknown {
    if (!isRecord(value)) return this.#wrong(path, "an object", value);
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, this.#element(field, item, join(path, key))]),
    );
  }

  #element(field: DescField & { fieldKind: "list" | "map" }, value: unknown, path: string): unknown {
    const kind = field.fieldKind === "list" ? field.listKind : field.mapKind;
    if (kind === "message" && field.message) return this.message(field.message, value, path);
    if (kind === "enum" && field.enum) return this.#enum(field.enum, value, path);
    return this.#scalar(field.scalar ?? ScalarType.STRING, value, path);
  }

  #enum(desc: DescEnum, value: unknown, path: string): unknown {
    const names = enumNames(desc);
    const number = typeof value === "string" ? names.get(value) : undefined;
    if (number !== undefined) return number;
    const known = [...names.keys()];
    const hint = typeof value === "string" ? didYouMean(value, known) : "";
    return this.#wrong(path, `one of ${known.join(", ")}`, value, hint);
  }

  #scalar(type: ScalarType, value: unknown, path: string): unknown {
    switch (type) {
      case ScalarType.STRING:
        return this.#string(value, path);
      case ScalarType.BOOL:
        return typeof value === "boolean" ? value : this.#wrong(path, "true or false", value);
      case ScalarType.DOUBLE:
      case ScalarType.FLOAT:
        return Number.isFinite(value) ? value : this.#wrong(path, "a finite number", value);
      case ScalarType.UINT32:
        return this.#integer(value, path, 2 ** 32 - 1);
      case ScalarType.UINT64: {
        const number = this.#integer(value, path, Number.MAX_SAFE_INTEGER);
        return number === undefined ? undefined : BigInt(number);
      }
      default:
        // No spec has a field of another type. A test walks all specs.
        throw new TypeError(`specs have no scalar of type ${ScalarType[type]}`);
    }
  }

  #string(value: unknown, path: string): string | undefined {
    if (typeof value === "string") return value;
    // A field that takes the id of an artifact also accepts the reference from a result.
    if (isRecord(value) && typeof value.id === "string" && "kind" in value) return value.id;
    return this.#wrong(path, "a string", value);
  }

  #integer(value: unknown, path: string, max: number): number | undefined {
    const fits = Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
    return fits ? (value as number) : this.#wrong(path, `a whole number from 0 to ${max}`, value);
  }

  #wrong(path: string, expected: string, got: unknown, hint = ""): undefined {
    const cure = got === null ? " (remove the field to use the server's default)" : hint;
    this.#add(path, `expected ${expected}, got ${show(got)}${cure}`);
  }

  #add(path: string, description: string): void {
    this.violations.push({ path, description });
  }
}

function join(path: string, key: string): string {
  return path ? `${path}.${key}` : key;
}

function isRecord(value: unknown): value is Init {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "bigint" || typeof value === "number") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "bigint" ? String(inner) : inner,
  );
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

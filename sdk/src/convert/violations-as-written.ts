/** Converts violations of the server to the names that the user wrote, for example `earlyStop.patience`. */

import type { DescMessage } from "@bufbuild/protobuf";
import { InvalidArgumentError, type Violation } from "../errors.js";

/**
 * Returns the error with the paths and the field names of its violations in the spelling of `spec`.
 *
 * The server names fields in snake_case, while a spec may use camelCase, snake_case or both. A field that the spec
 * contains keeps the spelling that it has there. Every other field is in snake_case if the spec uses snake_case
 * for any field, and in camelCase otherwise. Errors of other kinds are returned unchanged.
 */
export function violationsAsWritten(
  error: unknown,
  schema: DescMessage,
  spec: unknown,
  what: string,
): unknown {
  if (!(error instanceof InvalidArgumentError) || error.violations.length === 0) return error;
  const style = usesSnakeCase(spec) ? (name: string) => name : camelCase;
  const names = fieldNames(schema);
  const violations = error.violations.map(({ path, description }) => ({
    path: pathAsWritten(path, spec, style),
    description: description.replace(/\b[a-z][a-z0-9]*(_[a-z0-9]+)+\b/g, (word) =>
      names.has(word) ? style(word) : word,
    ),
  }));
  const { reason, requestId, hint, cause } = error;
  return new InvalidArgumentError(violationText(what, violations), {
    violations,
    ...(reason !== undefined && { reason }),
    ...(requestId !== undefined && { requestId }),
    ...(hint !== undefined && { hint }),
    ...(cause !== undefined && { cause }),
  });
}

/** Returns the message of an error about a spec, which contains every violation. */
export function violationText(what: string, violations: readonly Violation[]): string {
  const shown = violations.map(({ path, description }) => (path ? `${path}: ${description}` : description));
  return `${what} spec: ${shown.join("; ")}`;
}

function pathAsWritten(path: string, spec: unknown, style: (name: string) => string): string {
  let value = spec;
  const written = path.split(".").map((name) => {
    const key = Array.isArray(value) ? name : (keyOf(value, name) ?? style(name));
    value = (value as Record<string, unknown> | undefined)?.[key];
    return key;
  });
  return written.join(".");
}

function keyOf(value: unknown, name: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.keys(value).find((key) => key === name || camelCase(key) === camelCase(name));
}

function usesSnakeCase(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) => key.includes("_") || usesSnakeCase(inner));
}

/** Returns the names of all fields of a message and of the messages below it, as the contract spells them. */
function fieldNames(schema: DescMessage, names = new Set<string>(), seen = new Set<string>()): Set<string> {
  if (seen.has(schema.typeName)) return names;
  seen.add(schema.typeName);
  for (const field of schema.fields) {
    names.add(field.name);
    if (field.message !== undefined) fieldNames(field.message, names, seen);
  }
  return names;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

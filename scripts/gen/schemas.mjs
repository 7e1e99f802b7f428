/** JSON Schemas of spec files, for editors and for checks: `lghrec schema <kind>` prints them. */

import { camelCase, refName } from "./text.mjs";

/** Draft 7 is the newest one that the YAML plugins of editors know completely. */
const DRAFT = "http://json-schema.org/draft-07/schema#";
const STANDARD = [
  ...["type", "enum", "const", "default", "pattern", "minLength", "maxLength", "minItems", "maxItems"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
];

/** Files by name, one for each kind of run. */
export function schemaFiles({ kinds, $defs: types }, prose) {
  return new Map(
    Object.entries(kinds).map(([kind, name]) => {
      const schema = new FileSchema(types, prose).root(kind, name);
      return [`${kind}.schema.json`, `${JSON.stringify(schema, undefined, 2)}\n`];
    }),
  );
}

/**
 * The schema of a file. It differs from that of a request:
 *
 * - a field may be in camelCase, which editors suggest, or in snake_case;
 * - ids of artifacts and of runs are not required, because `--set` often gives them on the command line.
 */
class FileSchema {
  #types;
  #prose;
  #definitions = {};

  constructor(types, prose) {
    this.#types = types;
    this.#prose = prose;
  }

  root(kind, name) {
    const whole = this.#object(this.#types[name], "#");
    const title = `Spec of ${kind === "evaluate" || kind === "export" ? "an" : "a"} ${kind} run of LGHRec`;
    return { $schema: DRAFT, title, ...whole, definitions: sorted(this.#definitions) };
  }

  #reference(name) {
    if (!(name in this.#definitions)) {
      this.#definitions[name] = {}; // a type that contains itself refers to this one
      this.#definitions[name] = this.#named(this.#types[name], `#/definitions/${name}`);
    }
    return { $ref: `#/definitions/${name}` };
  }

  #named(type, path) {
    if (type.properties !== undefined) return this.#object(type, path);
    return type.oneOf === undefined ? this.#standard(type) : this.#union(type);
  }

  /** The case is chosen by `name`, so that an error names the wrong field instead of all cases. */
  #union({ description, oneOf }) {
    const cases = oneOf.map((member) => [
      this.#types[refName(member)].properties.name.const,
      refName(member),
    ]);
    return {
      description: this.#prose.of(description),
      type: "object",
      properties: { name: { enum: cases.map(([name]) => name) } },
      required: ["name"],
      allOf: cases.map(([name, type]) => ({
        if: { properties: { name: { const: name } }, required: ["name"] },
        // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema
        then: this.#reference(type),
      })),
    };
  }

  #object({ description, properties, required, exactlyOne }, path) {
    const fields = Object.entries(properties).filter(([, { setByCall }]) => !setByCall);
    const needed = fields.filter(([name, { idOf }]) => required.includes(name) && idOf === undefined);
    return {
      description: this.#prose.of(description),
      type: "object",
      properties: Object.fromEntries(fields.flatMap(([name, schema]) => this.#spellings(name, schema, path))),
      additionalProperties: false,
      ...(needed.length > 0 && requirement(needed.map(([name]) => name))),
      ...(exactlyOne && { oneOf: this.#alternatives(exactlyOne, properties) }),
    };
  }

  #spellings(name, schema, path) {
    const written = camelCase(name);
    const both = [[written, this.#field(schema)]];
    if (written !== name)
      both.push([name, { allOf: [{ $ref: `${path}/properties/${written}` }], doNotSuggest: true }]);
    return both;
  }

  /** One of these fields, or none where an option of the command line may give an id instead. */
  #alternatives(names, properties) {
    const each = names.map((name) => ({ required: [camelCase(name)] }));
    return names.some((name) => properties[name].idOf) ? [...each, { not: { anyOf: each } }] : each;
  }

  #field(schema) {
    const facts = this.#prose.facts(schema, this.#types);
    const description = schema.description && this.#prose.of([schema.description, ...facts].join(" "));
    return { ...(description && { description }), ...this.#value(schema) };
  }

  #value(schema) {
    // Draft 7 ignores keywords beside a reference.
    if (schema.$ref !== undefined)
      return { allOf: [this.#reference(refName(schema))], ...this.#standard(schema) };
    const { items, additionalProperties, propertyNames } = schema;
    return {
      ...this.#standard(schema),
      ...(items && { items: this.#value(items) }),
      ...(propertyNames && {
        propertyNames: this.#value(propertyNames),
        additionalProperties: this.#value(additionalProperties),
      }),
    };
  }

  /** Standard keywords. The default of a section is left out, because those of its fields say the same. */
  #standard(schema) {
    const isSection = typeof schema.default === "object" && !Array.isArray(schema.default);
    const keywords = STANDARD.filter(
      (name) => schema[name] !== undefined && !(isSection && name === "default"),
    );
    const description = schema.enum && schema.description && this.#prose.of(schema.description);
    return {
      ...(description && { description }),
      ...Object.fromEntries(keywords.map((name) => [name, schema[name]])),
    };
  }
}

/** Every name, in one of its two spellings. */
function requirement(names) {
  const same = names.filter((name) => camelCase(name) === name);
  const others = names.filter((name) => camelCase(name) !== name);
  const either = (name) => ({ anyOf: [{ required: [camelCase(name)] }, { required: [name] }] });
  return {
    ...(same.length > 0 && { required: same }),
    ...(others.length > 0 && { allOf: others.map(either) }),
  };
}

const sorted = (members) => Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));

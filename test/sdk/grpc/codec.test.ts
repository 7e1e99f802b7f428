import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  type Message,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as stubs from "../../../sdk/src/grpc/index.js";
import * as protos from "../../../sdk/src/protos.js";

/** The codec that ts-proto generates for each message. */
interface Codec {
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

const schemas = (Object.values(protos) as { kind?: unknown }[]).filter(
  (value): value is DescMessage => value.kind === "message",
);

function codecOf({ name }: DescMessage): Codec {
  return (stubs as unknown as Record<string, Codec>)[name] as Codec;
}

/** Generates any message: each field is set or unset, with a value from the whole range of its type. */
function messages(desc: DescMessage, depth = 0): fc.Arbitrary<Record<string, unknown>> {
  const singles = desc.fields.filter(({ oneof }) => oneof === undefined);
  const fields = Object.fromEntries(singles.map((field) => [field.localName, values(field, depth)]));
  const oneofs = Object.fromEntries(
    desc.oneofs.map((oneof) => [oneof.localName, choices(oneof.fields, depth)]),
  );
  return fc.record({ ...fields, ...oneofs }, { requiredKeys: [] });
}

function choices(fields: readonly DescField[], depth: number): fc.Arbitrary<unknown> {
  const cases = fields.map((field) =>
    fc.record({ case: fc.constant(field.localName), value: values(field, depth) }),
  );
  return fc.oneof(...cases);
}

function values(field: DescField, depth: number): fc.Arbitrary<unknown> {
  switch (field.fieldKind) {
    case "scalar":
      return scalars(field.scalar);
    case "enum":
      return fc.constantFrom(...field.enum.values.map(({ number }) => number));
    case "message":
      return messages(field.message, depth + 1);
    case "list":
      return fc.array(field.message ? messages(field.message, depth + 1) : listed(field), { maxLength: 3 });
    case "map": {
      // ts-proto omits an empty key and a zero value, protobuf-es writes them, and both read both forms.
      const value = scalars(field.scalar ?? ScalarType.STRING).filter((v) => v !== "" && v !== 0);
      return fc.dictionary(fc.string({ minLength: 1 }), value, { maxKeys: 1 });
    }
  }
}

function listed(field: DescField & { fieldKind: "list" }): fc.Arbitrary<unknown> {
  if (field.enum) return fc.constantFrom(...field.enum.values.map(({ number }) => number));
  return scalars(field.scalar ?? ScalarType.STRING);
}

function scalars(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return fc.string({ unit: "binary" });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.BYTES:
      return fc.uint8Array();
    case ScalarType.DOUBLE:
      return fc.double().map((value) => (value === 0 ? 0 : value)); // -0 is not kept apart from 0
    case ScalarType.UINT32:
      return fc.nat(2 ** 32 - 1);
    case ScalarType.INT32:
      return fc.integer();
    case ScalarType.UINT64:
      return fc.bigInt(0n, 2n ** 64n - 1n);
    case ScalarType.INT64:
      return fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
    default:
      throw new Error(`the contract has no scalar of type ${ScalarType[type]}`);
  }
}

describe("protobuf-es and ts-proto", () => {
  it("have the same messages", () => {
    expect(schemas.length).toBeGreaterThan(60);
    expect(schemas.filter((schema) => codecOf(schema) === undefined).map(({ name }) => name)).toEqual([]);
  });

  it.each(schemas.map((schema) => [schema.name, schema] as const))(
    "write %s as the same bytes, except for the order of fields",
    (_, schema) => {
      const codec = codecOf(schema);
      const bytesOf = (message: Message) => toBinary(schema, message, { writeUnknownFields: true });
      fc.assert(
        fc.property(messages(schema), (init) => {
          const bytes = bytesOf(create(schema, init as never));
          // One codec writes fields in the order of their numbers, the other in the order of their declaration. So
          // the bytes are compared after a round trip through ts-proto, which gives both the same order.
          const through = codec.encode(codec.decode(bytes)).finish();
          expect(through.length).toBe(bytes.length);
          expect(Buffer.from(bytesOf(fromBinary(schema, through))).equals(bytes)).toBe(true);
        }),
        { numRuns: 30, seed: 3 },
      );
    },
  );
});

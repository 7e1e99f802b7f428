/** Names in specs for the names of the contract. They are derived from the descriptors. */

import type { DescEnum, DescMessage, DescOneof } from "@bufbuild/protobuf";

/** Returns the numbers of an enum by their names in specs: `minilm` for `TEXT_ENCODER_MINILM`. 0 has no name. */
export function enumNames(desc: DescEnum): ReadonlyMap<string, number> {
  const prefix = desc.sharedPrefix ?? "";
  const named = desc.values.filter((value) => value.number !== 0);
  return new Map(named.map((value) => [value.name.toLowerCase().slice(prefix.length), value.number]));
}

/** Returns the name in specs of a number of an enum, or undefined for 0 and for unknown numbers. */
export function enumName(desc: DescEnum, number: number): string | undefined {
  for (const [name, value] of enumNames(desc)) if (value === number) return name;
  return undefined;
}

/**
 * Returns the oneof of a message that consists of one oneof, such as `Backbone`. In specs it is `{ name, ...options }`.
 * Returns undefined for any other message.
 */
export function onlyChoice(desc: DescMessage): DescOneof | undefined {
  const [oneof] = desc.oneofs;
  return oneof !== undefined && oneof.fields.length === desc.fields.length ? oneof : undefined;
}

/** How names of the contract and names in specs belong together; read from the descriptors. */

import type { DescEnum, DescMessage, DescOneof } from "@bufbuild/protobuf";

/** `TEXT_ENCODER_MINILM` is `minilm` in a spec; the zero value has no name. */
export function enumNames(desc: DescEnum): ReadonlyMap<string, number> {
  const prefix = desc.sharedPrefix ?? "";
  const named = desc.values.filter((value) => value.number !== 0);
  return new Map(named.map((value) => [value.name.toLowerCase().slice(prefix.length), value.number]));
}

/** The name in specs of an enum's number, or undefined for the zero value and for numbers not known here. */
export function enumName(desc: DescEnum, number: number): string | undefined {
  for (const [name, value] of enumNames(desc)) if (value === number) return name;
  return undefined;
}

/** The oneof of a message that is nothing but one choice, such as `Backbone`: in specs `{ name, ...options }`. */
export function onlyChoice(desc: DescMessage): DescOneof | undefined {
  const [oneof] = desc.oneofs;
  return oneof !== undefined && oneof.fields.length === desc.fields.length ? oneof : undefined;
}

/** Converts messages to specs as users write them: the inverse of `spec-to-message.ts`. A resolved spec can be sent again. */

import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { enumName, onlyChoice } from "./enum-names.js";

/** Returns a plain object with camelCase keys that contains the fields that are set. 64-bit integers become numbers. */
export function messageToSpec(schema: DescMessage, message: Message): Record<string, unknown> {
  return readMessage(reflect(schema, message));
}

function readMessage(message: ReflectMessage): Record<string, unknown> {
  const choice = onlyChoice(message.desc);
  const set = message.fields.filter((field) => message.isSet(field));
  if (choice === undefined) {
    return Object.fromEntries(set.map((field) => [field.localName, readField(message, field)]));
  }
  const [field] = set;
  if (field?.fieldKind !== "message") return {};
  return { name: field.name, ...readMessage(message.get(field)) };
}

function readField(message: ReflectMessage, field: DescField): unknown {
  switch (field.fieldKind) {
    case "message":
      return readMessage(message.get(field));
    case "enum": {
      const number = message.get(field);
      return enumName(field.enum, number) ?? String(number);
    }
    case "list":
      return [...message.get(field)].map(element);
    case "map":
      return Object.fromEntries([...message.get(field)].map(([key, value]) => [String(key), element(value)]));
    case "scalar":
      return plain(message.get(field));
  }
}

function element(value: unknown): unknown {
  return isReflectMessage(value) ? readMessage(value) : plain(value);
}

function plain(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

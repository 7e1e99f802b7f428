/** Conversions that all messages share: references, files, times and names of enums. */

import type { DescEnum } from "@bufbuild/protobuf";
import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { ArtifactFile } from "../api/artifacts.js";
import { IncompatibleServerError } from "../errors.js";
import { ArtifactKindSchema, type ArtifactRef as ArtifactRefMessage } from "../gen/lghrec/v1/artifact_pb.js";
import type { ArtifactKind, ArtifactRef } from "../specs/common.js";
import { enumName } from "./enum-names.js";

/** Throws `IncompatibleServerError` if the reference is unset. */
export function toRef<K extends ArtifactKind>(
  ref: Omit<ArtifactRefMessage, "$typeName"> | undefined,
): ArtifactRef<K> {
  if (ref === undefined) throw missingField("an artifact of a result");
  const kind = enumNameOf<ArtifactKind>(ArtifactKindSchema, ref.kind) as K;
  return { id: ref.id, kind, sizeBytes: Number(ref.sizeBytes) };
}

export function toFile(file: { path: string; sizeBytes: bigint; sha256: string }): ArtifactFile {
  return { path: file.path, sizeBytes: Number(file.sizeBytes), sha256: file.sha256 };
}

/** Returns 1970-01-01 for an unset time. */
export function toDate(time: Timestamp | undefined): Date {
  return time === undefined ? new Date(0) : timestampDate(time);
}

/** Returns the name of an enum value. Throws `IncompatibleServerError` for an unknown value without a `fallback`. */
export function enumNameOf<Name extends string>(desc: DescEnum, number: number, fallback?: Name): Name {
  const name = enumName(desc, number) ?? fallback;
  if (name === undefined) throw missingField(`a known ${desc.name}, got ${number}`);
  return name as Name;
}

/** The error for an answer that lacks a required field. `what` names the field. */
export function missingField(what: string): IncompatibleServerError {
  return new IncompatibleServerError(`the server's answer lacks ${what}`);
}

/** Returns the id of an object that a user gives by its id or by the object itself. */
export function idOf(input: string | { readonly id: string }): string {
  return typeof input === "string" ? input : input.id;
}

type Unset<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];

/** Returns the record without the keys whose value is undefined. Unset fields of a message are absent for users. */
export function withoutUnset<T extends object>(
  record: T,
): Omit<T, Unset<T>> & { [K in Unset<T>]?: Exclude<T[K], undefined> } {
  const set = Object.entries(record).filter(([, value]) => value !== undefined);
  // The type of `Object.fromEntries` loses the keys.
  return Object.fromEntries(set) as ReturnType<typeof withoutUnset<T>>;
}

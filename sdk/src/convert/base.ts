/** What every conversion of messages needs: references, times, and names of enums. */

import type { DescEnum } from "@bufbuild/protobuf";
import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { ArtifactFile } from "../api/artifacts.js";
import { IncompatibleServerError } from "../errors.js";
import { ArtifactKindSchema, type ArtifactRef as ArtifactRefMessage } from "../gen/lghrec/v1/artifact_pb.js";
import type { ArtifactKind, ArtifactRef } from "../specs/common.js";
import { enumName } from "./enum-names.js";

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

export function toDate(time: Timestamp | undefined): Date {
  return time === undefined ? new Date(0) : timestampDate(time);
}

export function enumNameOf<Name extends string>(desc: DescEnum, number: number, fallback?: Name): Name {
  const name = enumName(desc, number) ?? fallback;
  if (name === undefined) throw missingField(`a ${desc.name} this client knows (got ${number})`);
  return name as Name;
}

export function missingField(what: string): IncompatibleServerError {
  return new IncompatibleServerError(`the server's answer lacks ${what}`);
}

/** The id of what a user names by its id, or by an object that carries it. */
export function idOf(named: string | { readonly id: string }): string {
  return typeof named === "string" ? named : named.id;
}

type Unset<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];

/** The record without the keys whose value is undefined: what is unset on the wire is absent for users. */
export function withoutUnset<T extends object>(
  record: T,
): Omit<T, Unset<T>> & { [K in Unset<T>]?: Exclude<T[K], undefined> } {
  const set = Object.entries(record).filter(([, value]) => value !== undefined);
  // `Object.fromEntries` forgets the keys and their types.
  return Object.fromEntries(set) as ReturnType<typeof withoutUnset<T>>;
}

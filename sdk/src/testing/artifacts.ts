/** Artifacts of a fake server, kept in memory. */

import { createHash } from "node:crypto";
import type { MessageShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type Artifact,
  ArtifactSchema,
  type DownloadArtifactRequest,
  DownloadArtifactResponseSchema,
} from "../gen/lghrec/v1/artifact_pb.js";
import type { ArtifactKind, ArtifactRef } from "../specs/common.js";
import { toRefMessage } from "./messages.js";
import { statusError } from "./status.js";

const CHUNK_BYTES = 64 * 1024;

export class FakeArtifacts {
  readonly #stored = new Map<string, { message: Artifact; files: ReadonlyMap<string, Uint8Array> }>();

  /** Stores an artifact. Its id is a hash of the contents, so equal contents are one artifact, of the first run. */
  add<K extends ArtifactKind>(
    kind: K,
    contents: Readonly<Record<string, Uint8Array | string>>,
    runId = "",
  ): ArtifactRef<K> {
    const files = new Map(
      Object.entries(contents).map(([path, content]) => [path, Buffer.from(content)] as const),
    );
    const listed = [...files].map(([path, bytes]) => ({
      path,
      sizeBytes: bytes.length,
      sha256: sha256(bytes),
    }));
    const id = sha256(JSON.stringify([kind, listed]));
    const ref = { id, kind, sizeBytes: listed.reduce((sum, file) => sum + file.sizeBytes, 0) };
    if (this.#stored.has(id)) return ref;
    const message = create(ArtifactSchema, {
      ...toRefMessage(ref),
      runId,
      files: listed.map((file) => ({ ...file, sizeBytes: BigInt(file.sizeBytes) })),
      createTime: timestampFromDate(new Date()),
    });
    this.#stored.set(id, { message, files });
    return ref;
  }

  /** Replaces the bytes of a file but not its hash, like a damaged disk. */
  corrupt(id: string, path: string, bytes: Uint8Array): void {
    const { message, files } = this.#find(id);
    this.#stored.set(id, { message, files: new Map([...files, [path, bytes]]) });
  }

  get(id: string): Artifact {
    return this.#find(id).message;
  }

  list(kind: number): Artifact[] {
    const all = [...this.#stored.values()].map(({ message }) => message).reverse();
    return kind === 0 ? all : all.filter((message) => message.kind === kind);
  }

  *chunks(request: DownloadArtifactRequest): Generator<MessageShape<typeof DownloadArtifactResponseSchema>> {
    const bytes = this.#find(request.artifactId).files.get(request.path);
    if (bytes === undefined) {
      throw statusError({ status: "not_found", reason: "FILE_UNKNOWN", message: `no file ${request.path}` });
    }
    const start = Number(request.offset);
    if (start > bytes.length) throw statusError({ status: "out_of_range", reason: "OFFSET_PAST_END" });
    for (let offset = start; offset < bytes.length; offset += CHUNK_BYTES) {
      const chunk = Uint8Array.from(bytes.subarray(offset, offset + CHUNK_BYTES));
      yield create(DownloadArtifactResponseSchema, { offset: BigInt(offset), chunk });
    }
  }

  #find(id: string) {
    const found = this.#stored.get(id);
    if (found !== undefined) return found;
    throw statusError({ status: "not_found", reason: "ARTIFACT_UNKNOWN", message: `no artifact ${id}` });
  }
}

export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Stored artifacts as the client shows them. */

import type { ArtifactKind, ArtifactRef } from "../specs/common.js";
import type { CallOptions } from "./options.js";

export interface ArtifactInfo<K extends ArtifactKind = ArtifactKind> extends ArtifactRef<K> {
  readonly files: readonly ArtifactFile[];
  /** The run that first stored it. */
  readonly runId: string;
  readonly createTime: Date;
}

export interface ArtifactFile {
  /** Relative path with forward slashes. */
  readonly path: string;
  readonly sizeBytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

export interface DownloadOptions extends CallOptions {
  /** Only these files, by their path in the artifact; left out means all. */
  files?: readonly string[] | undefined;
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** Counted in bytes; `done` and `total` are over all files of the download. */
export interface DownloadProgress {
  readonly file: string;
  readonly done: number;
  readonly total: number;
}

export interface ArtifactFilter {
  /** Left out means all. */
  kind?: ArtifactKind | undefined;
}

/** Types of stored artifacts: their records, files and downloads. */

import type { ArtifactKind, ArtifactRef } from "../specs/common.js";
import type { CallOptions } from "./options.js";

/** The record of a stored artifact. `client.artifacts.get` and `client.artifacts.list` return it. */
export interface ArtifactInfo<K extends ArtifactKind = ArtifactKind> extends ArtifactRef<K> {
  readonly files: readonly ArtifactFile[];
  /** Id of the run that stored the artifact first. */
  readonly runId: string;
  readonly createTime: Date;
}

/** One file of an artifact or of an uploaded data set. */
export interface ArtifactFile {
  /** Relative path with forward slashes. */
  readonly path: string;
  readonly sizeBytes: number;
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Options of `client.artifacts.download` and {@link Run.download}. */
export interface DownloadOptions extends CallOptions {
  /** Paths of the files to download, as the artifact lists them. The default is all files. */
  files?: readonly string[] | undefined;
  /** Called after each chunk of bytes. */
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** Progress of a download. `done` and `total` are bytes, summed over all files of the download. */
export interface DownloadProgress {
  /** Path of the file that is being downloaded. */
  readonly file: string;
  readonly done: number;
  readonly total: number;
}

/** Conditions for `client.artifacts.list`. */
export interface ArtifactFilter {
  /** The default is all kinds. */
  kind?: ArtifactKind | undefined;
}

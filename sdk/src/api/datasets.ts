/** Uploaded data sets as the client shows them. */

import type { ArtifactInput, ArtifactRef } from "../specs/common.js";
import type { ArtifactFile } from "./artifacts.js";
import type { CallOptions } from "./options.js";

export interface DatasetsApi {
  /**
   * Brings a file, or the files of a folder, to the server. Hidden files and symbolic links of a folder are left
   * out. Data sets are named by their content: what the server has is not sent, and an upload that was cut goes
   * on where it ended, also in another process. No time limit unless `timeoutMs` is given.
   *
   * Raises `InvalidArgumentError` for a path that cannot be read, `IntegrityError` if a file changes meanwhile.
   *
   * @example
   * const upload = await client.datasets.upload("./my-clicks");
   * await client.preprocess({ source: { upload, format: "delimited" } }).wait();
   */
  upload(path: string, options?: UploadOptions): Promise<DatasetRef>;
  /** Newest first; fetches page after page. `timeoutMs` is for each page. */
  list(options?: CallOptions): AsyncIterable<DatasetRef>;
  get(dataset: ArtifactInput<"source">, options?: CallOptions): Promise<DatasetRef>;
  /** Removes the raw files; what was prepared from them stays. `ConflictError` while a run reads them. */
  delete(dataset: ArtifactInput<"source">, options?: CallOptions): Promise<void>;
}

/** An uploaded data set; `source.upload` of a preprocess spec takes it as it is. */
export interface DatasetRef extends ArtifactRef<"source"> {
  /** Given by whoever sent it first. */
  readonly name: string;
  readonly files: readonly ArtifactFile[];
  readonly createTime: Date;
}

export interface UploadOptions extends CallOptions {
  /** At most 128 characters, no part of the id; left out: the name of the file or folder. */
  name?: string | undefined;
  onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Called once if files of the folder are left out. */
  onSkipped?: ((skipped: SkippedFiles) => void) | undefined;
}

/** Counted in bytes, over all files of the phase; first everything is hashed, then what is missing is sent. */
export interface UploadProgress {
  readonly phase: "hash" | "send";
  readonly file: string;
  readonly done: number;
  readonly total: number;
}

/** How many entries of a folder are no part of an upload. */
export interface SkippedFiles {
  /** Files and folders whose names begin with a dot. */
  readonly hidden: number;
  readonly symlinks: number;
  /** Sockets, pipes and devices. */
  readonly special: number;
}

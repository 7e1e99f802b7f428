/** Types of uploaded data sets: your own raw files on the server. */

import type { ArtifactInput, ArtifactRef } from "../specs/common.js";
import type { ArtifactFile } from "./artifacts.js";
import type { CallOptions } from "./options.js";

/** Uploads raw files and manages them. Access it as `client.datasets`. */
export interface DatasetsApi {
  /**
   * Uploads a file, or all files below a folder. Hidden files and symbolic links below the folder are left out.
   *
   * The id of a data set is computed from its content: files that the server already has are not sent again, and an
   * interrupted upload continues where it stopped, also from another process.
   *
   * @param path File or folder on this machine.
   * @param options `timeoutMs` limits the whole upload. The default is no limit.
   * @throws InvalidArgumentError if the path does not exist or cannot be read.
   * @throws IntegrityError if a file changes during the upload.
   *
   * @example
   * const upload = await client.datasets.upload("./my-clicks");
   * await client.preprocess({ source: { upload, format: "delimited" } }).wait();
   */
  upload(path: string, options?: UploadOptions): Promise<DatasetRef>;
  /** Lists uploaded data sets, newest first, and fetches page after page. `timeoutMs` limits each page. */
  list(options?: CallOptions): AsyncIterable<DatasetRef>;
  /** @throws NotFoundError if the server has no data set with this id. */
  get(dataset: ArtifactInput<"source">, options?: CallOptions): Promise<DatasetRef>;
  /**
   * Deletes the raw files. Data sets that were prepared from them stay.
   *
   * @throws ConflictError while a run reads the files.
   */
  delete(dataset: ArtifactInput<"source">, options?: CallOptions): Promise<void>;
}

/** An uploaded data set. Pass it as `source.upload` of a {@link PreprocessSpec}. */
export interface DatasetRef extends ArtifactRef<"source"> {
  /** Name that the first upload of this content gave. */
  readonly name: string;
  readonly files: readonly ArtifactFile[];
  readonly createTime: Date;
}

/** Options of {@link DatasetsApi.upload}. */
export interface UploadOptions extends CallOptions {
  /** Name to show in lists, at most 128 characters. It does not change the id. The default is the file's or folder's. */
  name?: string | undefined;
  /** Called after each chunk of bytes. */
  onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Called once if files below the folder are left out. */
  onSkipped?: ((skipped: SkippedFiles) => void) | undefined;
}

/**
 * Progress of an upload. The client first hashes all files, then sends those that the server lacks. `done` and
 * `total` are bytes, summed over all files.
 */
export interface UploadProgress {
  readonly phase: "hash" | "send";
  /** Relative path of the file. */
  readonly file: string;
  readonly done: number;
  readonly total: number;
}

/** Numbers of entries below a folder that an upload leaves out. */
export interface SkippedFiles {
  /** Files and folders whose names begin with a dot. */
  readonly hidden: number;
  readonly symlinks: number;
  /** Sockets, pipes and devices. */
  readonly special: number;
}

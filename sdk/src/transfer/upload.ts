/**
 * Uploads files. The client first announces the paths, sizes and hashes of all files. The server answers with the number
 * of bytes that it already has of each file, and the client sends the rest, file after file. After an interruption it
 * announces the files again and continues.
 */

import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { UploadOptions } from "../api/datasets.js";
import { IncompatibleServerError, LghrecError, TimeoutError } from "../errors.js";
import {
  type BeginUploadResponse,
  DatasetService,
  type UploadFileRequestSchema,
} from "../gen/lghrec/v1/dataset_pb.js";
import { LinkedAbort, sleep } from "../rpc/abort.js";
import { backoffMs, isRetryable } from "../rpc/interceptors/retry.js";
import type { Rpc } from "../rpc/rpc.js";
import { positive } from "../rpc/settings.js";
import { retryAfterMs } from "../rpc/wire-errors.js";
import { changedFile, hashFile, type LocalFile, listFiles } from "./local-files.js";

/** Limit of the contract. */
const CHUNK_BYTES = 256 * 1024;

/** Uploads a file or a folder and returns the id of the data set. See `DatasetsApi.upload`. */
export async function upload(rpc: Rpc, path: string, options: UploadOptions): Promise<string> {
  const linked = new LinkedAbort(options.signal);
  const { timeoutMs } = options;
  if (timeoutMs !== undefined) {
    const message = `${path} was not uploaded within ${timeoutMs} ms; call again to continue`;
    linked.after(positive("timeoutMs", timeoutMs), () => new TimeoutError(message, { timeoutMs }));
  }
  try {
    linked.signal.throwIfAborted();
    const { name, files, skipped } = await listFiles(path);
    if (skipped.hidden + skipped.symlinks + skipped.special > 0) {
      rpc.settings.logger.warn?.("files are left out of the upload", { path, ...skipped });
      options.onSkipped?.(skipped);
    }
    const hashed = await hashAll(files, linked.signal, options.onProgress);
    const sending = { ...options, name: options.name ?? name.slice(0, 128), signal: linked.signal };
    return await new Upload(rpc, hashed, sending).run();
  } finally {
    linked.dispose();
  }
}

type HashedFile = LocalFile & { readonly sha256: string };

async function hashAll(
  files: readonly LocalFile[],
  signal: AbortSignal,
  onProgress: UploadOptions["onProgress"],
): Promise<HashedFile[]> {
  const total = sizeOf(files);
  const hashed: HashedFile[] = [];
  let before = 0;
  for (const file of files) {
    const start = before;
    const sha256 = await hashFile(file, signal, (done) =>
      onProgress?.({ phase: "hash", file: file.path, done: start + done, total }),
    );
    hashed.push({ ...file, sha256 });
    before += file.sizeBytes;
  }
  return hashed;
}

interface SendOptions {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly headers?: UploadOptions["headers"];
  readonly onProgress?: UploadOptions["onProgress"];
}

/** The upload of files whose hashes are known. */
class Upload {
  readonly #rpc: Rpc;
  readonly #files: ReadonlyMap<string, HashedFile>;
  readonly #options: SendOptions;
  readonly #total: number;
  #datasetId = "";
  /** Number of bytes that the server has confirmed. */
  #received = 0;
  /** The error of this side. A transport would wrap it in an error of its own. */
  #localError: unknown;

  constructor(rpc: Rpc, files: readonly HashedFile[], options: SendOptions) {
    this.#rpc = rpc;
    this.#files = new Map(files.map((file) => [file.path, file]));
    this.#options = options;
    this.#total = sizeOf(files);
  }

  /** Sends everything. Reconnects after errors, and gives up only after several attempts without new bytes. */
  async run(): Promise<string> {
    const { retry, logger } = this.#rpc.settings;
    const { signal } = this.#options;
    let [failures, before] = [0, 0];
    for (;;) {
      const begun = await this.#begin();
      this.#noteProgress(begun);
      if (this.#received > before) failures = 0;
      before = this.#received;
      if (begun.complete) return begun.datasetId;
      try {
        if (await this.#sendAll(begun)) return begun.datasetId;
        throw new IncompatibleServerError(
          "the server has received every file, but has not completed the data set",
        );
      } catch (error) {
        signal.throwIfAborted();
        failures++;
        if (!LghrecError.is(error) || !isRetryable(error) || failures >= retry.maxAttempts) throw error;
        const waitMs = retryAfterMs(error) ?? backoffMs(failures, retry);
        logger.warn?.("resuming the upload", { dataset: begun.datasetId, waitMs, error: error.message });
        await sleep(waitMs, signal);
      }
    }
  }

  #begin(): Promise<BeginUploadResponse> {
    const { name, signal, headers } = this.#options;
    const files = [...this.#files.values()].map(({ path, sizeBytes, sha256 }) => ({
      path,
      sizeBytes: BigInt(sizeBytes),
      sha256,
    }));
    return this.#rpc.unary(DatasetService.method.beginUpload, { name, files }, { signal, headers });
  }

  #noteProgress({ datasetId, pending }: BeginUploadResponse): void {
    this.#datasetId = datasetId;
    this.#received = this.#total;
    for (const { path, receivedBytes } of pending) {
      this.#received -= this.#find(path).sizeBytes - Number(receivedBytes);
    }
  }

  /** Sends all pending files. Returns true if the server has completed the data set. */
  async #sendAll({ pending }: BeginUploadResponse): Promise<boolean> {
    let complete = false;
    for (const { path, receivedBytes } of pending) {
      complete = await this.#send(this.#find(path), Number(receivedBytes));
    }
    return complete;
  }

  async #send(file: HashedFile, offset: number): Promise<boolean> {
    const { signal, headers } = this.#options;
    const handle = await open(file.source).catch(() => {
      throw changedFile(file);
    });
    try {
      const messages = this.#messages(handle, file, offset);
      const response = await this.#rpc.clientStream(DatasetService.method.uploadFile, messages, {
        signal,
        headers,
      });
      if (Number(response.receivedBytes) !== file.sizeBytes) {
        const got = `got ${response.receivedBytes}, expected ${file.sizeBytes}`;
        throw new IncompatibleServerError(`the server has a wrong number of bytes of ${file.path}, ${got}`);
      }
      this.#received += file.sizeBytes - offset;
      return response.complete;
    } catch (error) {
      throw this.#localError ?? error;
    } finally {
      await handle.close();
    }
  }

  async *#messages(
    handle: FileHandle,
    file: HashedFile,
    start: number,
  ): AsyncGenerator<MessageInitShape<typeof UploadFileRequestSchema>> {
    const before = this.#received - start;
    const header = { datasetId: this.#datasetId, path: file.path, offset: BigInt(start) };
    yield { message: { case: "header", value: header } };
    for (let offset = start; offset < file.sizeBytes; ) {
      const data = await this.#keepingError(() => readChunk(handle, file, offset));
      yield { message: { case: "chunk", value: { offset: BigInt(offset), data, crc32: crc32(data) } } };
      offset += data.length;
      const progress = { phase: "send", file: file.path, done: before + offset, total: this.#total } as const;
      await this.#keepingError(() => this.#options.onProgress?.(progress));
    }
  }

  /** Runs a step of the sender and keeps the error that it throws. */
  async #keepingError<T>(step: () => T | Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      this.#localError = error;
      throw error;
    }
  }

  #find(path: string): HashedFile {
    const file = this.#files.get(path);
    if (file !== undefined) return file;
    throw new IncompatibleServerError(`the server requests a file that was not announced: ${path}`);
  }
}

async function readChunk(
  handle: FileHandle,
  file: LocalFile,
  offset: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(Math.min(CHUNK_BYTES, file.sizeBytes - offset));
  const { bytesRead } = await handle.read(data, 0, data.length, offset);
  if (bytesRead === 0) throw changedFile(file);
  return data.subarray(0, bytesRead);
}

function sizeOf(files: readonly LocalFile[]): number {
  return files.reduce((sum, file) => sum + file.sizeBytes, 0);
}

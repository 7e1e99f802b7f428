/**
 * Uploads files: what they are is announced first, then the bytes that the server lacks are sent, file after file.
 * After a cut the server says how much of each file it has, and the sending goes on from there.
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
import { changed, hashFile, type LocalFile, listFiles } from "./local-files.js";

/** The contract's own limit. */
const CHUNK_BYTES = 256 * 1024;

/** Returns the id of the data set; see `DatasetsApi.upload`. */
export async function upload(rpc: Rpc, path: string, options: UploadOptions): Promise<string> {
  const linked = new LinkedAbort(options.signal);
  const { timeoutMs } = options;
  if (timeoutMs !== undefined) {
    const message = `${path} was not uploaded within ${timeoutMs} ms; call again to go on`;
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

interface Sending {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly headers?: UploadOptions["headers"];
  readonly onProgress?: UploadOptions["onProgress"];
}

class Upload {
  readonly #rpc: Rpc;
  readonly #files: ReadonlyMap<string, HashedFile>;
  readonly #options: Sending;
  readonly #total: number;
  #datasetId = "";
  /** Bytes that the server has, as far as it has said so. */
  #received = 0;
  /** What went wrong here; a transport would pass it on as an error of its own. */
  #fault: unknown;

  constructor(rpc: Rpc, files: readonly HashedFile[], options: Sending) {
    this.#rpc = rpc;
    this.#files = new Map(files.map((file) => [file.path, file]));
    this.#options = options;
    this.#total = sizeOf(files);
  }

  /** A connection that breaks is opened again, as long as bytes go on arriving. */
  async run(): Promise<string> {
    const { retry, logger } = this.#rpc.settings;
    const { signal } = this.#options;
    let [failures, before] = [0, 0];
    for (;;) {
      const begun = await this.#begin();
      this.#learn(begun);
      if (this.#received > before) failures = 0;
      before = this.#received;
      if (begun.complete) return begun.datasetId;
      try {
        if (await this.#sendAll(begun)) return begun.datasetId;
        throw new IncompatibleServerError("the server has every file, but not the data set");
      } catch (error) {
        signal.throwIfAborted();
        failures++;
        if (!LghrecError.is(error) || !isRetryable(error) || failures >= retry.maxAttempts) throw error;
        const waitMs = retryAfterMs(error) ?? backoffMs(failures, retry);
        logger.warn?.("uploading on", { dataset: begun.datasetId, waitMs, error: error.message });
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

  #learn({ datasetId, pending }: BeginUploadResponse): void {
    this.#datasetId = datasetId;
    this.#received = this.#total;
    for (const { path, receivedBytes } of pending) {
      this.#received -= this.#find(path).sizeBytes - Number(receivedBytes);
    }
  }

  /** True if the data set is complete then. */
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
      throw changed(file);
    });
    try {
      const messages = this.#messages(handle, file, offset);
      const answer = await this.#rpc.clientStream(DatasetService.method.uploadFile, messages, {
        signal,
        headers,
      });
      if (Number(answer.receivedBytes) !== file.sizeBytes) {
        const got = `got ${answer.receivedBytes}, expected ${file.sizeBytes}`;
        throw new IncompatibleServerError(`the server has another number of bytes of ${file.path}, ${got}`);
      }
      this.#received += file.sizeBytes - offset;
      return answer.complete;
    } catch (error) {
      throw this.#fault ?? error;
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
      const data = await this.#noting(() => readChunk(handle, file, offset));
      yield { message: { case: "chunk", value: { offset: BigInt(offset), data, crc32: crc32(data) } } };
      offset += data.length;
      const progress = { phase: "send", file: file.path, done: before + offset, total: this.#total } as const;
      await this.#noting(() => this.#options.onProgress?.(progress));
    }
  }

  async #noting<T>(step: () => T | Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      this.#fault = error;
      throw error;
    }
  }

  #find(path: string): HashedFile {
    const file = this.#files.get(path);
    if (file !== undefined) return file;
    throw new IncompatibleServerError(`the server asks for a file that was not announced: ${path}`);
  }
}

async function readChunk(
  handle: FileHandle,
  file: LocalFile,
  offset: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(Math.min(CHUNK_BYTES, file.sizeBytes - offset));
  const { bytesRead } = await handle.read(data, 0, data.length, offset);
  if (bytesRead === 0) throw changed(file);
  return data.subarray(0, bytesRead);
}

function sizeOf(files: readonly LocalFile[]): number {
  return files.reduce((sum, file) => sum + file.sizeBytes, 0);
}
